"""JPEG with a gradient: its colours, blocks and tables, with a rounding that has a slope."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

BLOCK = 8
# The tables of the standard (ITU-T T.81, annex K.1) for quality 50, row by row
BRIGHTNESS = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 "
    "49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
COLOUR = (
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 "
    + "99 " * 32
)
TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))  # JFIF


def soft_jpeg(images: Tensor, quality: int) -> Tensor:
    """About what JPEG makes of images, with a gradient (Shin and Song 2017).

    "JPEG-resistant adversarial images", NIPS workshop on machine learning and computer security, section 3.

    Args:
        images: (N, 3, H, W) in [0, 1].
        quality: 1 to 100, as Pillow and libjpeg count it; colours at half the resolution.
    """
    height, width = images.shape[2:]
    filled = pad(images, (0, -width % (2 * BLOCK), 0, -height % (2 * BLOCK)), mode="replicate")
    turn = torch.tensor(TO_YCC, dtype=images.dtype, device=images.device)
    ycc = torch.einsum("ij,njhw->nihw", turn, 255 * filled) - torch.tensor([128.0, 0, 0]).to(images).view(
        1, 3, 1, 1
    )
    bright = _quantised(ycc[:, :1], _table(BRIGHTNESS, quality).to(images))
    colour = _quantised(avg_pool2d(ycc[:, 1:], 2), _table(COLOUR, quality).to(images))
    back = torch.cat([bright + 128, interpolate(colour, scale_factor=2, mode="bilinear")], 1)
    rgb = torch.einsum("ij,njhw->nihw", torch.linalg.inv(turn), back) / 255
    return rgb[:, :, :height, :width].clamp(0.0, 1.0)


def _quantised(channels: Tensor, table: Tensor) -> Tensor:
    """Blocks to frequencies, each divided by its step, rounded softly, and back."""
    count, planes, height, width = channels.shape
    blocks = channels.view(count, planes, height // BLOCK, BLOCK, width // BLOCK, BLOCK).transpose(3, 4)
    waves = _cosines().to(channels)
    steps = waves @ blocks @ waves.T / table
    whole = steps.round()
    soft = whole + (steps - whole) ** 3
    return (waves.T @ (soft * table) @ waves).transpose(3, 4).reshape(channels.shape)


@lru_cache(maxsize=1)
def _cosines() -> Tensor:
    """The orthonormal discrete cosine transform of 8 values (8, 8)."""
    place = torch.arange(BLOCK, dtype=torch.float64)
    waves = torch.cos(math.pi / BLOCK * (place[None] + 0.5) * place[:, None]) * math.sqrt(2 / BLOCK)
    waves[0] /= math.sqrt(2)
    return waves.float()


@lru_cache(maxsize=256)
def _table(words: str, quality: int) -> Tensor:
    """The steps (8, 8) for a quality, as libjpeg scales them."""
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    steps = torch.tensor([int(word) for word in words.split()], dtype=torch.float64).view(BLOCK, BLOCK)
    return ((steps * scale + 50) / 100).floor().clamp(1, 255).float()
