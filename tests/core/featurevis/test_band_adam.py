"""Adam with one second moment for each band of waves."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from core.featurevis.band_adam import BandAdam
from core.featurevis.parametrization import FourierImage


def waves(seed=0, shape=(3, 4, 3, 2)):
    return nn.Parameter(torch.randn(shape, generator=torch.Generator().manual_seed(seed)))


def follow(optimiser, parameter, gradients):
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimiser.step()


def gradients(count=5, shape=(3, 4, 3, 2)):
    generator = torch.Generator().manual_seed(7)
    return [torch.randn(shape, generator=generator) for _ in range(count)]


def test_with_a_band_for_every_wave_and_equal_parts_it_is_adam():
    ours, theirs = waves(), waves()
    equal = [each[..., :1].expand(3, 4, 3, 2) for each in gradients()]
    follow(BandAdam([ours], torch.arange(12).view(4, 3), rate=0.1), ours, equal)
    follow(torch.optim.Adam([theirs], lr=0.1), theirs, equal)
    torch.testing.assert_close(ours, theirs)


def test_in_a_band_the_first_step_is_along_the_gradient():
    moved, before = waves(), waves()
    bands = torch.tensor([[0, 0, 1]] * 4)
    (gradient,) = gradients(1)
    follow(BandAdam([moved], bands, rate=0.1), moved, [gradient])
    for band in (0, 1):
        for colour in range(3):
            part = gradient[colour][bands == band]
            expected = -0.1 * part / part.square().mean().sqrt()
            step = (moved - before).detach()[colour][bands == band]
            torch.testing.assert_close(step, expected, atol=1e-6, rtol=1e-4)


def test_a_band_without_gradient_stays():
    moved = waves()
    gradient = torch.zeros_like(moved)
    gradient[:, :, 0] = 1
    follow(BandAdam([moved], torch.tensor([[0, 1, 1]] * 4), rate=0.1), moved, [gradient])
    assert torch.equal(moved[:, :, 1:], waves()[:, :, 1:])
    assert not torch.equal(moved[:, :, 0], waves()[:, :, 0])


def test_it_goes_on_from_its_state_as_without_the_break():
    once, broken = waves(), waves()
    bands, steps = torch.tensor([[0, 0, 1]] * 4), gradients(6)
    follow(BandAdam([once], bands, rate=0.1), once, steps)
    first, second = (BandAdam([broken], bands, rate=0.1) for _ in "ab")
    follow(first, broken, steps[:3])
    second.load_state_dict(deepcopy(first.state_dict()))
    follow(second, broken, steps[3:])
    assert torch.equal(once, broken)


@pytest.mark.parametrize("size", [64, 96])
def test_the_bands_of_an_image_are_half_octaves(size):
    bands = FourierImage(size, torch.Generator()).optimiser(0.1).bands.view(size, size // 2 + 1)
    assert [int(bands[0, k]) for k in (0, 1, 2, 4, 8, 16)] == [0, 0, 2, 4, 6, 8]
    assert torch.equal(bands[1:], bands[1:].flip(0))  # as many waves one way as the other
