"""The controls are as large as the attack, and have no direction."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from core.attacks import PGDSettings, pgd
from core.attacks.controls import along_the_line, amounts, noise, on_other_network, on_other_photo, transplant
from core.attacks.verdict import ssim
from core.backbone import load_backbone
from core.images import open_image, to_uint8
from core.samples import sample_path

MASTIFF, SIAMESE = 243, 284


@pytest.fixture(scope="module")
def network():
    return load_backbone("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def pair(network):
    dog = network.preprocess(open_image(sample_path("mastiff")))
    changed = pgd(network, dog, SIAMESE, PGDSettings(steps=8)).adversarial
    return to_uint8(dog)[0], to_uint8(changed)[0]


def test_as_much_change_without_direction_does_nothing(network, pair):
    found = amounts(network, *pair, SIAMESE)
    answers = {name: said.class_index for name, said in found.items()}
    assert answers == {"photo": MASTIFF, "changed": SIAMESE, "shuffled": MASTIFF, "noise": MASTIFF}
    assert found["noise"].target_probability < 0.01 < found["changed"].target_probability


def test_the_noise_is_as_long_as_the_change(pair):
    length = np.linalg.norm(pair[1].astype(float) - pair[0])
    assert np.linalg.norm(noise(*pair).astype(float) - pair[0]) == pytest.approx(length, rel=0.02)


@given(st.integers(0, 2**32 - 1))
def test_a_transplanted_change_is_the_change_where_there_is_room(seed: int):
    generator = np.random.default_rng(seed)
    before, other = generator.integers(8, 248, (2, 5, 4, 3)).astype(np.uint8)
    change = generator.integers(-8, 8, before.shape)
    moved = transplant(before, (before + change).astype(np.uint8), other)
    assert (moved.astype(int) - other == change).all()


def test_other_photo_and_other_network_are_asked_with_and_without(network, pair):
    plain, changed = on_other_photo(network, *pair, open_image(sample_path("coffee")), SIAMESE)
    assert plain.target_probability < 0.01
    assert changed.class_index != MASTIFF
    catdog = load_backbone("vgg16_catdog", "cpu")
    plain, changed = on_other_network(catdog, *pair, None)
    assert catdog.classes[plain.class_index] == "dog"
    assert changed.target_probability is None


def test_the_line_goes_through_the_photo_and_the_result(network, pair):
    places, answers = along_the_line(network, *pair)
    assert (places[0], places[-1]) == (-1, 3)
    assert int(answers[places.index(0)].argmax()) == MASTIFF
    assert int(answers[places.index(1)].argmax()) == SIAMESE
    torch.testing.assert_close(answers.sum(1), torch.ones(len(places)), atol=1e-4, rtol=0)


def test_ssim_is_scikit_images(pair):
    before, after = pair[0], np.clip(pair[0].astype(int) + np.arange(224)[None, :, None] % 9, 0, 255)
    after = after.astype(np.uint8)
    judge = structural_similarity(
        before, after, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(before, after) == pytest.approx(judge, abs=2e-3)
    assert ssim(before, before) == 1
