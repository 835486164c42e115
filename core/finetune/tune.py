"""Fine-tuning proper: the network itself goes on learning on the new photos, on a copy of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import torch

from core.backbone import Backbone
from core.finetune.dataset import ImageFolder, Photo
from core.finetune.evaluate import Evaluation
from core.finetune.features import feature_steps
from core.finetune.fit import Epoch, FeatureProgress, FitSettings, Fitted, KnownFeatures, fit_steps
from core.finetune.learner import Learner, TuneProgress, TuneSettings

TuneStep = FeatureProgress | Learner | TuneProgress | Epoch | Fitted


def tune_steps(
    backbone: Backbone,
    folder: ImageFolder,
    settings: FitSettings,
    tune: TuneSettings,
    known: KnownFeatures,
    tuned_features: KnownFeatures,
) -> Iterator[TuneStep]:
    """Train a linear probe, then go on with the last block or all of a copy of the network.

    To begin with a trained last layer keeps the first steps from spoiling the features (Kumar et al. 2022,
    "Fine-tuning can distort pretrained features", ICLR). Learning rates fall block by block towards the
    input (Howard and Ruder 2018, ACL) and over time as half a cosine. Batch normalisation keeps the
    statistics of ImageNet. Classes weigh alike, however many photos they have. Of all epochs, the probe
    included, that with the lowest loss on a validation part of the photos learnt from is kept; the held-out
    photos choose nothing.

    Args:
        backbone: is copied, not changed.
        settings: of the probe and of the split.
        known: features of the unchanged network by photo, read and added to.
        tuned_features: gets the features of the tuned network for every photo.

    Yields:
        `FeatureProgress` while photos go through the network, then the `Learner` that learns from now on,
        `TuneProgress` for each batch, `Epoch` for each epoch (0 is the probe), and `Fitted` at the end.
        Whoever ends it earlier gets the best so far from `kept_steps`.

    Raises:
        ImageError: when a photo has become unreadable since the folder was scanned.
    """
    start: Fitted | None = None
    for step in fit_steps(backbone, folder, settings, known):
        if isinstance(step, FeatureProgress):
            yield step
        elif isinstance(step, Fitted):
            start = step
    assert start is not None
    learner = Learner(backbone, folder, start, settings, tune, known)
    learner.judge([known[photo.path] for photo in folder.photos])
    yield learner
    yield learner.epoch()
    while learner.number < tune.epochs and not learner.is_stale:
        yield from learner.learn()
        features: KnownFeatures = {}
        yield from _through(learner.backbone, learner.judged, features)
        learner.judge([features.get(photo.path) for photo in folder.photos])
        yield learner.epoch()
    yield from kept_steps(learner, tuned_features)


def kept_steps(learner: Learner, tuned_features: KnownFeatures) -> Iterator[FeatureProgress | Fitted]:
    """End a run with its best epoch: the network goes back to it, and all photos go through it once.

    Args:
        learner: from `tune_steps`; it learns no more.
        tuned_features: gets the features of the tuned network for every photo.

    Yields:
        `FeatureProgress`, and `Fitted` at the end.
    """
    learner.keep_best()
    yield from _through(learner.backbone, learner.folder.photos, tuned_features)
    yield _fitted(learner, tuned_features)


def _through(
    backbone: Backbone, photos: Sequence[Photo], features: KnownFeatures
) -> Iterator[FeatureProgress]:
    """Put photos through the network as it now is, into `features`."""
    started = time.monotonic()
    for step in feature_steps(backbone, [photo.path for photo in photos]):
        part = photos[step.done - len(step.features) : step.done]
        features.update(zip((photo.path for photo in part), step.features, strict=True))
        speed = step.done / max(time.monotonic() - started, 1e-6)
        yield FeatureProgress(
            done=step.done,
            total=step.total,
            photos_per_second=speed,
            seconds_left=(step.total - step.done) / speed,
        )


def _fitted(learner: Learner, features: KnownFeatures) -> Fitted:
    folder, start, classifier = learner.folder, learner.start, learner.classifier
    held_out = torch.stack([features[folder.photos[i].path] for i in start.held_out])
    evaluation = Evaluation(
        classes=folder.classes,
        truths=start.evaluation.truths,
        probabilities=classifier.logits(held_out).softmax(1).numpy(),
        largest_class=start.evaluation.largest_class,
    )
    return Fitted(
        classifier=classifier,
        evaluation=evaluation,
        learnt_from=start.learnt_from,
        held_out=start.held_out,
        kept_epoch=learner.best_epoch,
    )
