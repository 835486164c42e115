"""What the optimiser changes, and how it becomes an image.

Both parametrizations are modules: their parameters are free, and calling them renders an image
(1, 3, size, size) in [0, 1]. The same picture is reachable through either; they differ in which
pictures are *near* (Olah, Mordvintsev and Schubert 2017, "Feature Visualization", doi:10.23915/distill.00007,
section "Preconditioning and Parameterization").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Square root of the covariance of the colours of ImageNet photos, from Lucid
# (tensorflow/lucid, lucid/optvis/param/color.py), scaled so that its longest column has length 1.
COLOUR_ROOT = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
START_CONTRAST = 0.15  # standard deviation of the image before the sigmoid, at the start
KNEE = 3  # waves along the image


class PixelImage(nn.Module):
    """Every pixel is free: image = sigmoid(values), values (1, 3, size, size)."""

    def __init__(self, size: int, generator: torch.Generator) -> None:
        """Start from grey with independent Gaussian noise in each value.

        Args:
            size: height and width in pixels.
            generator: a generator on the CPU, so that a seed means the same on every device.
        """
        super().__init__()
        self.values = nn.Parameter(START_CONTRAST * torch.randn(1, 3, size, size, generator=generator))

    def forward(self) -> Tensor:
        """Render the image (1, 3, size, size) in [0, 1]."""
        return torch.sigmoid(self.values)


class FourierImage(nn.Module):
    """Waves are free, and colours are those of photos: image = sigmoid(colours(inverse FFT(scale * waves))).

    `scale` falls as 1 / frequency ** decay, so that one step of the optimiser moves large shapes more than
    single pixels, and a random start has the power spectrum 1 / frequency ** (2 decay); that of photos has
    about decay 1 (Field 1987, doi:10.1364/JOSAA.4.002379). Waves longer than `1 / KNEE` of the image count
    alike; else the few longest would drown the rest in black and white.
    """

    scale: Tensor
    colours: Tensor

    def __init__(self, size: int, generator: torch.Generator, decay: float = 1.0) -> None:
        """Start from waves of random phase.

        Args:
            size: height and width in pixels.
            generator: a generator on the CPU, so that a seed means the same on every device.
            decay: exponent of the fall with frequency; 0 gives white noise.
        """
        super().__init__()
        self.size = size
        waves = torch.randn(3, size, size // 2 + 1, 2, generator=generator)
        self.waves = nn.Parameter(START_CONTRAST * waves)
        self.register_buffer("scale", _scale(size, decay)[None, :, :, None])
        root = torch.tensor(COLOUR_ROOT)
        self.register_buffer("colours", root / root.norm(dim=0).max())

    def forward(self) -> Tensor:
        """Render the image (1, 3, size, size) in [0, 1]."""
        return torch.sigmoid(self.linear())

    def linear(self) -> Tensor:
        """The image before the sigmoid: (1, 3, size, size), any range."""
        spectrum = torch.view_as_complex((self.waves * self.scale).contiguous())
        plain = torch.fft.irfft2(spectrum, s=(self.size, self.size))
        return torch.einsum("ij,jhw->ihw", self.colours, plain).unsqueeze(0)


def _scale(size: int, decay: float) -> Tensor:
    """What waves (size, size // 2 + 1) count for; standard normal waves make an image of variance 1."""
    down, right = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
    frequency = torch.hypot(down[:, None], right[None, :]).clamp_min(KNEE / size)
    scale = frequency**-decay
    scale[0, 0] = 0.5 * scale[0, 1]  # the mean: grey is as good a ground as any
    twice = torch.full((size // 2 + 1,), 2.0)  # every wave but the first and last column has a mirror twin
    twice[0] = twice[-1] = 1.0
    power = 2 * (scale.square() * twice).sum() / size**4
    return scale / power.sqrt()
