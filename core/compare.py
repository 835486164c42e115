"""How differently a network answers to two photos, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.activations import capture_steps
from core.backbone import Backbone

CHANGES = ("moved", "mirrored")
SHIFT = 16  # pixels to the right; what leaves there comes in on the left


@dataclass(frozen=True, kw_only=True)
class LayerDifference:
    """How far two photos are apart in one layer: 0 the same, 1 nothing in common."""

    layer: str
    by_place: float  # channel by channel and place by place: content and position
    by_channel: float  # each channel averaged over the photo first: content, wherever it is


def difference_steps(
    backbone: Backbone, first: Tensor, second: Tensor, layers: Iterable[str]
) -> Iterator[LayerDifference]:
    """Compare two photos in some layers, in the order of the network, as `relative_distance` does.

    Every layer counts with its positive answers, which are what the next layer is given after a ReLU.

    Args:
        first, second: (1, 3, H, W) in [0, 1], of one size.
        layers: names out of `backbone.layers`.

    Raises:
        ValueError: when the images are not of that form or the network has no such layer.
    """
    for layer, both in capture_steps(backbone, torch.cat([first, second]), layers):
        maps = both.clamp_min(0)
        content = maps.flatten(2).mean(2) if maps.ndim > 2 else maps
        yield LayerDifference(
            layer=layer, by_place=relative_distance(maps), by_channel=relative_distance(content)
        )


def changed(images: Tensor, change: str) -> Tensor:
    """The same photos (N, 3, H, W) moved to the right, or mirrored left to right.

    Raises:
        ValueError: when there is no such change.
    """
    if change not in CHANGES:
        raise ValueError(f"expected one of {CHANGES}, got {change!r}")
    return images.roll(SHIFT, 3) if change == "moved" else images.flip(3)


def relative_distance(both: Tensor) -> float:
    """|a - b| / sqrt(|a|^2 + |b|^2) of the two halves of (2, ...), with Euclidean norms.

    In [0, 1] where no value is negative: 0 for a = b, 1 where they share nothing (a · b = 0), or one is zero.
    """
    first, second = both.cpu().double().flatten(1)  # on the processor: Apple's GPUs have no float64
    size = (first.square().sum() + second.square().sum()).sqrt()
    return float((first - second).norm() / size) if size > 0 else 0.0
