"""What the optimiser changes, and how it becomes an image.

Both parametrizations are modules: their parameters are free, and calling them renders an image
(1, 3, size, size) in [0, 1]. The same picture is reachable through either; they differ in which
pictures are *near* (Olah, Mordvintsev and Schubert 2017, "Feature Visualization", doi:10.23915/distill.00007,
section "Preconditioning and Parameterization").
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.featurevis.band_adam import BandAdam
from core.images import require_images

# Square root of the covariance of the colours of ImageNet photos, from Lucid
# (tensorflow/lucid, lucid/optvis/param/color.py), scaled so that its longest column has length 1.
COLOUR_ROOT = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
START_CONTRAST = 0.15  # standard deviation of the image before the sigmoid, at the start
KNEE = 3  # waves along the image
DARKEST = 0.02  # and 1 - DARKEST the lightest that a start may be: beyond, a sigmoid hardly moves


class Parametrization(nn.Module, ABC):
    """Free parameters that render an image (1, 3, size, size) in [0, 1]."""

    def __init__(self, size: int, *, clamped: bool = False) -> None:
        """Remember how the image is made from what has no bounds.

        Args:
            size: height and width in pixels.
            clamped: cut what is out of range off, instead of the sigmoid that bends it back into range.
        """
        super().__init__()
        self.size, self.clamped = size, clamped

    def forward(self, side: int | None = None) -> Tensor:
        """Render the image in [0, 1]; `side` asks for it at another size in pixels."""
        plain = self.linear(side)
        return (plain + 0.5).clamp(0, 1) if self.clamped else torch.sigmoid(plain)

    @abstractmethod
    def linear(self, side: int | None = None) -> Tensor:
        """The image before it is bent into range."""

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """What moves the parameters, by about `rate` in a step."""
        return torch.optim.Adam(self.parameters(), lr=rate)

    def start_from(self, image: Tensor) -> None:
        """Set the parameters so that they render `image`, nearly.

        Args:
            image: (1, 3, H, W) in [0, 1], of any size.
        """
        require_images(image)
        fitting = interpolate(image.float(), (self.size, self.size), mode="bicubic", antialias=True)
        inside = fitting.clamp(DARKEST, 1 - DARKEST)
        with torch.no_grad():
            self._set_linear(inside - 0.5 if self.clamped else torch.logit(inside))

    @abstractmethod
    def _set_linear(self, plain: Tensor) -> None:
        """Set the parameters so that `linear` gives `plain`, nearly."""


class PixelImage(Parametrization):
    """Every pixel is free: image = sigmoid(values), values (1, 3, size, size)."""

    def __init__(self, size: int, generator: torch.Generator, *, clamped: bool = False) -> None:
        """Start from grey with independent Gaussian noise in each value.

        Args:
            size: height and width in pixels.
            generator: a generator on the CPU, so that a seed means the same on every device.
            clamped: as `Parametrization`.
        """
        super().__init__(size, clamped=clamped)
        self.values = nn.Parameter(START_CONTRAST * torch.randn(1, 3, size, size, generator=generator))

    def linear(self, side: int | None = None) -> Tensor:
        """The image before it is bent into range: (1, 3, size, size)."""
        if side is None or side == self.size:
            return self.values
        return interpolate(self.values, (side, side), mode="area")

    def _set_linear(self, plain: Tensor) -> None:
        self.values.copy_(plain)


class FourierImage(Parametrization):
    """Waves are free, and colours are those of photos: image = sigmoid(colours(inverse FFT(scale * waves))).

    `scale` falls as 1 / frequency ** decay, so that one step of the optimiser moves large shapes more than
    single pixels, and a random start has the power spectrum 1 / frequency ** (2 decay); that of photos has
    about decay 1 (Field 1987, doi:10.1364/JOSAA.4.002379). Waves longer than `1 / KNEE` of the image count
    alike; else the few longest would drown the rest in black and white.
    """

    scale: Tensor
    colours: Tensor

    def __init__(
        self,
        size: int,
        generator: torch.Generator,
        decay: float = 1.0,
        *,
        decorrelated: bool = True,
        clamped: bool = False,
    ) -> None:
        """Start from waves of random phase.

        Args:
            size: height and width in pixels, even.
            generator: a generator on the CPU, so that a seed means the same on every device.
            decay: exponent of the fall with frequency; 0 gives white noise.
            decorrelated: move the three colours as they go together in photos; else each alone.
            clamped: as `Parametrization`.
        """
        super().__init__(size, clamped=clamped)
        waves = torch.randn(3, size, size // 2 + 1, 2, generator=generator)
        self.waves = nn.Parameter(START_CONTRAST * waves)
        self.register_buffer("scale", _scale(size, decay)[None, :, :, None])
        root = torch.tensor(COLOUR_ROOT)
        self.register_buffer("colours", root / root.norm(dim=0).max() if decorrelated else torch.eye(3))

    def linear(self, side: int | None = None) -> Tensor:
        """The image before it is bent into range: (1, 3, side, side), any range.

        A smaller `side` leaves out the waves too short for it, so that nothing aliases.
        """
        waves, side = self.waves * self.scale, side or self.size
        if side < self.size:
            upper, lower = waves[:, : (side + 1) // 2], waves[:, self.size - side // 2 :]
            waves = torch.cat([upper, lower], dim=1)[:, :, : side // 2 + 1] * (side / self.size) ** 2
        spectrum = torch.view_as_complex(waves.contiguous())
        plain = torch.fft.irfft2(spectrum, s=(side, side))
        return torch.einsum("ij,jhw->ihw", self.colours, plain).unsqueeze(0)

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """What moves the waves: those within half an octave by one measure."""
        return BandAdam([self.waves], _half_octaves(self.size).to(self.waves.device), rate=rate)

    def _set_linear(self, plain: Tensor) -> None:
        colours = torch.linalg.inv(self.colours.cpu()).to(self.colours)
        spectrum = torch.fft.rfft2(torch.einsum("ij,jhw->ihw", colours, plain[0].to(self.waves)))
        self.waves.copy_(torch.view_as_real(spectrum) / self.scale)


def _scale(size: int, decay: float) -> Tensor:
    """What waves (size, size // 2 + 1) count for; standard normal waves make an image of variance 1."""
    frequency = _frequencies(size).clamp_min(KNEE / size)
    scale = frequency**-decay
    scale[0, 0] = 0.5 * scale[0, 1]  # the mean: grey is as good a ground as any
    twice = torch.full((size // 2 + 1,), 2.0)  # every wave but the first and last column has a mirror twin
    twice[0] = twice[-1] = 1.0
    power = 2 * (scale.square() * twice).sum() / size**4
    return scale / power.sqrt()


def _frequencies(size: int) -> Tensor:
    """Of waves (size, size // 2 + 1), in waves per pixel."""
    down, right = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
    return torch.hypot(down[:, None], right[None, :])


def _half_octaves(size: int) -> Tensor:
    """For waves (size, size // 2 + 1) how many half octaves they lie above one wave along the image."""
    return (2 * (size * _frequencies(size)).clamp_min(1).log2()).round().long()
