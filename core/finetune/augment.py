"""Photos changed at random in ways that leave their class as it is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

LEAST_SIDE = 0.8  # of a random crop, as a share of the photo's side
COLOUR = 0.2  # brightness and contrast change by up to this share


def augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Each image mirrored or not, cropped, and its brightness and contrast changed, all at random.

    Args:
        images: (N, 3, H, W) in [0, 1].
        generator: on the processor; the same state gives the same changes.

    Returns:
        Images of the same shape, in [0, 1].
    """
    count = len(images)

    def between(low: float, high: float) -> Tensor:
        return (low + (high - low) * torch.rand(count, generator=generator)).to(images.device)

    mirror = torch.where(between(0, 1) < 0.5, -1.0, 1.0)
    side = between(LEAST_SIDE, 1)
    right, down = ((1 - side) * between(-1, 1) for _ in range(2))
    nothing = torch.zeros_like(side)
    # Rows of the map from places in the result to places in the photo, both in [-1, 1]
    theta = torch.stack(
        [torch.stack([mirror * side, nothing, right], 1), torch.stack([nothing, side, down], 1)], 1
    )
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    cropped = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    brightness, contrast = (between(1 - COLOUR, 1 + COLOUR).view(-1, 1, 1, 1) for _ in range(2))
    mean = cropped.mean((1, 2, 3), keepdim=True)
    return ((cropped - mean) * contrast + mean * brightness).clamp(0, 1)
