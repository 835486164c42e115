"""Random views: exact where a view has a closed form, in range and repeatable where it is random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch

from core.featurevis.transforms import GREY, Crop, Jitter, RandomView, Rotate, Scale


@dataclass(frozen=True)
class Fixed:
    matrix: torch.Tensor

    def draw(self, generator: torch.Generator) -> torch.Tensor:
        return self.matrix


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


IMAGE = torch.rand(1, 3, 16, 16, generator=seeded(1))
QUARTER = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
TWO_PIXELS_RIGHT = torch.tensor([[1.0, 0, 4 / 16], [0, 1, 0], [0, 0, 1]])


def test_without_moves_the_view_is_the_image():
    torch.testing.assert_close(RandomView(moves=(), sizes=(16,))(IMAGE, seeded()), IMAGE)


def test_a_quarter_turn_and_a_shift_are_exact():
    turned = RandomView(moves=(Fixed(QUARTER),), sizes=(16,))(IMAGE, seeded())
    torch.testing.assert_close(turned, torch.rot90(IMAGE, 1, (2, 3)), atol=1e-5, rtol=0)
    shifted = RandomView(moves=(Fixed(TWO_PIXELS_RIGHT),), sizes=(16,))(IMAGE, seeded())
    torch.testing.assert_close(shifted[..., :14], IMAGE[..., 2:], atol=1e-5, rtol=0)
    torch.testing.assert_close(shifted[..., 14:], IMAGE[..., 14:].flip(-1), atol=1e-5, rtol=0)


def test_moves_are_multiplied_in_order_and_the_image_is_sampled_once():
    both = RandomView(moves=(Fixed(TWO_PIXELS_RIGHT), Fixed(QUARTER)), sizes=(16,))(IMAGE, seeded())
    shifted = RandomView(moves=(Fixed(TWO_PIXELS_RIGHT),), sizes=(16,))(IMAGE, seeded())
    torch.testing.assert_close(both, torch.rot90(shifted, 1, (2, 3)), atol=1e-5, rtol=0)


def test_moves_stay_within_what_they_promise_and_use_it():
    generator = seeded()
    shifts = torch.stack([Jitter(share=0.1).draw(generator)[:2, 2] for _ in range(300)]) / 2
    assert 0.09 < shifts.max() <= 0.1
    assert -0.1 <= shifts.min() < -0.09
    angles = [math.degrees(math.asin(Rotate(degrees=10).draw(generator)[1, 0])) for _ in range(300)]
    assert 9 < max(angles) <= 10.001
    assert -10.001 <= min(angles) < -9
    crops = torch.stack([Crop(low=0.5, high=0.9).draw(generator) for _ in range(300)])
    assert 0.5 <= crops[:, 0, 0].min() < 0.52
    assert 0.88 < crops[:, 0, 0].max() <= 0.9
    reach = crops[:, 0, 0] + crops[:, 0, 2].abs()
    assert 0.99 < reach.max() <= 1.0001


def test_a_view_depends_on_its_generator_alone_and_has_one_of_the_sizes():
    view = RandomView(moves=(Jitter(share=0.1), Rotate(degrees=20)), sizes=(8, 12))
    before = torch.get_rng_state()
    seen = [view(IMAGE, seeded(seed)) for seed in (0, 0, *range(1, 9))]
    assert torch.equal(seen[0], seen[1])
    assert {each.shape[-1] for each in seen} == {8, 12}
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("side", [12, 16])
def test_a_view_passes_its_gradient_to_the_image(side):
    image = IMAGE.double().requires_grad_()
    view = RandomView(moves=(Rotate(degrees=20), Crop(low=0.7, high=0.9)), sizes=(side,))
    assert torch.autograd.gradcheck(lambda x: view(x, seeded(5)).mean((2, 3)), image)


def test_what_lies_beyond_the_image_is_a_mirror_or_grey():
    wide = (Scale(low=2.0, high=2.0),)
    mirrored = RandomView(moves=wide, sizes=(32,))(IMAGE, seeded())
    grey = RandomView(moves=wide, sizes=(32,), border="grey")(IMAGE, seeded())
    torch.testing.assert_close(grey[..., 8:24, 8:24], IMAGE, atol=1e-5, rtol=0)
    torch.testing.assert_close(grey[..., :7, :], torch.full_like(grey[..., :7, :], GREY))
    torch.testing.assert_close(mirrored[..., 8:24, :8], IMAGE[..., :8].flip(-1), atol=1e-5, rtol=0)


def test_noise_is_of_the_asked_strength_and_its_generator_decides_it():
    view = RandomView(moves=(), sizes=(16,), noise=0.2)
    noise = view(IMAGE, seeded()) - IMAGE
    assert noise.std().item() == pytest.approx(0.2, rel=0.1)
    torch.testing.assert_close(noise, view(IMAGE, seeded()) - IMAGE)
