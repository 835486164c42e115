"""How far to trust a classifier: accuracy with its interval, confusion, and what guessing would give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Z95 = 1.959964  # the normal distribution holds 95 % within so many standard deviations


def wilson_interval(right: int, count: int, z: float = Z95) -> tuple[float, float]:
    """The 95 % interval of a share, `right` out of `count` (Wilson 1927, JASA 22:209-212).

    Never leaves [0, 1], and stays honest for few photos and for 100 %.
    """
    if not count:
        return 0.0, 1.0
    share, square = right / count, z * z / count
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a classifier said of photos that it had not learnt from."""

    classes: tuple[str, ...]
    truths: npt.NDArray[np.int64]  # (N,)
    probabilities: npt.NDArray[np.float32]  # (N, classes)
    largest_class: int  # of the photos that were learnt from

    @cached_property
    def answers(self) -> npt.NDArray[np.int64]:
        """The class that the classifier found likeliest, for each photo (N,)."""
        return np.asarray(self.probabilities.argmax(1), dtype=np.int64)

    @property
    def count(self) -> int:
        """Held-out photos."""
        return len(self.truths)

    @property
    def right(self) -> int:
        """Photos whose likeliest class is the true one."""
        return int((self.answers == self.truths).sum())

    @property
    def accuracy(self) -> float:
        """The share that is right, 0 to 1."""
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson_interval(self.right, self.count)

    @property
    def baseline(self) -> float:
        """The accuracy of always answering with the class that had most photos to learn from."""
        return float((self.truths == self.largest_class).mean()) if self.count else 0.0

    @cached_property
    def confusion(self) -> npt.NDArray[np.int64]:
        """(classes, classes): the row is the true class, the column the answer."""
        table = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        np.add.at(table, (self.truths, self.answers), 1)
        return table

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """(classes,): of the photos of each class, the share that is found; NaN where there is none."""
        return _shares(self.confusion.diagonal(), self.confusion.sum(1))

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """(classes,): of the photos that are given each name, the share that is right; NaN where none is."""
        return _shares(self.confusion.diagonal(), self.confusion.sum(0))

    @property
    def surest_mistakes(self) -> list[int]:
        """The photos with a wrong answer, the one with the most probable wrong answer first."""
        wrong = np.flatnonzero(self.answers != self.truths)
        sureness = self.probabilities[wrong, self.answers[wrong]]
        return [int(index) for index in wrong[np.argsort(-sureness, kind="stable")]]


def _shares(parts: npt.NDArray[np.int64], wholes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    shares = np.full(len(parts), np.nan)
    np.divide(parts, wholes, out=shares, where=wholes > 0)
    return shares
