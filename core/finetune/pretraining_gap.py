"""How far from ImageNet are these photos? The same probe on a network with and without its training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.backbone import Backbone
from core.finetune.dataset import ImageFolder
from core.finetune.features import feature_steps
from core.finetune.fit import Fitted
from core.finetune.probe import probe_accuracy
from core.variants import variant

MOST_PHOTOS = 200  # of each part of the split; more are thinned out evenly


@dataclass(frozen=True, kw_only=True)
class GapProgress:
    """Photos are going through the network with random weights."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True, kw_only=True)
class PretrainingGap:
    """Held-out accuracies, 0 to 1, of two probes on the same photos."""

    pretrained: float
    random: float
    learnt_from: int  # photos
    held_out: int  # photos

    @property
    def gap(self) -> float:
        """What the training on ImageNet brings, -1 to 1."""
        return self.pretrained - self.random


def pretraining_gap_steps(
    backbone: Backbone, folder: ImageFolder, fitted: Fitted, known: Mapping[Path, Tensor], seed: int = 0
) -> Iterator[GapProgress | PretrainingGap]:
    """Compare a probe on the features of `backbone` with one on those of a copy whose weights are drawn anew.

    Args:
        backbone: a pretrained network; it is not changed.
        folder: what `fitted` was trained and tested on.
        fitted: gives the split.
        known: the pretrained features of the folder's photos.
        seed: of the random weights.

    Raises:
        ImageError: when a photo has become unreadable.
        KeyError: when the features of a photo are not known.
    """
    train, held_out = _thinned(fitted.learnt_from), _thinned(fitted.held_out)
    photos = [folder.photos[index] for index in (*train, *held_out)]
    labels = torch.tensor([photo.label for photo in photos])
    pretrained = torch.stack([known[photo.path] for photo in photos])
    rows: list[Tensor] = []
    started = time.monotonic()
    for step in feature_steps(
        variant(backbone, weights="random", seed=seed), [photo.path for photo in photos]
    ):
        rows.append(step.features)
        each = (time.monotonic() - started) / step.done
        yield GapProgress(done=step.done, total=step.total, seconds_left=each * (step.total - step.done))
    learnt = len(train)
    both = [
        probe_accuracy(
            (features[:learnt], labels[:learnt]), (features[learnt:], labels[learnt:]), len(folder.classes)
        )
        for features in (pretrained, torch.cat(rows))
    ]
    yield PretrainingGap(pretrained=both[0], random=both[1], learnt_from=learnt, held_out=len(held_out))


def _thinned(indices: Sequence[int]) -> Sequence[int]:
    """At most `MOST_PHOTOS`, evenly from the folder's order, which goes class by class."""
    return indices[:: -(-len(indices) // MOST_PHOTOS) or 1]
