"""What a network's layers answer to an image, run by hand: a shared network gets no hooks and no changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext

import torch
from torch import Tensor

from core.backbone import Backbone
from core.images import require_images
from core.layer_table import Layer, layer_table

__all__ = ["Layer", "capture", "capture_steps", "layer_table", "run_rest", "silence"]


def capture(backbone: Backbone, images: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """The outputs of some layers, in float32, in the order of the network. Layers after the last are not run.

    Args:
        images: (N, 3, H, W) in [0, 1], on the backbone's device.
        layers: names out of `backbone.layers`.

    Returns:
        Each layer's output, (N, C, H, W) or (N, C) once flattened, without gradient.

    Raises:
        ValueError: when the images are not of that form or the network has no such layer.
    """
    return dict(capture_steps(backbone, images, layers))


def capture_steps(
    backbone: Backbone, images: Tensor, layers: Iterable[str], *, exact: bool = True
) -> Iterator[tuple[str, Tensor]]:
    """As `capture`, giving each layer's name and output as soon as it is there.

    Args:
        exact: float32 throughout; else as fast as the device can, for pictures on the screen.

    Raises:
        ValueError: as `capture`.
    """
    require_images(images)
    asked = require_layers(backbone, layers)
    activation = images.contiguous(memory_format=torch.channels_last)
    for name, layer in backbone.model.named_children():
        if not asked:
            return
        with torch.no_grad(), nullcontext() if exact else backbone.forward_precision():
            activation = layer(activation)
        if name in asked:
            asked.discard(name)
            kept = activation.float()
            # The next layer may write over its input (ReLU in place), and the caller over what it got
            activation = activation.clone() if asked and kept is activation else activation
            yield name, kept


def run_rest(backbone: Backbone, activation: Tensor, layer: str, until: str | None = None) -> Tensor:
    """What the network makes of `activation` as the output of `layer`, with gradient.

    Args:
        activation: (N, C, H, W), as `capture` gives it for `layer`; it is not changed.
        until: the last layer to run; by default to the end, which gives the logits.

    Raises:
        ValueError: when the network has no such layer.
    """
    names = list(backbone.layers)
    require_layers(backbone, [layer] if until is None else [layer, until])
    end = None if until is None else names.index(until) + 1
    answer = activation.clone()
    for name in names[names.index(layer) + 1 : end]:
        answer = backbone.model.get_submodule(name)(answer)
    return answer


def silence(activation: Tensor, channels: Iterable[int]) -> Tensor:
    """The same activation with some channels at zero everywhere.

    Args:
        activation: (N, C, ...).
        channels: indices in [0, C).

    Raises:
        ValueError: when there is no such channel.
    """
    chosen = sorted(set(channels))
    count = activation.shape[1]
    if chosen and not (chosen[0] >= 0 and chosen[-1] < count):
        raise ValueError(f"expected channels from 0 to {count - 1}, got {chosen[0]} to {chosen[-1]}")
    silenced = activation.clone()
    silenced[:, chosen] = 0
    return silenced


def require_layers(backbone: Backbone, layers: Iterable[str]) -> set[str]:
    """The names as a set.

    Raises:
        ValueError: when the network has no such layer; the message lists those it has.
    """
    asked = set(layers)
    unknown = sorted(asked - set(backbone.layers))
    if unknown:
        raise ValueError(
            f"{backbone.name} has no layer {', '.join(unknown)}; there are {', '.join(backbone.layers)}"
        )
    return asked
