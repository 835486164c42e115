"""The power spectrum, on pictures whose waves are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.featurevis import power_spectrum
from core.featurevis.parametrization import FourierImage


def test_one_wave_has_all_its_power_at_its_frequency():
    across = torch.arange(128) / 128
    wave = 0.5 + 0.4 * torch.cos(2 * math.pi * 16 * across).expand(1, 3, 128, 128)
    points = power_spectrum(wave)
    highest = max(points, key=lambda point: point[1])
    assert highest[0] == pytest.approx(16, rel=0.15)
    assert all(
        power < 0.01 * highest[1] for frequency, power in points if abs(math.log2(frequency / 16)) > 0.6
    )


@pytest.mark.parametrize("decay", [0.5, 1.0])
def test_the_slope_of_a_fourier_start_is_seen(decay):
    image = FourierImage(256, torch.Generator().manual_seed(0), decay)().detach()
    points = [(frequency, power) for frequency, power in power_spectrum(image) if 8 < frequency < 80]
    slope = np.polyfit(*np.log(points).T, 1)[0]
    assert slope == pytest.approx(-2 * decay, abs=0.25)


def test_one_colour_has_no_power():
    assert {power for _, power in power_spectrum(torch.full((1, 3, 32, 32), 0.5))} == {0.0}
