"""Is a photo unlike all that were learnt from? A classifier answers all the same, and often surely."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.finetune.neighbours import nearest_neighbours

LEAST_PHOTOS = 8  # fewer do not tell how far apart photos of this kind are


@dataclass(frozen=True, kw_only=True)
class Novelty:
    """How far a photo is from all that were learnt from."""

    distance: float  # to the nearest of them, 1 - cosine similarity
    threshold: float  # the distance that few of them exceed
    nearest: int  # its row in the features learnt from

    @property
    def is_novel(self) -> bool:
        """Whether it is farther than the threshold."""
        return self.distance > self.threshold


@dataclass(frozen=True, kw_only=True, eq=False)
class NoveltyDetector:
    """Compares a photo's distance to its nearest neighbour with such distances among the photos learnt from.

    The distance is to the nearest training feature (Sun et al. 2022, arXiv:2204.06507, eq. 1, with k = 1 and
    the cosine). Its threshold is a quantile over the training photos, each against all others.
    """

    train: Tensor  # (photos learnt from, channels)
    threshold: float

    @staticmethod
    def fit(train: Tensor, quantile: float = 0.99) -> NoveltyDetector:
        """Learn how far apart these photos are.

        Args:
            train: features (photos, channels) of at least two photos.
            quantile: the share of them that counts as near, 0 to 1.

        Raises:
            ValueError: when there are fewer than two.
        """
        if train.ndim != 2 or len(train) < 2:
            raise ValueError(f"expected features (photos, channels) of two or more, got {tuple(train.shape)}")
        apart = nearest_neighbours(train, train, leave_out_self=True).distances
        return NoveltyDetector(train=train, threshold=torch.quantile(apart, quantile).item())

    def judge(self, features: Tensor) -> tuple[Novelty, ...]:
        """The novelty of each row of features (N, channels)."""
        found = nearest_neighbours(features.to(self.train.device), self.train)
        return tuple(
            Novelty(distance=distance, threshold=self.threshold, nearest=nearest)
            for distance, nearest in zip(found.distances.tolist(), found.indices.tolist(), strict=True)
        )
