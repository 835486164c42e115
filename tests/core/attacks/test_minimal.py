"""The smallest change: against the exact best whole-numbered one, and as a stranger would check it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from core.attacks import SmallestSettings, smallest_change, smallest_change_steps
from core.attacks.minimal import MARGIN
from core.backbone import load_backbone
from core.errors import TrainingError
from core.images import open_image, png, to_tensor, to_uint8
from core.samples import sample_path
from tests.core.attacks.networks import Linear

SIAMESE = 284
PER_LEVEL = 0.01  # what the least weight adds to the lead, for one level


class WholeWeights(Linear):
    """Two classes whose lead over each other changes by a whole number of `PER_LEVEL` with each level."""

    def __init__(self, side: int, seed: int, distance: int) -> None:
        super().__init__(side=side, classes=2)
        generator = torch.Generator().manual_seed(seed)
        self.whole = torch.randint(-9, 10, self.weight[:1].shape, generator=generator)
        self.weight = torch.cat([torch.zeros_like(self.weight[:1]), 255 * PER_LEVEL * self.whole])
        self.lead = -PER_LEVEL * distance

    def logits(self, images: Tensor) -> Tensor:
        middle = (images - 128 / 255).flatten(1) @ self.weight.T
        return middle + torch.tensor([0.0, self.lead])


def least_squares_sum(weights: np.ndarray, needed: int, most: int = 30) -> int:
    """The exact least sum of squared levels whose weighted sum is at least `needed`: a knapsack."""
    best = np.full(needed + 1, 10**9)  # by what is still needed
    best[needed] = 0
    for weight in np.abs(weights):
        before = best.copy()
        for level in range(1, most + 1):
            reached = np.maximum(np.arange(needed + 1) - level * weight, 0)
            np.minimum.at(best, reached, before + level**2)
    return int(best[0])


@pytest.mark.parametrize(("seed", "distance"), [(0, 300), (1, 900), (2, 2500), (3, 6000)])
def test_within_a_twentieth_of_the_exact_best_whole_numbered_change(seed: int, distance: int):
    network = WholeWeights(6, seed, distance)
    found = smallest_change(network, torch.full((1, 3, 6, 6), 128 / 255), 1)
    needed = distance + round(MARGIN / PER_LEVEL)
    exact = least_squares_sum(network.whole[0].numpy(), needed) ** 0.5 / 255
    assert exact <= float(found.sizes[0]) + 1e-6
    assert float(found.sizes[0]) <= 1.05 * exact


@pytest.mark.parametrize(("seed", "distance"), [(0, 300), (1, 900), (2, 2500), (3, 6000)])
def test_no_fewer_levels_would_be_enough(seed: int, distance: int):
    network = WholeWeights(6, seed, distance)
    found = smallest_change(network, torch.full((1, 3, 6, 6), 128 / 255), 1, SmallestSettings(norm="linf"))
    a_level = int(network.whole.abs().sum())
    assert float(found.sizes[0]) == -(-(distance + MARGIN / PER_LEVEL) // a_level)


@pytest.fixture(scope="module")
def network():
    return load_backbone("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def dog(network):
    return network.preprocess(open_image(sample_path("mastiff")))


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_a_dog_becomes_a_cat_in_the_file_and_its_size_is_the_files(network, dog, norm: str):
    found = smallest_change(network, dog, SIAMESE, SmallestSettings(norm=norm, passes=40))
    pixels = np.asarray(Image.open(io.BytesIO(png(to_uint8(found.adversarial)[0]))))
    assert int(network.logits(to_tensor(pixels)).argmax()) == SIAMESE
    change = pixels.astype(float) - to_uint8(dog)[0]
    size = np.linalg.norm(change) / 255 if norm == "l2" else np.abs(change).max()
    assert float(found.sizes[0]) == pytest.approx(size, rel=1e-5)
    assert size <= (1.0 if norm == "l2" else 2)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000), norm=st.sampled_from(["l2", "linf"]), target=st.sampled_from([None, 0, 2])
)
def test_every_image_tried_is_of_8_bits_and_the_best_never_grows(seed: int, norm: str, target: int | None):
    images = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(seed))
    given_settings = SmallestSettings(norm=norm, passes=12)
    before = torch.full((2,), float("inf"))
    for step in smallest_change_steps(Linear(), images, target, given_settings):
        levels = step.adversarial * 255
        torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)
        assert 0 <= step.adversarial.min() <= step.adversarial.max() <= 1
        assert (step.sizes <= before).all()
        before = step.sizes


def test_a_batch_finds_for_each_what_it_finds_alone():
    images = torch.rand(3, 3, 4, 4, generator=torch.Generator().manual_seed(5))
    together = smallest_change(Linear(), images, 1).sizes
    alone = torch.cat([smallest_change(Linear(), each[None], 1).sizes for each in images])
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-4)


def test_what_is_already_so_needs_no_change():
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0)).mul(255).round() / 255
    said = int(Linear().logits(image).argmax())
    found = smallest_change(Linear(), image, said)
    assert float(found.sizes[0]) == 0
    torch.testing.assert_close(found.adversarial, image)


def test_where_nothing_works_the_image_comes_back_unchanged():
    class Deaf(Linear):
        def logits(self, images: Tensor) -> Tensor:
            return super().logits(images) * 0 + torch.tensor([1.0, 0.0, 0.0])

    found = smallest_change(Deaf(), torch.full((1, 3, 4, 4), 0.4), 2, SmallestSettings(passes=10))
    assert found.sizes.isinf().all()
    torch.testing.assert_close(found.adversarial, torch.full((1, 3, 4, 4), 0.4))


def test_a_gradient_that_is_no_number_ends_with_a_sentence():
    class Broken(Linear):
        def logits(self, images: Tensor) -> Tensor:
            return super().logits(images) * float("nan")

    with pytest.raises(TrainingError, match="no longer a number"):
        smallest_change(Broken(), torch.full((1, 3, 4, 4), 0.5), 1)


@pytest.mark.parametrize("target", [-1, 3])
def test_a_class_that_is_none_is_named(target: int):
    with pytest.raises(ValueError, match="from 0 to 2"):
        smallest_change(Linear(), torch.full((1, 3, 4, 4), 0.5), target)
