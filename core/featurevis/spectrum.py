"""How much of an image is in broad shapes and how much in fine detail."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from core.images import require_images

BANDS_PER_OCTAVE = 3


def power_spectrum(images: Tensor) -> list[tuple[float, float]]:
    """The mean power of an image's waves by their frequency.

    Photos fall by about 1 / frequency^2, a straight line on two logarithmic axes (Field 1987,
    doi:10.1364/JOSAA.4.002379); the noise that fools a network does not.

    Args:
        images: (N, 3, H, W) in [0, 1], square; a window (Hann) takes away what the border would add.

    Returns:
        Pairs of the frequency, in waves along the image, and the power relative to the whole variance. Bands
        are a third of an octave wide, from 2 waves to half the side; empty ones are left out.
    """
    require_images(images)
    side = images.shape[-1]
    window = torch.hann_window(side, periodic=False)
    plain = images.detach().cpu() - images.detach().cpu().mean((2, 3), keepdim=True)
    power = torch.fft.fft2(plain * window[:, None] * window).abs().square().mean((0, 1))
    waves = torch.fft.fftfreq(side) * side
    frequency = torch.hypot(waves[:, None], waves[None, :])
    total = float(power.sum()) or 1.0
    bands = round(BANDS_PER_OCTAVE * math.log2(side / 4))
    edges = [2 ** (1 + band / BANDS_PER_OCTAVE) for band in range(bands + 1)]
    found = []
    for low, high in pairwise(edges):
        inside = (frequency >= low) & (frequency < high)
        if inside.any():
            found.append((math.sqrt(low * high), float(power[inside].mean()) / total))
    return found
