"""Two networks learn the same digits: a small convolutional one, and a perceptron, one weight for each pixel.

The convolutional network is the start of a pyramid: a layer of large filters that one can look at, two layers
of 3 x 3, pooling between them, and at the end the largest answer of every channel wherever it was. The
perceptron (Rosenblatt 1958, here with ten outputs and a softmax) does not know which pixels are neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.backbone import default_device
from core.digits import CLASSES, SIDE, Digits, shifted

CHECK_EVERY = 8  # steps between two looks at held-out digits
CHECKED = 200  # held-out digits looked at while learning; all of them at the end
BLOCK = 250  # digits in one forward pass
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))  # right and down


@dataclass(frozen=True, kw_only=True)
class TrainDigitsSettings:
    """How both networks are trained."""

    filters: int = 12  # in the first layer
    passes: int = 4  # over all digits
    rate: float = 0.01  # of AdamW at its peak; it rises from a little and falls to nothing
    decay: float = (
        3.0  # weight decay of the first layer: what the digits do not ask for fades, and noise with it
    )
    batch: int = 50  # digits in one step
    seed: int = 0

    FILTERS_RANGE: ClassVar[tuple[int, int]] = (8, 16)  # of the page's sliders
    PASSES_RANGE: ClassVar[tuple[int, int]] = (1, 10)
    RATE_RANGE: ClassVar[tuple[float, float]] = (0.001, 0.05)
    DECAY_RANGE: ClassVar[tuple[float, float]] = (0.0, 6.0)
    SEED_RANGE: ClassVar[tuple[int, int]] = (0, 99)

    def __post_init__(self) -> None:
        if not (
            self.filters >= 1 and self.passes >= 1 and self.rate > 0 and self.decay >= 0 and self.batch >= 1
        ):
            raise ValueError(f"expected filters, passes, batch >= 1, rate > 0 and decay >= 0; got {self}")


class ConvolutionalNetwork(nn.Module):
    """(N, 1, 28, 28) in [0, 1] to (N, 10) logits; at the end each channel's largest answer counts."""

    FILTER_SIDE: ClassVar[int] = 7
    CHANNELS: ClassVar[tuple[int, int]] = (32, 64)

    def __init__(self, filters: int) -> None:
        super().__init__()
        middle, last = self.CHANNELS
        self.conv1 = nn.Conv2d(1, filters, self.FILTER_SIDE, padding=self.FILTER_SIDE // 2)
        self.conv2 = nn.Conv2d(filters, middle, 3, padding=1)
        self.conv3 = nn.Conv2d(middle, last, 3, padding=1)
        self.linear = nn.Linear(last, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """The logits of `images`."""
        once = functional.max_pool2d(functional.relu(self.conv1(images)), 2)
        twice = functional.max_pool2d(functional.relu(self.conv2(once)), 2)
        strongest = functional.relu(self.conv3(twice)).amax((2, 3))
        logits: Tensor = self.linear(strongest)
        return logits


class Perceptron(nn.Module):
    """(N, 1, 28, 28) in [0, 1] to (N, 10) logits, by one weight for every pixel and class."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(SIDE * SIDE, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """The logits of `images`."""
        logits: Tensor = self.linear(images.flatten(1))
        return logits


@dataclass(frozen=True, kw_only=True, eq=False)
class DigitNetworks:
    """The two networks that are compared."""

    network: ConvolutionalNetwork
    perceptron: Perceptron

    @property
    def device(self) -> torch.device:
        """Where both are."""
        return self.perceptron.linear.weight.device

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """A copy of all weights and biases by name, such as `network.conv1.weight` (F, 1, 7, 7)."""
        return {
            f"{kind}.{name}": weight.detach().float().cpu().numpy().copy()
            for kind, model in (("network", self.network), ("perceptron", self.perceptron))
            for name, weight in model.state_dict().items()
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainDigitsStep:
    """Where training stands.

    Attributes:
        step: steps done so far, from 0; of `steps`.
        filters: (F, 7, 7) float32, the first layer of the convolutional network.
        accuracy: shares in [0, 1] of held-out digits that the network and the perceptron get right, as last
            measured on `checked` digits.
    """

    step: int
    steps: int
    filters: NDArray[np.float32]
    accuracy: tuple[float, float]
    checked: int


@dataclass(frozen=True, kw_only=True)
class ShiftAccuracy:
    """Shares in [0, 1] that are right when digits are moved by `shift` pixels, over four directions."""

    shift: int
    accuracy: tuple[float, float]  # of the network and of the perceptron


def new_digit_networks(
    settings: TrainDigitsSettings, device: torch.device | str | None = None
) -> DigitNetworks:
    """Both networks with random weights that depend on the seed alone (He et al. 2015, arXiv:1502.01852)."""
    generator = torch.Generator().manual_seed(settings.seed)
    network, perceptron = ConvolutionalNetwork(settings.filters), Perceptron()
    for layer in (*network.children(), *perceptron.children()):
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
    place = default_device() if device is None else device
    return DigitNetworks(network=network.to(place), perceptron=perceptron.to(place))


def train_digits(
    networks: DigitNetworks, learnt: Digits, held_out: Digits, settings: TrainDigitsSettings | None = None
) -> TrainDigitsStep:
    """The last step of `train_digits_steps`."""
    *_, last = train_digits_steps(networks, learnt, held_out, settings)
    return last


def train_digits_steps(
    networks: DigitNetworks, learnt: Digits, held_out: Digits, settings: TrainDigitsSettings | None = None
) -> Iterator[TrainDigitsStep]:
    """Train both networks in place, each on the same batches.

    The optimiser is AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with one cycle of the rate
    (Smith and Topin 2019, arXiv:1708.07120).

    Yields:
        The start, and then one step after another; the last one is measured on all held-out digits.
    """
    settings = settings or TrainDigitsSettings()
    images, labels = (
        _tensor(learnt.images, networks.device),
        torch.from_numpy(learnt.labels).to(networks.device),
    )
    size = min(settings.batch, len(labels))
    in_pass = len(labels) // size
    steps = settings.passes * in_pass
    generator = torch.Generator().manual_seed(settings.seed)
    few = held_out.some(CHECKED)
    accuracy, checked = accuracies(networks, few), len(few.labels)
    order = torch.arange(len(labels))
    for step in range(steps + 1):
        if step == steps:
            accuracy, checked = accuracies(networks, held_out), len(held_out.labels)
        elif step % CHECK_EVERY == 0:
            accuracy = accuracies(networks, few)
        yield TrainDigitsStep(
            step=step,
            steps=steps,
            filters=networks.network.conv1.weight.detach()[:, 0].float().cpu().numpy().copy(),
            accuracy=accuracy,
            checked=checked,
        )
        if step == steps:
            return
        if step == 0:  # after the start was shown: torch takes a second to get its optimisers ready
            optimizer, schedule = _optimizer(networks, settings, steps)
        if step % in_pass == 0:
            order = torch.randperm(len(labels), generator=generator)
        batch = order[step % in_pass * size :][:size].to(networks.device)
        _descend(networks, images[batch], labels[batch], optimizer)
        schedule.step()


def shift_accuracy_steps(
    networks: DigitNetworks, held_out: Digits, shifts: Sequence[int]
) -> Iterator[ShiftAccuracy]:
    """How often both are right on `held_out` moved by each of `shifts` pixels, right, left, down and up."""
    for shift in shifts:
        directions = DIRECTIONS if shift else DIRECTIONS[:1]
        moved = [shifted(held_out.images, shift * right, shift * down) for right, down in directions]
        labels = np.tile(held_out.labels, len(moved))
        yield ShiftAccuracy(
            shift=shift,
            accuracy=accuracies(networks, Digits(images=np.concatenate(moved), labels=labels)),
        )


def accuracies(networks: DigitNetworks, digits: Digits) -> tuple[float, float]:
    """The shares in [0, 1] of `digits` that the network and the perceptron get right."""
    network, perceptron = (
        float((logits.argmax(1) == digits.labels).mean()) for logits in logits_of(networks, digits.images)
    )
    return network, perceptron


def logits_of(
    networks: DigitNetworks, images: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(N, 10) of the network and of the perceptron for images (N, 28, 28)."""
    with torch.inference_mode():
        blocks = torch.split(_tensor(images, networks.device), BLOCK)
        network, perceptron = (
            torch.cat([model(block) for block in blocks]).float().cpu().numpy()
            for model in (networks.network, networks.perceptron)
        )
    return network, perceptron


def _descend(
    networks: DigitNetworks, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer
) -> None:
    """One step of both; the sum of their losses has the gradients of each."""
    with torch.enable_grad():
        optimizer.zero_grad()
        losses = [
            functional.cross_entropy(m(images), labels) for m in (networks.network, networks.perceptron)
        ]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _optimizer(
    networks: DigitNetworks, settings: TrainDigitsSettings, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    first = networks.network.conv1.weight
    models = (networks.network, networks.perceptron)
    others = [weight for model in models for weight in model.parameters() if weight is not first]
    optimizer = torch.optim.AdamW(
        [{"params": [first], "weight_decay": settings.decay}, {"params": others, "weight_decay": 0.01}],
        lr=settings.rate,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.rate, total_steps=steps + 1)
    return optimizer, schedule


def _tensor(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """(N, 28, 28) bytes as (N, 1, 28, 28) float32 in [0, 1]."""
    return torch.from_numpy(images).to(device).unsqueeze(1).float() / 255
