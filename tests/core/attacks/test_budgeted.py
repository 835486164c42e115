"""The budget holds, and the direction is right: judged by closed forms and by torch's own autograd."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.attacks import PGDSettings, fgsm, pgd, pgd_steps
from core.backbone import load_backbone
from core.errors import TrainingError, WeightsError
from core.images import open_image
from core.samples import sample_path
from tests.core.attacks.networks import Linear

SIAMESE = 284


def grey(side: int = 4, batch: int = 1) -> Tensor:
    return torch.full((batch, 3, side, side), 0.5)


def test_on_a_linear_network_of_two_classes_the_whole_budget_goes_along_the_sign_of_the_difference():
    network = Linear(classes=2)
    best = 0.5 + 8 / 255 * (network.weight[1] - network.weight[0]).sign().view(1, 3, 4, 4)
    for attack in (fgsm(network, grey(), 1, epsilon=8.0), pgd(network, grey(), 1, PGDSettings(epsilon=8.0))):
        torch.testing.assert_close(attack.adversarial, best)


def test_in_l2_the_whole_budget_goes_along_the_difference():
    network = Linear(classes=2)
    difference = (network.weight[1] - network.weight[0]).view(1, 3, 4, 4)
    best = 0.5 + 8 / 255 * difference / difference.norm()
    found = pgd(network, grey(), 1, PGDSettings(epsilon=8.0, norm="l2", steps=40)).adversarial
    torch.testing.assert_close(found, best, atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    epsilon=st.floats(0, 64),
    norm=st.sampled_from(["linf", "l2"]),
    random_start=st.booleans(),
    target=st.sampled_from([None, 0, 2]),
)
def test_budget_and_range_hold_after_every_step(seed, epsilon, norm, random_start, target):
    image = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(seed)).round(decimals=1)
    given_settings = PGDSettings(epsilon=epsilon, steps=5, norm=norm, random_start=random_start, seed=seed)
    for step in pgd_steps(Linear(), image, target, given_settings):
        change = step.adversarial - image
        size = change.abs().amax() if norm == "linf" else change.flatten(1).norm(dim=1).max()
        assert size <= epsilon / 255 + 1e-6
        assert step.adversarial.min() >= 0
        assert step.adversarial.max() <= 1


def test_epsilon_zero_changes_nothing():
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(pgd(Linear(), image, 2, PGDSettings(epsilon=0.0)).adversarial, image)


def test_untargeted_leads_away_from_the_present_class():
    image = torch.rand(4, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    network = Linear()
    was = network.logits(image).argmax(1)
    last = pgd(network, image, None, PGDSettings(epsilon=128.0, steps=20))
    assert (last.probabilities.argmax(1) != was).all()


def test_it_stops_once_the_confidence_is_reached():
    steps = list(pgd_steps(Linear(), grey(), 1, PGDSettings(epsilon=128.0, steps=50, confidence=0.9)))
    assert len(steps) < 51
    assert steps[-1].probabilities[0, 1] >= 0.9
    assert steps[-2].probabilities[0, 1] < 0.9


def test_at_confidence_1_it_takes_all_steps_though_a_probability_is_rounded_to_1():
    sure = Linear()
    sure.weight *= 100
    steps = list(pgd_steps(sure, grey(), 1, PGDSettings(epsilon=255.0, steps=30)))
    assert float(steps[20].probabilities[0, 1]) == 1
    assert len(steps) == 31


def test_same_seed_same_attack_and_another_seed_another():
    def attack(seed: int) -> Tensor:
        return pgd(
            Linear(),
            grey(),
            1,
            PGDSettings(epsilon=4.0, steps=1, random_start=True, seed=seed, step_size=1.0),
        ).adversarial

    assert torch.equal(attack(3), attack(3))
    assert not torch.equal(attack(3), attack(4))


def test_a_gradient_that_is_no_number_ends_with_a_sentence():
    class Broken(Linear):
        def logits(self, images: Tensor) -> Tensor:
            return super().logits(images) * float("nan")

    with pytest.raises(TrainingError, match="no longer a number"):
        pgd(Broken(), grey(), 1)


def test_a_network_without_a_head_has_nothing_to_attack():
    class Headless(Linear):
        has_head = False

    with pytest.raises(WeightsError, match="VGG-16"):
        pgd(Headless(), grey(), None)


@pytest.mark.parametrize("target", [-1, 3])
def test_a_class_that_is_none_is_named(target: int):
    with pytest.raises(ValueError, match="from 0 to 2"):
        pgd(Linear(), grey(), target)


@pytest.mark.parametrize(
    "bad", [{"epsilon": -1.0}, {"epsilon": float("nan")}, {"steps": 0}, {"momentum": 1.0}]
)
def test_impossible_settings_are_refused(bad: dict[str, float]):
    with pytest.raises(ValueError, match="expected epsilon"):
        PGDSettings(**bad)


def test_a_dog_becomes_a_siamese_cat_within_two_levels_and_the_network_is_untouched():
    network = load_backbone("efficientnet_lite0", "cpu")
    before = {name: value.clone() for name, value in network.model.state_dict().items()}
    image = network.preprocess(open_image(sample_path("mastiff")))
    last = pgd(network, image, SIAMESE)
    assert (last.adversarial - image).abs().max() <= 2 / 255 + 1e-6
    assert last.probabilities[0, SIAMESE] > 0.9
    assert all(torch.equal(before[name], value) for name, value in network.model.state_dict().items())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.model.modules())
    assert all(parameter.grad is None for parameter in network.model.parameters())


def test_grad_mode_is_as_before_between_steps():
    with torch.no_grad():
        for _ in pgd_steps(Linear(), grey(), 1, PGDSettings(steps=2)):
            assert not torch.is_grad_enabled()
