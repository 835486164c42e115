"""A linear probe: softmax regression on features that a frozen network gave once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class ProbeSettings:
    """How a probe is fitted."""

    epochs: int = 150  # passes over all features; 10 to 500
    l2: float = 1e-3  # weight of the penalty, on features scaled to unit spread; 1e-5 to 1


@dataclass(frozen=True, kw_only=True)
class ProbeEpoch:
    """The probe after an epoch: logits are `features @ weight.T + bias`."""

    epoch: int  # 0 (nothing learnt yet) to `epochs`
    epochs: int
    weight: Tensor  # (classes, channels)
    bias: Tensor  # (classes,)


def probe_steps(
    features: Tensor, labels: Tensor, classes: int, settings: ProbeSettings | None = None
) -> Iterator[ProbeEpoch]:
    """Fit a linear layer by minimising mean cross-entropy + l2 / 2 * |weight|^2 over all features at once.

    The features are centred and divided by one number, their root-mean-square distance from the centre, so
    that the same penalty suits every network; the layer that is given back undoes both. The objective has
    one minimum, found by Nesterov's accelerated gradient with restarts (O'Donoghue and Candes 2015,
    arXiv:1204.3982, section 3.2), so nothing here is random. It is scikit-learn's `LogisticRegression` on
    the same scaled features with C = 1 / (l2 * N) (C = 2 / (l2 * N) for two classes, where scikit-learn
    keeps one row of weights).

    Args:
        features: (N, channels), any range, finite.
        labels: (N,) int64, from 0 to `classes` - 1.
        classes: how many rows the weight gets.
        settings: `ProbeSettings()` by default.

    Raises:
        ValueError: when features and labels do not fit each other.
    """
    settings = settings or ProbeSettings()
    if features.ndim != 2 or labels.shape != features.shape[:1] or not len(features):
        raise ValueError(
            f"expected features (N, channels) and labels (N,), got {tuple(features.shape)} and "
            f"{tuple(labels.shape)}"
        )
    centre, spread = _scale(features)
    inputs = functional.pad((features - centre) / spread, (0, 1), value=1.0)
    targets = functional.one_hot(labels, classes).to(inputs.dtype)
    penalty = torch.full((inputs.shape[1], 1), settings.l2, device=inputs.device)
    penalty[-1] = 0  # a bias is not penalised

    # The curvature of softmax is at most 1/2; of inputs so scaled no direction has a mean square above 1
    rate = 1 / (0.5 + settings.l2)
    solution = torch.zeros(inputs.shape[1], classes, device=inputs.device)
    ahead, momentum = solution, 0
    for epoch in range(settings.epochs + 1):
        yield _unscaled(epoch, settings.epochs, solution, centre, spread)
        gradient = inputs.T @ ((inputs @ ahead).softmax(1) - targets) / len(inputs) + penalty * ahead
        moved = ahead - rate * gradient
        uphill = (gradient * (moved - solution)).sum() > 0
        momentum = 0 if uphill else momentum + 1
        ahead = moved + momentum / (momentum + 3) * (moved - solution)
        solution = moved


def _scale(features: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of the features and their root-mean-square distance from it (1 where they are all alike)."""
    centre = features.mean(0)
    spread = (features - centre).square().sum(1).mean().sqrt()
    return centre, torch.where(spread > 1e-12, spread, torch.ones_like(spread))


def _unscaled(epoch: int, epochs: int, solution: Tensor, centre: Tensor, spread: Tensor) -> ProbeEpoch:
    weight = (solution[:-1] / spread).T.contiguous()
    return ProbeEpoch(epoch=epoch, epochs=epochs, weight=weight, bias=solution[-1] - weight @ centre)


def fit_probe(
    features: Tensor, labels: Tensor, classes: int, settings: ProbeSettings | None = None
) -> ProbeEpoch:
    """The last step of `probe_steps`."""
    *_, last = probe_steps(features, labels, classes, settings)
    return last


def probe_accuracy(
    train: tuple[Tensor, Tensor],
    held_out: tuple[Tensor, Tensor],
    classes: int,
    settings: ProbeSettings | None = None,
) -> float:
    """How well a probe of some photos names others, 0 to 1.

    Args:
        train: features (N, channels) and labels (N,) that it is fitted on.
        held_out: those that it is judged on, at least one.
        classes: as in `probe_steps`.
        settings: `ProbeSettings()` by default.

    Raises:
        ValueError: as `probe_steps`.
    """
    probe = fit_probe(*train, classes, settings)
    features, labels = held_out
    answers = (features @ probe.weight.T + probe.bias).argmax(1)
    return (answers == labels).float().mean().item()
