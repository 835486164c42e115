"""What one channel wants: an image changed step by step until the channel answers as strongly as it can."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.activations import require_layers
from core.backbone import Backbone
from core.errors import TrainingError
from core.featurevis.drawing import pace
from core.featurevis.parametrization import FourierImage
from core.featurevis.transforms import Crop, Jitter, RandomView, Rotate
from core.images import Pixels, to_uint8
from core.layer_table import Layer

SILENT_SLOPE = 0.05  # share that a negative answer counts for: a channel silent everywhere still finds a way


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """How the image is made. Every field has been tried on VGG-16 from the first layer to the last."""

    size: int = 128  # pixels, both sides
    steps: int = 40  # of the optimiser, one pass through the layers each
    rate: float = 0.22  # of Adam, in units of the waves
    decay: float = 1.2  # waves count as 1 / frequency ** decay
    jitter: float = 0.06  # of the side, either way
    rotation: float = 8.0  # degrees, either way
    nearest: float = 0.85  # share of the side that the closest view sees
    seed: int = 0

    SIZES: ClassVar[tuple[int, int]] = (64, 128)  # smallest and largest that `settings_for` gives

    def __post_init__(self) -> None:
        if not (self.size >= 32 and self.steps >= 1 and self.rate > 0 and 0 < self.nearest <= 1):
            raise ValueError(f"expected size >= 32, steps >= 1, rate > 0, nearest in (0, 1]; got {self}")

    def view(self) -> RandomView:
        """The views that the layers see."""
        moves = (Jitter(share=self.jitter), Rotate(degrees=self.rotation), Crop(low=self.nearest, high=1.0))
        return RandomView(moves=moves, sizes=(self.size,))


def settings_for(layer: Layer) -> ChannelSettings:
    """An image of about four receptive fields: a pattern of strokes is seen best from near."""
    low, high = ChannelSettings.SIZES
    return ChannelSettings(size=min(high, max(low, 32 * math.ceil(4 * layer.receptive_field / 32))))


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelStep:
    """Where the search stands after `step` of `steps` changes; step 0 is the start."""

    step: int
    steps: int
    image: Tensor  # (1, 3, size, size) in [0, 1]
    answer: (
        float  # the channel's highest value anywhere in what it saw; at the last step, in the image itself
    )


def channel_image_steps(
    backbone: Backbone, layer: str, channel: int, settings: ChannelSettings | None = None
) -> Iterator[ChannelStep]:
    """Draw what makes one channel answer (Olah, Mordvintsev and Schubert 2017, doi:10.23915/distill.00007).

    What is maximised is the mean over the channel's whole map (not its centre unit) of each answer times its
    size, so that a few strong answers count more than many weak ones, as in Mordvintsev, Olah and Tyka (2015,
    "Inceptionism"). Waves and decorrelated colours are free; the image is a torus, rolled, turned and scaled
    at random before each step, so it repeats without a seam. Layers after `layer` are not run.

    Args:
        backbone: left untouched.
        layer: one whose output is (N, C, H, W).
        channel: index in [0, C).

    Yields:
        The start and the state after every step.

    Raises:
        ValueError: when there is no such layer or channel, or the layer's output has no height and width.
        TrainingError: when the gradient is no longer a number.
    """
    settings = settings or ChannelSettings()
    require_layers(backbone, [layer])
    generator = torch.Generator().manual_seed(settings.seed)
    drawing = FourierImage(settings.size, generator, settings.decay).to(backbone.device)
    optimiser = torch.optim.Adam(drawing.parameters(), lr=settings.rate)
    view = settings.view()
    for step in range(settings.steps):
        with torch.enable_grad():
            image = drawing()
            seen = view(_rolled(image, generator), generator).clamp(0, 1)
            answers = _answers(backbone, seen, layer, channel)
            (gradient,) = torch.autograd.grad(-objective(answers), drawing.waves)
        if not gradient.isfinite().all():
            raise TrainingError("feature_maps.not_a_number")
        highest = float(answers.detach().max())
        yield ChannelStep(step=step, steps=settings.steps, image=image.detach(), answer=highest)
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * pace(step / settings.steps)
        # Random weights pass on so little that Adam would take it for nothing
        drawing.waves.grad = gradient / gradient.abs().max().clamp_min(1e-30)
        optimiser.step()
    with torch.no_grad():
        image = drawing()
        highest = float(_answers(backbone, image, layer, channel).max())
    yield ChannelStep(step=settings.steps, steps=settings.steps, image=image, answer=highest)


def channel_image(
    backbone: Backbone, layer: str, channel: int, settings: ChannelSettings | None = None
) -> Tensor:
    """The last image of `channel_image_steps`: (1, 3, size, size) in [0, 1]."""
    for step in channel_image_steps(backbone, layer, channel, settings):
        image = step.image
    return image


def objective(answers: Tensor) -> Tensor:
    """A scalar to maximise: the mean of each answer times its size, negative ones counting little."""
    return (nn.functional.leaky_relu(answers, SILENT_SLOPE) * answers.abs()).mean()


def _rolled(image: Tensor, generator: torch.Generator) -> Tensor:
    down, right = torch.randint(image.shape[-1], (2,), generator=generator).tolist()
    return image.roll((down, right), (2, 3))


def _answers(backbone: Backbone, images: Tensor, layer: str, channel: int) -> Tensor:
    """The channel's maps (N, H, W), with gradient; layers after it are not run."""
    activation = images.contiguous(memory_format=torch.channels_last)
    for name, module in backbone.model.named_children():
        activation = module(activation)
        if name == layer:
            break
    if activation.ndim != 4 or not 0 <= channel < activation.shape[1]:
        raise ValueError(f"{layer} gives {tuple(activation.shape)}, which has no map {channel}")
    return activation[:, channel]


def first_filter(backbone: Backbone, layer: str, channel: int) -> Pixels | None:
    """The filter of a channel that looks at the pixels themselves, in colour: (k, k, 3) uint8.

    What such a channel wants is its filter: of all patches of one size, the one that looks like it answers
    strongest. Grey (128) counts as nothing; the largest weight is 1 or 255.

    Returns:
        None for a layer that looks at other channels.

    Raises:
        ValueError: when there is no such layer or channel.
    """
    require_layers(backbone, [layer])
    module = backbone.model.get_submodule(layer)
    if layer != backbone.layers[0] or not isinstance(module, nn.Conv2d):
        return None
    if not 0 <= channel < module.out_channels:
        raise ValueError(f"expected a channel from 0 to {module.out_channels - 1}, got {channel}")
    weights: Tensor = module.weight[channel].detach()
    picture = 0.5 + 127 / 255 * weights / weights.abs().max().clamp_min(1e-12)
    pixels: Pixels = to_uint8(picture.unsqueeze(0))[0]
    return pixels
