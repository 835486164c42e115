"""The probe against scikit-learn and closed-form answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.finetune.probe import ProbeSettings, fit_probe, probe_steps


def clusters(classes: int, count: int, channels: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Overlapping clouds far from the origin, so that centring and scaling matter."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(classes, channels, generator=generator)
    labels = torch.arange(count) % classes
    noise = torch.randn(count, channels, generator=generator)
    return 7.0 + 3.0 * (centres[labels] + 2.5 * noise), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("l2", [1e-1, 1e-2, 1e-3])
def test_equals_scikit_learns_logistic_regression(classes: int, l2: float) -> None:
    from sklearn.linear_model import LogisticRegression

    features, labels = clusters(classes, count=90, channels=40)
    new, _ = clusters(classes, count=60, channels=40, seed=1)
    probe = fit_probe(features, labels, classes, ProbeSettings(l2=l2))
    ours = (new @ probe.weight.T + probe.bias).softmax(1)

    centre = features.mean(0)
    spread = (features - centre).square().sum(1).mean().sqrt()
    # With two classes scikit-learn has one row w where we have two, which are -w / 2 and w / 2
    strength = (2 if classes == 2 else 1) / (l2 * len(features))
    judge = LogisticRegression(C=strength, max_iter=10_000, tol=1e-8)
    judge.fit(((features - centre) / spread).numpy(), labels.numpy())
    theirs = judge.predict_proba(((new - centre) / spread).numpy())
    assert np.abs(ours.numpy() - theirs).max() < 0.01


def test_the_first_step_knows_nothing_and_the_loss_falls() -> None:
    features, labels = clusters(4, count=80, channels=10)
    losses = [
        torch.nn.functional.cross_entropy(features @ step.weight.T + step.bias, labels).item()
        for step in probe_steps(features, labels, 4, ProbeSettings(epochs=40))
    ]
    assert losses[0] == pytest.approx(math.log(4), abs=1e-6)
    assert len(losses) == 41
    assert losses[-1] < losses[10] < losses[1] < losses[0]


def test_photos_all_alike_give_the_shares_of_the_classes() -> None:
    labels = torch.tensor([0, 0, 0, 1])
    probe = fit_probe(torch.full((4, 6), 3.0), labels, 2)
    shares = (torch.full((1, 6), 3.0) @ probe.weight.T + probe.bias).softmax(1)
    assert torch.allclose(shares, torch.tensor([[0.75, 0.25]]), atol=1e-3)


def test_the_unit_of_the_features_does_not_matter() -> None:
    features, labels = clusters(3, count=60, channels=12)
    one = fit_probe(features, labels, 3)
    other = fit_probe(features * 1000, labels, 3)
    logits, scaled = features @ one.weight.T + one.bias, 1000 * features @ other.weight.T + other.bias
    assert torch.allclose(logits, scaled, atol=1e-2)


def test_the_same_call_gives_the_same_weights() -> None:
    features, labels = clusters(3, count=60, channels=12)
    assert torch.equal(fit_probe(features, labels, 3).weight, fit_probe(features, labels, 3).weight)


def test_labels_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(5, 3\) and \(4,\)"):
        next(iter(probe_steps(torch.zeros(5, 3), torch.zeros(4, dtype=torch.int64), 2)))
