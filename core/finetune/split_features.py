"""The features of the photos behind one evaluation, in two parts: where all figures on trust begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.finetune.dataset import ImageFolder
from core.finetune.fit import Fitted


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitFeatures:
    """Features and labels of the photos learnt from and of those held out."""

    classes: tuple[str, ...]
    train: Tensor  # (photos learnt from, channels) float32
    train_labels: Tensor  # (photos learnt from,) int64
    held_out: Tensor  # (photos held out, channels)
    held_out_labels: Tensor  # (photos held out,)

    @property
    def all_features(self) -> Tensor:
        """(photos, channels): those learnt from, then those held out."""
        return torch.cat([self.train, self.held_out])


def split_features(folder: ImageFolder, fitted: Fitted, known: Mapping[Path, Tensor]) -> SplitFeatures:
    """The features of `folder`'s photos in the split of `fitted`.

    Args:
        folder: what `fitted` was trained and tested on.
        fitted: the last step of `fit_steps`.
        known: features (channels,) by photo, as `fit_steps` leaves them.

    Raises:
        KeyError: when the features of a photo are not known.
    """

    def part(indices: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        photos = [folder.photos[index] for index in indices]
        labels = torch.tensor([photo.label for photo in photos], dtype=torch.int64)
        return torch.stack([known[photo.path] for photo in photos]), labels

    train, train_labels = part(fitted.learnt_from)
    held_out, held_out_labels = part(fitted.held_out)
    return SplitFeatures(
        classes=folder.classes,
        train=train,
        train_labels=train_labels,
        held_out=held_out,
        held_out_labels=held_out_labels,
    )
