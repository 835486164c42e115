"""The verdict is what a stranger gets who opens the saved file."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.attacks import PGDSettings, Verdict, pgd, verdict
from core.attacks.verdict import TREATMENTS, shuffle_change
from core.backbone import load_backbone
from core.images import open_image, to_tensor
from core.samples import sample_path

MASTIFF, SIAMESE = 243, 284


@pytest.fixture(scope="module")
def network():
    return load_backbone("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def dog(network):
    return network.preprocess(open_image(sample_path("mastiff")))


@pytest.fixture(scope="module")
def attacked(network, dog) -> Verdict:
    adversarial = pgd(network, dog, SIAMESE, PGDSettings(epsilon=2.0)).adversarial
    return verdict(dog, adversarial, network, SIAMESE)


def test_it_is_what_a_stranger_gets_who_opens_the_png(network, attacked: Verdict):
    pixels = np.asarray(Image.open(io.BytesIO(attacked.png)))
    with torch.no_grad():
        seen = network.logits(to_tensor(pixels)).softmax(1)[0]
    assert attacked.succeeded
    assert attacked.trials[0].class_index == int(seen.argmax()) == SIAMESE
    assert attacked.trials[0].probability == pytest.approx(float(seen.max()), abs=1e-3)


def test_the_sizes_of_the_change_are_those_of_the_file(dog, attacked: Verdict):
    before = np.rint(dog[0].permute(1, 2, 0).numpy() * 255)
    change = (np.asarray(Image.open(io.BytesIO(attacked.png))) - before.astype(np.float64)) / 255
    assert attacked.largest_change == 2
    assert attacked.length == pytest.approx(float(np.linalg.norm(change)))
    assert attacked.psnr == pytest.approx(10 * math.log10(1 / float(np.mean(change**2))))
    assert attacked.changed_share == pytest.approx(float(change.any(axis=2).mean()))


def test_the_same_change_shuffled_does_nothing(attacked: Verdict):
    assert attacked.original_class == attacked.control.class_index == MASTIFF
    assert not attacked.control.succeeded


def test_every_treatment_is_tried_once(attacked: Verdict):
    assert [trial.name for trial in attacked.trials] == list(TREATMENTS)


def test_no_change_is_no_success(network, dog):
    unchanged = verdict(dog, dog, network, SIAMESE)
    assert not unchanged.succeeded
    assert (unchanged.largest_change, unchanged.length, unchanged.psnr) == (0, 0.0, math.inf)
    assert not verdict(dog, dog, network, None).succeeded


def test_a_photo_that_is_already_the_target_succeeds_unchanged(network, dog):
    assert verdict(dog, dog, network, MASTIFF).succeeded


def test_shapes_must_agree(network, dog):
    with pytest.raises(ValueError, match="one shape"):
        verdict(dog, dog[..., :100], network, SIAMESE)


@given(st.integers(0, 2**32 - 1))
def test_shuffling_keeps_every_amount_of_change(seed: int):
    generator = np.random.default_rng(seed)
    before = generator.integers(8, 248, (6, 5, 3)).astype(np.uint8)
    after = (before + generator.integers(-8, 8, before.shape)).astype(np.uint8)
    moved = shuffle_change(before, after, seed).astype(int) - before
    change = after.astype(int) - before
    assert sorted(map(tuple, moved.reshape(-1, 3))) == sorted(map(tuple, change.reshape(-1, 3)))
