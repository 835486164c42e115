"""Starts of a drawing: their range, their seed, and their power spectrum."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.featurevis.parametrization import DARKEST, KNEE, START_CONTRAST, FourierImage, PixelImage
from core.images import open_image, to_tensor
from core.samples import sample_path


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", [PixelImage, FourierImage])
def test_renders_an_image_in_range_that_its_seed_decides(kind):
    image = kind(48, seeded(3))()
    assert image.shape == (1, 3, 48, 48)
    assert 0 <= image.min() < 0.5 < image.max() <= 1
    assert torch.equal(image, kind(48, seeded(3))())
    clamped = kind(48, seeded(3), clamped=True)()
    torch.testing.assert_close((torch.logit(image) + 0.5).clamp(0, 1), clamped, atol=1e-4, rtol=0)
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


@pytest.mark.parametrize("clamped", [False, True])
@pytest.mark.parametrize("kind", [PixelImage, FourierImage])
def test_a_photo_to_start_from_comes_out_again(kind, clamped):
    photo = to_tensor(open_image(sample_path("cat")).resize((64, 64)))
    drawing = kind(64, seeded(), clamped=clamped)
    drawing.start_from(photo)
    torch.testing.assert_close(drawing(), photo.clamp(DARKEST, 1 - DARKEST), atol=1e-3, rtol=0)
    drawing.start_from(photo.repeat(1, 1, 2, 2))  # of another size
    assert (drawing() - drawing().mean()).abs().max() > 0.1


def test_waves_that_a_smaller_picture_cannot_show_are_left_out_and_the_others_stay():
    drawing = FourierImage(64, seeded(), decay=1.0)
    long = (drawing.scale[..., 0] > drawing.scale[0, 0, 12, 0]).unsqueeze(-1)
    drawing.waves.data.mul_(long)
    small, large = drawing.linear(32), drawing.linear()
    torch.testing.assert_close(small, large[..., ::2, ::2], atol=1e-5, rtol=0)
    assert PixelImage(64, seeded())(32).shape == (1, 3, 32, 32)


def test_colours_may_move_alone():
    plain = FourierImage(32, seeded(), decorrelated=False)
    torch.testing.assert_close(plain.colours, torch.eye(3))
