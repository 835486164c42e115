"""A small network learns digits, wherever they are; a perceptron only where they were."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.digit_networks import (
    TrainDigitsSettings,
    logits_of,
    new_digit_networks,
    shift_accuracy_steps,
    train_digits,
    train_digits_steps,
)
from core.digits import Digits, load_digits

SHORT = TrainDigitsSettings(passes=1, batch=100)


@pytest.fixture(scope="module")
def trained():
    """Both networks after the page's own settings, and their last step."""
    settings = TrainDigitsSettings()
    networks = new_digit_networks(settings, "cpu")
    return networks, train_digits(networks, *load_digits(), settings)


def test_over_95_percent_of_digits_never_seen_are_read_correctly(trained):
    _, last = trained
    network, perceptron = last.accuracy
    assert last.checked == 1000
    assert last.step == last.steps == 320
    assert network > 0.95
    assert 0.8 < perceptron < network


def test_at_four_pixels_the_network_is_20_points_above_the_perceptron(trained):
    networks, _ = trained
    centred, moved = shift_accuracy_steps(networks, load_digits()[1].some(300), (0, 4))
    assert centred.accuracy[0] > 0.95
    assert moved.shift == 4
    assert moved.accuracy[0] > moved.accuracy[1] + 0.2


def test_filters_lose_their_noise(trained):
    networks, last = trained
    start = new_digit_networks(TrainDigitsSettings(), "cpu").network.conv1.weight[:, 0].detach().numpy()
    assert last.filters.shape == (12, 7, 7)
    assert np.array_equal(last.filters, networks.weights()["network.conv1.weight"][:, 0])

    def likeness(filters: np.ndarray) -> float:
        """How alike neighbours are: the correlation of each cell with the one to its right."""
        return float(np.corrcoef(filters[:, :, 1:].ravel(), filters[:, :, :-1].ravel())[0, 1])

    assert abs(likeness(start)) < 0.15
    assert likeness(last.filters) > 0.6


def test_the_same_seed_trains_the_same_and_another_does_not():
    learnt, held_out = load_digits()
    ends = []
    for seed in (3, 3, 4):
        settings = TrainDigitsSettings(passes=1, batch=200, seed=seed)
        few = learnt.some(1000)
        ends.append(
            train_digits(new_digit_networks(settings, "cpu"), few, held_out.some(50), settings).filters
        )
    assert np.array_equal(ends[0], ends[1])
    assert not np.allclose(ends[0], ends[2])


def test_weights_give_back_the_same_answers_and_are_a_copy():
    networks = new_digit_networks(SHORT, "cpu")
    images = load_digits()[1].images[:4]
    before = logits_of(networks, images)
    weights = networks.weights()
    inputs = torch.from_numpy(images.reshape(4, -1)).float() / 255
    by_hand = inputs @ weights["perceptron.linear.weight"].T + weights["perceptron.linear.bias"]
    assert np.allclose(by_hand, before[1], atol=1e-4)
    weights["network.conv1.weight"][:] = 0
    assert np.array_equal(logits_of(networks, images)[0], before[0])


def test_grad_mode_does_not_leak_over_a_yield():
    learnt, held_out = load_digits()
    steps = train_digits_steps(new_digit_networks(SHORT, "cpu"), learnt.some(200), held_out.some(20), SHORT)
    with torch.no_grad():
        for _ in steps:
            assert not torch.is_grad_enabled()


def test_few_digits_make_a_smaller_batch():
    learnt, held_out = load_digits()
    few = Digits(images=learnt.images[:7], labels=learnt.labels[:7])
    last = train_digits(new_digit_networks(SHORT, "cpu"), few, held_out.some(5), SHORT)
    assert last.steps == 1


@pytest.mark.parametrize("wrong", [{"filters": 0}, {"passes": 0}, {"rate": 0}, {"decay": -1}, {"batch": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="expected filters"):
        TrainDigitsSettings(**wrong)
