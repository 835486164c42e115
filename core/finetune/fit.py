"""From a folder of photos to a classifier: each photo once through the network, then a linear probe."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from core.backbone import Backbone
from core.finetune.classifier import Classifier
from core.finetune.dataset import ImageFolder
from core.finetune.evaluate import Evaluation
from core.finetune.features import feature_steps
from core.finetune.probe import ProbeSettings, probe_steps

KnownFeatures = MutableMapping[Path, Tensor]


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """What a learner can choose."""

    epochs: int = 150  # passes over the features of all photos
    held_out_share: float = 0.25  # of each class, for folders that have no split of their own
    l2: float = ProbeSettings.l2  # how strongly large weights are held back
    seed: int = 0  # which photos are held out

    EPOCHS_RANGE: ClassVar[tuple[int, int]] = (10, 500)
    HELD_OUT_RANGE: ClassVar[tuple[float, float]] = (0.1, 0.5)
    SEED_RANGE: ClassVar[tuple[int, int]] = (0, 99)


@dataclass(frozen=True, kw_only=True)
class FeatureProgress:
    """Photos are going through the network."""

    done: int
    total: int
    photos_per_second: float
    seconds_left: float


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """How the probe does after an epoch, on the photos it learns from and on those held out."""

    epoch: int  # 0 (nothing learnt yet) to `epochs`
    epochs: int
    loss: float  # mean cross-entropy, nats
    accuracy: float  # 0 to 1
    held_out_loss: float
    held_out_accuracy: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """The result; `held_out` are indices into the folder's photos, in the order of the evaluation."""

    classifier: Classifier
    evaluation: Evaluation
    learnt_from: tuple[int, ...]
    held_out: tuple[int, ...]
    kept_epoch: int | None = None  # of the network, where it learnt too; 0: none was better than the probe


FitStep = FeatureProgress | Epoch | Fitted


def split(folder: ImageFolder, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Indices of the photos to learn from and to hold out: the folder's own split, else one by seed.

    The seed's split is stratified: `share` of every class is held out, at least one photo, and at least
    one is left to learn from. It follows from the photos' names, so that moving or leaving out one photo
    does not deal all others anew. Photos that show the same picture stay on one side, as far as a class has
    others: who is tested on what it has learnt scores too high.
    """
    if folder.has_split:
        parts = [photo.part for photo in folder.photos]
        own = [[i for i, part in enumerate(parts) if part == wanted] for wanted in ("train", "held_out")]
        return own[0], own[1]
    learnt_from: list[int] = []
    held_out: list[int] = []
    for label in range(len(folder.classes)):
        members = [i for i, photo in enumerate(folder.photos) if photo.label == label]
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        chosen = _whole_pictures(folder, members, count, seed)
        held_out += chosen
        learnt_from += sorted(set(members) - set(chosen))
    return sorted(learnt_from), sorted(held_out)


def _whole_pictures(folder: ImageFolder, members: Sequence[int], count: int, seed: int) -> list[int]:
    """About `count` of `members` in an order given by the seed, copies together; one if nothing fits."""
    by_picture: dict[str, list[int]] = {}
    for i in members:
        photo = folder.photos[i]
        by_picture.setdefault(photo.copy_of or photo.name, []).append(i)
    order = sorted(by_picture, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
    chosen: list[int] = []
    for name in order:
        if len(chosen) + len(by_picture[name]) <= count:
            chosen += by_picture[name]
    return chosen or by_picture[order[0]][:1]


def fit_steps(
    backbone: Backbone,
    folder: ImageFolder,
    settings: FitSettings | None = None,
    known: KnownFeatures | None = None,
) -> Iterator[FitStep]:
    """Train a linear probe on `folder` and measure it on the photos held out.

    Args:
        backbone: gives the features; it is not changed.
        folder: from `scan_folder`.
        settings: `FitSettings()` by default.
        known: features by photo, read and added to; the photos in it do not go through the network again.

    Yields:
        `FeatureProgress` for each batch of photos, `Epoch` for each epoch, and `Fitted` at the end.

    Raises:
        ImageError: when a photo has become unreadable since the folder was scanned.
    """
    settings = settings or FitSettings()
    known = {} if known is None else known
    yield from _learn_features(backbone, folder, known)
    features = torch.stack([known[photo.path] for photo in folder.photos])
    labels = torch.tensor([photo.label for photo in folder.photos])
    learnt_from, held_out = split(folder, settings.held_out_share, settings.seed)
    probe = ProbeSettings(epochs=settings.epochs, l2=settings.l2)
    for step in probe_steps(features[learnt_from], labels[learnt_from], len(folder.classes), probe):
        logits = features @ step.weight.T + step.bias
        loss, accuracy = _score(logits[learnt_from], labels[learnt_from])
        held_out_loss, held_out_accuracy = _score(logits[held_out], labels[held_out])
        yield Epoch(
            epoch=step.epoch,
            epochs=step.epochs,
            loss=loss,
            accuracy=accuracy,
            held_out_loss=held_out_loss,
            held_out_accuracy=held_out_accuracy,
        )
    classifier = Classifier(
        backbone=backbone, classes=folder.classes, weight=step.weight.clone(), bias=step.bias.clone()
    )
    evaluation = Evaluation(
        classes=folder.classes,
        truths=labels[held_out].numpy(),
        probabilities=logits[held_out].softmax(1).numpy(),
        largest_class=int(labels[learnt_from].bincount().argmax()),
    )
    yield Fitted(
        classifier=classifier,
        evaluation=evaluation,
        learnt_from=tuple(learnt_from),
        held_out=tuple(held_out),
    )


def fit(backbone: Backbone, folder: ImageFolder, settings: FitSettings | None = None) -> Classifier:
    """The classifier that `fit_steps` ends with."""
    *_, last = fit_steps(backbone, folder, settings)
    assert isinstance(last, Fitted)
    return last.classifier


def _learn_features(
    backbone: Backbone, folder: ImageFolder, known: KnownFeatures
) -> Iterator[FeatureProgress]:
    new = [photo.path for photo in folder.photos if photo.path not in known]
    started = time.monotonic()
    for step in feature_steps(backbone, new):
        known.update(zip(new[step.done - len(step.features) : step.done], step.features, strict=True))
        speed = step.done / max(time.monotonic() - started, 1e-6)
        yield FeatureProgress(
            done=len(folder.photos) - len(new) + step.done,
            total=len(folder.photos),
            photos_per_second=speed,
            seconds_left=(step.total - step.done) / speed,
        )


def _score(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    loss = functional.cross_entropy(logits, labels).item()
    return loss, (logits.argmax(1) == labels).float().mean().item()
