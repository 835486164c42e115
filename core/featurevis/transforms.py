"""Random views of an image, so that what the optimiser draws survives being moved, turned and scaled.

Each move is an affine map drawn from a local generator. `RandomView` multiplies the maps and samples the
image once, since every interpolation blurs (Mordvintsev, Olah and Tyka 2015, "Inceptionism"; Olah et al.
2017, doi:10.23915/distill.00007, "transformation robustness").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

GREY = 0.5


class Move(Protocol):
    """A random affine map of the plane; the image reaches from -1 to 1 both ways."""

    def draw(self, generator: torch.Generator) -> Tensor:
        """A matrix (3, 3) that takes places of the view to places of the image."""
        ...


def uniform(low: float, high: float, generator: torch.Generator) -> float:
    """A number drawn evenly from [low, high)."""
    return low + (high - low) * float(torch.rand(1, generator=generator))


@dataclass(frozen=True, kw_only=True)
class Jitter:
    """Shift by up to `share` of the image's side, each way."""

    share: float

    def draw(self, generator: torch.Generator) -> Tensor:
        """The matrix of a shift."""
        matrix = torch.eye(3)
        matrix[0, 2] = uniform(-2 * self.share, 2 * self.share, generator)
        matrix[1, 2] = uniform(-2 * self.share, 2 * self.share, generator)
        return matrix


@dataclass(frozen=True, kw_only=True)
class Rotate:
    """Turn about the centre by up to `degrees`, either way."""

    degrees: float

    def draw(self, generator: torch.Generator) -> Tensor:
        """The matrix of a rotation."""
        angle = math.radians(uniform(-self.degrees, self.degrees, generator))
        cos, sin = math.cos(angle), math.sin(angle)
        return torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, kw_only=True)
class Crop:
    """Come closer: see a square of `low` to `high` of the image's side, anywhere inside the image."""

    low: float
    high: float

    def draw(self, generator: torch.Generator) -> Tensor:
        """The matrix of a change of scale and a shift."""
        share = uniform(self.low, self.high, generator)
        matrix = torch.diag(torch.tensor([share, share, 1.0]))
        matrix[0, 2] = uniform(share - 1, 1 - share, generator)
        matrix[1, 2] = uniform(share - 1, 1 - share, generator)
        return matrix


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Look at `low` to `high` of the image's side, about its centre; above 1 from beyond its border."""

    low: float
    high: float

    def draw(self, generator: torch.Generator) -> Tensor:
        """The matrix of a change of scale."""
        share = uniform(self.low, self.high, generator)
        return torch.diag(torch.tensor([share, share, 1.0]))


@dataclass(frozen=True, kw_only=True)
class RandomView:
    """All moves at once, sampled bilinearly, then noise.

    `sizes` are the sides of the views in pixels, one drawn for each view. They are few on purpose: the
    processor's convolutions are prepared anew for every size they have not met.
    """

    moves: tuple[Move, ...]
    sizes: tuple[int, ...]
    noise: float = 0.0  # standard deviation, of pixels in [0, 1]
    border: Literal["mirror", "grey"] = "mirror"  # what lies beyond the image (the padding)

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """A view (N, C, S, S) of images (N, C, H, W), the same for all, with gradient."""
        matrix = torch.eye(3)
        for move in self.moves:
            matrix = matrix @ move.draw(generator)
        side = self.sizes[int(torch.randint(len(self.sizes), (1,), generator=generator))]
        count, channels = images.shape[:2]
        affine = matrix[:2].to(images).expand(count, 2, 3)
        grid = affine_grid(affine, [count, channels, side, side], align_corners=False)
        if self.border == "mirror":
            seen = grid_sample(images, grid, padding_mode="reflection", align_corners=False)
        else:
            seen = grid_sample(images - GREY, grid, padding_mode="zeros", align_corners=False) + GREY
        if self.noise:
            seen = seen + self.noise * torch.randn(seen.shape, generator=generator).to(seen)
        return seen
