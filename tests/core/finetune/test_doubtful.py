"""Photos in the wrong folder are found among those learnt from."""

from __future__ import annotations

import torch

from core.finetune.doubtful import doubtful_photos
from core.finetune.split_features import SplitFeatures


def split(features: torch.Tensor, labels: torch.Tensor, classes: int) -> SplitFeatures:
    names = tuple("abcdef"[:classes])
    return SplitFeatures(
        classes=names,
        train=features,
        train_labels=labels,
        held_out=features[:1],
        held_out_labels=labels[:1],
    )


def clouds(each: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(classes).repeat_interleave(each)
    return 5 * torch.eye(8)[labels] + torch.randn(len(labels), 8, generator=generator), labels


def test_a_photo_in_the_wrong_folder_is_found_and_no_other() -> None:
    features, labels = clouds(12, 3)
    assert doubtful_photos(split(features, labels, 3)) == []
    moved = labels.clone()
    moved[3], moved[30] = 2, 0
    found = doubtful_photos(split(features, moved, 3))
    assert {(each.place, each.looks_like, each.asked) for each in found} == {(3, 0, 5), (30, 2, 5)}
    assert all(each.agreeing >= 4 for each in found)


def test_too_few_photos_say_nothing() -> None:
    features, labels = clouds(3, 2)
    assert doubtful_photos(split(features, labels.flip(0), 2)) == []
