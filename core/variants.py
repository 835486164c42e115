"""The same network wrongly used, to see what is its own doing: random weights, wrong preprocessing."""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.backbone import Backbone

WEIGHTS = ("trained", "random")
PHOTOS = ("right", "bgr", "raw")


class SwapColours(nn.Module):
    """Red for blue, as when OpenCV's BGR is taken for RGB."""

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) -> the same with its channels in the opposite order."""
        return images.flip(1)


def variant(backbone: Backbone, *, weights: str = "trained", photo: str = "right", seed: int = 0) -> Backbone:
    """A network of its own that shares what it can with `backbone`, which is not changed.

    Args:
        weights: one of `WEIGHTS`; `random` draws all before the head anew, as training begins.
        photo: one of `PHOTOS`; `bgr` swaps red and blue, `raw` leaves out the normalisation.
        seed: of the random weights.

    Raises:
        ValueError: when there is no such variant.
    """
    if weights not in WEIGHTS or photo not in PHOTOS:
        raise ValueError(f"expected one of {WEIGHTS} and one of {PHOTOS}; got {weights}, {photo}")
    layers = OrderedDict(backbone.model.named_children())
    if weights == "random":
        layers = _drawn_anew(layers, backbone.feature_layer, seed)
    if photo == "bgr":
        layers["normalise"] = nn.Sequential(SwapColours(), layers["normalise"])
    elif photo == "raw":
        layers["normalise"] = nn.Identity()
    return replace(backbone, model=nn.Sequential(layers).eval())


def _drawn_anew(layers: OrderedDict[str, nn.Module], last: str, seed: int) -> OrderedDict[str, nn.Module]:
    """Copies of the layers up to `last`, as before training (He et al. 2015, arXiv:1502.01852, eq. 10)."""
    generator = torch.Generator().manual_seed(seed)
    fresh, before_head = OrderedDict[str, nn.Module](), True
    for name, layer in layers.items():
        fresh[name] = copy.deepcopy(layer) if before_head else layer
        if before_head:
            for part in fresh[name].modules():
                _draw(part, generator)
        before_head = before_head and name != last
    return fresh


def _draw(part: nn.Module, generator: torch.Generator) -> None:
    if isinstance(part, nn.Conv2d | nn.Linear):
        drawn = torch.empty(part.weight.shape)
        nn.init.kaiming_normal_(drawn, nonlinearity="relu", generator=generator)
        part.weight.copy_(drawn)
        if part.bias is not None:
            part.bias.zero_()
    elif isinstance(part, nn.BatchNorm2d):
        part.reset_running_stats()
        part.weight.fill_(1.0)
        part.bias.zero_()
