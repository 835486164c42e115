"""Objectives and the total variation, against their formulas on outputs that are written down."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from core.featurevis.goals import Goal, goals_from_text, objective_of
from core.featurevis.objectives import (
    LOGITS,
    ChannelObjective,
    ClassObjective,
    DirectionObjective,
    NeuronObjective,
    SumObjective,
    total_variation,
)

SCORES = torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
MAPS = torch.arange(2 * 3 * 5 * 5, dtype=torch.float32).reshape(2, 3, 5, 5) - 40


def test_class_objective_is_the_logit_plus_the_log_probability_by_its_weight():
    outputs = {LOGITS: SCORES}
    torch.testing.assert_close(ClassObjective(classes=(1,))(outputs), torch.tensor([2.0, 0.0]))
    expected = SCORES[:, 1] + 3 * (SCORES[:, 1] - SCORES.exp().sum(1).log())
    torch.testing.assert_close(ClassObjective(classes=(1,), certainty=3.0)(outputs), expected)


def test_several_classes_are_added_by_weight_and_any_of_them_will_do():
    both = ClassObjective(classes=(0, 2), weights=(0.25, 0.75), certainty=1.0)
    shares = SCORES.softmax(1)
    expected = 0.25 * SCORES[:, 0] + 0.75 * SCORES[:, 2] + (shares[:, 0] + shares[:, 2]).log()
    torch.testing.assert_close(both({LOGITS: SCORES}), expected)
    torch.testing.assert_close(both.answers({LOGITS: SCORES}), shares[:, [0, 2]])
    even = ClassObjective(classes=(0, 2))
    torch.testing.assert_close(even({LOGITS: SCORES}), SCORES[:, [0, 2]].mean(1))


def test_a_channel_a_neuron_and_a_direction_read_their_layer_alone():
    outputs = {"here": MAPS}
    strong = ChannelObjective(layer="here", channel=2)
    positive = MAPS[1, 2]
    assert float(strong(outputs)[1]) == pytest.approx(float(positive.square().mean()))
    assert float(strong.answers(outputs)[1, 0]) == pytest.approx(float(positive.mean()))
    neuron = NeuronObjective(layer="here", channel=1)
    torch.testing.assert_close(neuron(outputs), MAPS[:, 1, 2, 2])
    along = DirectionObjective(layer="here", direction=torch.tensor([0.0, 3.0, 0.0]))
    torch.testing.assert_close(along(outputs), MAPS[:, 1].mean((1, 2)))
    mean = MAPS.mean((2, 3))
    torch.testing.assert_close(along.answers(outputs)[:, 0], mean[:, 1] / mean.norm(dim=1))
    narrow = dataclasses.replace(along, narrow=2.0)
    expected = mean[:, 1] * (mean[:, 1] / mean.norm(dim=1)).clamp_min(0.1) ** 2
    torch.testing.assert_close(narrow(outputs), expected)
    with pytest.raises(ValueError, match="channel from 0 to 2, got 3"):
        ChannelObjective(layer="here", channel=3)(outputs)


def test_a_sum_adds_by_weight_and_tells_all_answers():
    parts = (ClassObjective(classes=(1,)), 0.5), (NeuronObjective(layer="here", channel=0), 2.0)
    total = SumObjective(parts=parts)
    assert total.layers == (LOGITS, "here")
    outputs = {LOGITS: SCORES, "here": MAPS}
    torch.testing.assert_close(total(outputs), 0.5 * SCORES[:, 1] + 2 * MAPS[:, 0, 2, 2])
    assert total.answers(outputs).shape == (2, 2)


def test_objectives_are_immutable_and_ask_for_something():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClassObjective(classes=(1,)).classes = (2,)
    with pytest.raises(ValueError, match="at least one class"):
        ClassObjective(classes=())
    with pytest.raises(ValueError, match="one for each"):
        ClassObjective(classes=(1, 2), weights=(1.0,))


@pytest.mark.parametrize(
    "goals",
    [
        (Goal(index=284),),
        (Goal(index=281, weight=0.3), Goal(index=340, weight=0.7)),
        (Goal(kind="channel", layer="block5_1", index=12),),
        (Goal(kind="neuron", layer="conv5_3", index=0, weight=0.5),),
    ],
)
def test_goals_survive_a_link(goals):
    assert goals_from_text("+".join(map(str, goals))) == goals
    assert objective_of(goals).layers == ((goals[0].layer,) if goals[0].layer else (LOGITS,))


@pytest.mark.parametrize(
    "text", ["", "cat", "-1", "1*7", "1*nan", "channel:3", "organ:x:1", "1+2+3+4+5", "1**2"]
)
def test_what_is_no_goal_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        goals_from_text(text)


@pytest.mark.parametrize(("power", "expected"), [(1, 0.25 + 0.5), (2, 0.25**2 + 0.5**2)])
def test_total_variation_of_a_slope_is_its_two_steepnesses(power, expected):
    rows, columns = torch.meshgrid(torch.arange(5.0), torch.arange(7.0), indexing="ij")
    slope = (0.25 * rows + 0.5 * columns).expand(2, 3, 5, 7)
    assert float(total_variation(slope, power)) == pytest.approx(expected)


def test_total_variation_of_one_colour_is_nothing():
    assert float(total_variation(torch.full((1, 3, 4, 4), 0.3))) == 0


@pytest.mark.parametrize("power", [1, 2])
def test_the_gradient_of_total_variation_is_right(power):
    images = torch.rand(2, 3, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda x: total_variation(x, power), images.requires_grad_())


def test_total_variation_names_the_powers_it_knows():
    with pytest.raises(ValueError, match="power 1 or 2, got 3"):
        total_variation(torch.zeros(1, 3, 4, 4), power=3)
