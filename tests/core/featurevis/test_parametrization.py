"""Starts of a drawing: their range, their seed, and their power spectrum."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.featurevis.parametrization import KNEE, START_CONTRAST, FourierImage, PixelImage


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", [PixelImage, FourierImage])
def test_renders_an_image_in_range_that_its_seed_decides(kind):
    image = kind(48, seeded(3))()
    assert image.shape == (1, 3, 48, 48)
    assert 0 <= image.min() < 0.5 < image.max() <= 1
    assert torch.equal(image, kind(48, seeded(3))())
    assert not torch.equal(image, kind(48, seeded(4))())


@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
def test_the_power_of_a_fourier_start_falls_with_the_asked_slope(decay):
    size = 256
    plain = FourierImage(size, seeded(), decay).linear()[0].detach().numpy()
    power = (np.abs(np.fft.fft2(plain)) ** 2).sum(axis=0)
    down, right = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    frequency = np.hypot(down, right)
    used = (frequency > 2 * KNEE / size) & (frequency < 0.45)
    slope = np.polyfit(np.log(frequency[used]), np.log(power[used]), 1)[0]
    assert slope == pytest.approx(-2 * decay, abs=0.06)


@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
@pytest.mark.parametrize("size", [96, 224])
def test_neither_decay_nor_size_changes_the_contrast_of_a_start(decay, size):
    start = FourierImage(size, seeded(), decay)
    start.colours.copy_(torch.eye(3))
    assert start.linear().std().item() == pytest.approx(START_CONTRAST, rel=0.2)
