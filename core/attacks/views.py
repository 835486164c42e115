"""What stands between a picture and the network while it is attacked: a resize, a defence, the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from core.attacks.soft_jpeg import soft_jpeg
from core.attacks.treatments import (
    SMOOTH,
    TREATMENTS,
    Smooth,
    Treat,
    blurred,
    fewer_levels,
    jpeg_file,
    resized,
    smooth_blurred,
    smooth_kept,
    smooth_resized,
    straight_through,
)
from core.backbone import Backbone

Draw = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True, kw_only=True)
class View:
    """One or more ways in which the network gets to see the images; the loss is the mean over them.

    With random ones that is expectation over transformation (Athalye et al. 2018, arXiv:1707.07397, eq. 1).
    """

    draws: tuple[Draw, ...]  # the first is the one whose answer is told

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Images (N, 3, H, W) in [0, 1] as (draws * N, 3, S, S), draw after draw, with gradient."""
        return torch.cat([draw(images, generator) for draw in self.draws])


def plain() -> View:
    """The images as they are."""
    return View(draws=(_as_is,))


def _as_is(images: Tensor, generator: torch.Generator) -> Tensor:
    return images


def _pick(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=generator))


def _any_jpeg(images: Tensor, generator: torch.Generator) -> Tensor:
    quality = 50 + _pick(46, generator)
    return straight_through(images, partial(jpeg_file, quality=quality), partial(soft_jpeg, quality=quality))


def _one_of(names: tuple[str, ...]) -> Draw:
    def draw(images: Tensor, generator: torch.Generator) -> Tensor:
        name = names[_pick(len(names), generator)]
        return straight_through(images, TREATMENTS[name], SMOOTH[name])

    return draw


def world() -> View:
    """The images as they are, as JPEG of any quality, blurred or resized, shifted or printed."""
    return View(draws=(_as_is, _any_jpeg, _one_of(("blur", "resize")), _one_of(("shift", "print"))))


@dataclass(frozen=True, kw_only=True)
class Defence:
    """Something that is done to every picture before the network sees it."""

    treat: Treat | None  # as a file; None when chance is in it
    smooth: Smooth = smooth_kept
    tries: int = 1  # how often a picture is judged

    def draw(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """The images (N, 3, H, W) as they reach the network, with gradient."""
        if self.treat is not None:
            return straight_through(images, self.treat, self.smooth)
        share = 0.6 + 0.35 * float(torch.rand(1, generator=generator))
        return straight_through(images, partial(resized, share=share), partial(smooth_resized, share=share))

    def view(self, world_too: int = 4) -> View:
        """For an attack through the defence: one draw, or several where chance is in it."""
        return View(draws=(self.draw,) * (world_too if self.treat is None else 1))


DEFENCES: dict[str, Defence] = {
    "jpeg": Defence(treat=partial(jpeg_file, quality=60), smooth=partial(soft_jpeg, quality=60)),
    "blur": Defence(treat=blurred, smooth=smooth_blurred),
    "bits": Defence(treat=partial(fewer_levels, bits=4)),
    "random_resize": Defence(treat=None, tries=8),
}


def own_size(backbone: Backbone, height: int, width: int, then: View | None = None) -> View:
    """What the network's own preprocessing makes of images (N, 3, height, width), with gradient.

    Args:
        then: what else lies between; it works on the photo at its own size, before the resize.
    """
    down = _resize_matrix(height, _start(height, height, width, backbone), backbone)
    across = _resize_matrix(width, _start(width, height, width, backbone), backbone)
    down, across = down.to(backbone.device), across.to(backbone.device)

    def seen(draw: Draw, images: Tensor, generator: torch.Generator) -> Tensor:
        narrow = (draw(images, generator) @ across.T).clamp(0.0, 1.0)
        return (down @ narrow).clamp(0.0, 1.0)

    return View(draws=tuple(partial(seen, draw) for draw in (then or plain()).draws))


def _start(length: int, height: int, width: int, backbone: Backbone) -> tuple[float, float]:
    side = min(height, width) * backbone.info.crop_share
    return (length - side) / 2, side


def _resize_matrix(length: int, box: tuple[float, float], backbone: Backbone) -> Tensor:
    """Pillow's resize along one side as a matrix (S, length): its filters, its box, without its rounding."""
    start, side = box
    size = backbone.input_size
    scale = side / size
    wide = max(scale, 1.0)  # the filter is as wide as an output pixel
    support = wide * (2.0 if backbone.info.bicubic else 1.0)
    centres = start + (torch.arange(size, dtype=torch.float64) + 0.5) * scale
    places = torch.arange(length, dtype=torch.float64)
    first = (centres - support + 0.5).floor().clamp_min(0)
    end = (centres + support + 0.5).floor().clamp_max(length)
    away = ((places[None] + 0.5 - centres[:, None]) / wide).abs()
    weights = _bicubic(away) if backbone.info.bicubic else (1 - away).clamp_min(0)
    weights = weights * ((places[None] >= first[:, None]) & (places[None] < end[:, None]))
    return (weights / weights.sum(1, keepdim=True)).float()


def _bicubic(away: Tensor) -> Tensor:
    """The bicubic filter as Pillow has it, a = -0.5."""
    near = (1.5 * away - 2.5) * away * away + 1
    far = ((-0.5 * away + 2.5) * away - 4) * away + 2
    return torch.where(away < 1, near, torch.where(away < 2, far, torch.zeros_like(away)))


def fitting(picture: Image.Image, longest: int = 1024) -> Image.Image:
    """The photo at its own size or, where that is very large, at `longest` pixels."""
    if max(picture.size) <= longest:
        return picture
    share = longest / max(picture.size)
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    return picture.resize(size, Image.Resampling.LANCZOS)
