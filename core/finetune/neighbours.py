"""The nearest photos by their features, and what a classifier must beat: to answer as the nearest does."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from core.finetune.split_features import SplitFeatures


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbours:
    """For each feature vector the nearest of the others."""

    distances: Tensor  # (N,) 1 - cosine similarity, 0 (same direction) to 2
    indices: Tensor  # (N,) int64


def nearest_neighbours(queries: Tensor, among: Tensor, *, leave_out_self: bool = False) -> Neighbours:
    """The nearest rows of `among` by cosine distance (1-nearest-neighbour: Cover and Hart 1967).

    Args:
        queries: (N, channels), any range.
        among: (M, channels), M at least 1.
        leave_out_self: `queries` is `among`, and no row counts as its own neighbour; M is at least 2.
    """
    similarity = similarities(queries, among)
    if leave_out_self:
        similarity.fill_diagonal_(-torch.inf)
    nearest = similarity.max(1)
    return Neighbours(distances=(1 - nearest.values).clamp(0, 2), indices=nearest.indices)


def similarities(queries: Tensor, among: Tensor) -> Tensor:
    """Cosine similarities (N, M), -1 to 1, of queries (N, channels) and among (M, channels)."""
    similarity: Tensor = functional.normalize(queries, dim=1) @ functional.normalize(among, dim=1).T
    return similarity


def nearest_neighbour_accuracy(split: SplitFeatures) -> float:
    """The share of the photos held out, 0 to 1, whose nearest photo learnt from is of their class."""
    nearest = nearest_neighbours(split.held_out, split.train).indices
    return (split.train_labels[nearest] == split.held_out_labels).float().mean().item()
