"""How accuracy grows with the number of photos: probes on ever larger parts of the cached features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.finetune.probe import ProbeSettings, probe_accuracy
from core.finetune.split_features import SplitFeatures


@dataclass(frozen=True, kw_only=True)
class LearningCurveSettings:
    """What is tried."""

    shares: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 1.0)  # of the photos learnt from, rising
    draws: int = 5  # how often each part is drawn anew, at least 1
    epochs: int = 150  # of each probe
    l2: float = ProbeSettings.l2
    seed: int = 0  # of the draws


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Held-out accuracy with so many photos to learn from."""

    photos: int
    accuracies: tuple[float, ...]  # of each draw, 0 to 1

    @property
    def mean(self) -> float:
        """Over the draws."""
        return sum(self.accuracies) / len(self.accuracies)


@dataclass(frozen=True, kw_only=True)
class CurveStep:
    """The curve after one more probe; its last point may not have all its draws yet."""

    points: tuple[CurvePoint, ...]
    done: int  # probes
    total: int


def learning_curve_steps(
    split: SplitFeatures, settings: LearningCurveSettings | None = None
) -> Iterator[CurveStep]:
    """Fit a probe on parts of the photos learnt from, and judge each on all photos held out.

    A part has its share of every class, at least one photo of each. Within a draw each part holds the one
    before. All photos can be drawn in one way only, so the whole is fitted once; so are two shares that come
    to the same number of photos.

    Args:
        split: from `split_features`.
        settings: `LearningCurveSettings()` by default.

    Raises:
        ValueError: when a share is not in (0, 1] or the shares do not rise.
    """
    settings = settings or LearningCurveSettings()
    if not settings.shares or list(settings.shares) != sorted({*settings.shares}):
        raise ValueError(f"expected shares that rise, got {settings.shares}")
    if settings.shares[0] <= 0 or settings.shares[-1] > 1:
        raise ValueError(f"expected shares in (0, 1], got {settings.shares}")
    orders = [_drawn(split.train_labels, settings.seed + draw) for draw in range(settings.draws)]
    sizes = sorted({tuple(_counts(split, share)) for share in settings.shares}, key=sum)
    draws = [1 if sum(size) == len(split.train) else settings.draws for size in sizes]
    points: list[CurvePoint] = []
    done = 0
    for size, count in zip(sizes, draws, strict=True):
        accuracies: tuple[float, ...] = ()
        for order in orders[:count]:
            chosen = torch.cat([members[:n] for members, n in zip(order, size, strict=True)])
            accuracies += (_accuracy(split, chosen, settings),)
            done += 1
            now = CurvePoint(photos=sum(size), accuracies=accuracies)
            yield CurveStep(points=(*points, now), done=done, total=sum(draws))
        points.append(now)


def learning_curve(
    split: SplitFeatures, settings: LearningCurveSettings | None = None
) -> tuple[CurvePoint, ...]:
    """All points of `learning_curve_steps`."""
    *_, last = learning_curve_steps(split, settings)
    return last.points


def _drawn(labels: Tensor, seed: int) -> list[Tensor]:
    """The photos of every class in an order of this seed."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    return [order[labels[order] == label] for label in range(int(labels.max()) + 1)]


def _counts(split: SplitFeatures, share: float) -> list[int]:
    """Photos of every class in a part; none only where a class has none."""
    whole = split.train_labels.bincount(minlength=int(split.train_labels.max()) + 1).tolist()
    return [min(count, max(1, round(share * count))) for count in whole]


def _accuracy(split: SplitFeatures, chosen: Tensor, settings: LearningCurveSettings) -> float:
    return probe_accuracy(
        (split.train[chosen], split.train_labels[chosen]),
        (split.held_out, split.held_out_labels),
        len(split.classes),
        ProbeSettings(epochs=settings.epochs, l2=settings.l2),
    )
