"""The class objective and the total variation, against their formulas."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from core.featurevis.objectives import ClassObjective, total_variation


def test_class_objective_is_the_logit_plus_the_log_probability_by_its_weight():
    logits = torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(ClassObjective(index=1)(logits), torch.tensor([2.0, 0.0]))
    expected = logits[:, 1] + 3 * (logits[:, 1] - logits.exp().sum(1).log())
    torch.testing.assert_close(ClassObjective(index=1, certainty=3.0)(logits), expected)


def test_objectives_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClassObjective(index=1).index = 2


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
