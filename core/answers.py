"""What a network says of a photo, why (Grad-CAM), and what it says with some channels switched off."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from core.activations import capture, capture_steps, require_layers, run_rest, silence
from core.backbone import Backbone
from core.errors import WeightsError

Switches = Mapping[str, Collection[int]]  # the channels that are off, by layer


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One class and how likely the network finds it."""

    index: int
    name: str
    probability: float  # in [0, 1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reasons:
    """Where and through which channels a layer speaks for a class."""

    map: Tensor  # (H, W) in [0, 1], 1 at the place that speaks most
    shares: Tensor  # (C,): gradient times activation, summed over space, in logits; negative speaks against


def answers(
    backbone: Backbone,
    images: Tensor,
    off: Switches | None = None,
    known: Mapping[str, Tensor] | None = None,
) -> tuple[Answer, ...]:
    """Every class, the likeliest first, for one image with some channels switched off.

    Args:
        images: (1, 3, H, W) in [0, 1].
        off: channels to put to zero, by layer.
        known: what `capture` gave for these images before; with the first layer of `off` in it, only the
            layers after that one are run.

    Raises:
        ValueError: when the images are not of that form, or there is no such layer or channel.
        WeightsError: when the network has no head on this machine.
    """
    return _ranked(backbone, logits_without(backbone, images, off or {}, known or {}))


def one_pass(backbone: Backbone, images: Tensor, layer: str) -> tuple[Tensor, tuple[Answer, ...]]:
    """A layer's maps (1, C, H, W) and every class, the likeliest first, from a single pass.

    For live pictures: as fast as the device can, so the last digits differ from `answers`. No classes come
    without a head.

    Args:
        images: (1, 3, H, W) in [0, 1].
        layer: not after `backbone.feature_layer`.

    Raises:
        ValueError: when the images are not of that form, or there is no such layer before the head.
    """
    last = backbone.feature_layer
    found = dict(capture_steps(backbone, images, [layer, last], exact=False))
    if next(reversed(found)) != last:
        raise ValueError(f"{layer} comes after {last}, the last layer before the head")
    if not backbone.has_head:
        return found[layer], ()
    with torch.no_grad():
        return found[layer], _ranked(backbone, run_rest(backbone, found[last], last))


def _ranked(backbone: Backbone, logits: Tensor) -> tuple[Answer, ...]:
    probabilities = logits[0].softmax(0)
    order = probabilities.argsort(descending=True).tolist()
    return tuple(
        Answer(index=index, name=backbone.classes[index], probability=float(probabilities[index]))
        for index in order
    )


@torch.no_grad()
def logits_without(
    backbone: Backbone, images: Tensor, off: Switches, known: Mapping[str, Tensor] | None = None
) -> Tensor:
    """The logits (N, classes) in float32 with some channels at zero; the shared network is not touched.

    Raises:
        ValueError, WeightsError: as `answers`.
    """
    require_layers(backbone, off)
    silent = [layer for layer in backbone.layers if off.get(layer)]
    if not silent:
        return backbone.logits(images)
    _require_head(backbone)
    activation = silence(_output(backbone, images, silent[0], known or {}), off[silent[0]])
    for before, layer in pairwise(silent):
        activation = silence(run_rest(backbone, activation, before, until=layer), off[layer])
    return run_rest(backbone, activation, silent[-1])


def grad_cam(
    backbone: Backbone,
    images: Tensor,
    layer: str,
    class_index: int,
    known: Mapping[str, Tensor] | None = None,
) -> Reasons:
    """Grad-CAM: where a layer speaks for a class (Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2).

    Args:
        images: (1, 3, H, W) in [0, 1].
        layer: one whose output is (N, C, H, W).
        known: as in `answers`.
        class_index: an index into `backbone.classes`.

    Raises:
        ValueError: when there is no such class or layer, or the layer's output has no height and width.
        WeightsError: when the network has no head on this machine.
    """
    _require_head(backbone)
    if not 0 <= class_index < len(backbone.classes):
        raise ValueError(f"expected a class from 0 to {len(backbone.classes) - 1}, got {class_index}")
    activation = _output(backbone, images, layer, known or {}).clone()
    if activation.ndim != 4:
        raise ValueError(f"{layer} gives {tuple(activation.shape)}, not (N, C, H, W)")
    with torch.enable_grad():
        activation.requires_grad_()
        logit = run_rest(backbone, activation, layer)[0, class_index]
        (gradient,) = torch.autograd.grad(logit, activation)
    activation = activation.detach()
    weighted = gradient.mean((2, 3), keepdim=True) * activation
    seen = weighted.sum(1)[0].clamp_min(0)
    return Reasons(map=seen / seen.max().clamp_min(1e-12), shares=(gradient * activation)[0].sum((1, 2)))


def _output(backbone: Backbone, images: Tensor, layer: str, known: Mapping[str, Tensor]) -> Tensor:
    return known[layer] if layer in known else capture(backbone, images, [layer])[layer]


def _require_head(backbone: Backbone) -> None:
    if not backbone.has_head:
        raise WeightsError("weights.no_head", network=backbone.info.title)
