"""What one page is working on: its photos, what was moved, the features so far, and the last classifier."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image

from core.backbone import Backbone
from core.downloads import Progress
from core.errors import FolderError
from core.finetune import (
    SETS,
    Classifier,
    Epoch,
    Evaluation,
    FeatureProgress,
    FitSettings,
    Fitted,
    ImageFolder,
    KnownFeatures,
    Unpacking,
    changed,
    fit_steps,
    published_set_steps,
)
from core.finetune.doubtful import Doubtful, doubtful_photos
from core.finetune.learner import Learner, TuneProgress, TuneSettings
from core.finetune.neighbours import nearest_neighbour_accuracy
from core.finetune.novelty import LEAST_PHOTOS, NoveltyDetector
from core.finetune.split_features import SplitFeatures, split_features
from core.finetune.tune import TuneStep, kept_steps, tune_steps
from demos._sessions import SESSIONS


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """A training run that came to its end, and what every figure on trust begins with."""

    folder: ImageFolder  # the photos that it was trained and tested on
    fitted: Fitted
    split: SplitFeatures
    nearest_neighbour: float  # accuracy of answering as the nearest photo learnt from does, 0 to 1
    detector: NoveltyDetector | None  # None: too few photos to tell what is unlike them
    doubtful: tuple[Doubtful, ...]  # photos learnt from that look like another class
    false_alarms: int  # held-out photos that the detector takes for something new
    settings: FitSettings
    tune: TuneSettings | None  # None: only the new layer has learnt


TrainingStep = FeatureProgress | Learner | TuneProgress | Epoch | Run


@dataclass(frozen=True, kw_only=True)
class Dials:
    """What stands in the settings."""

    network: str
    settings: FitSettings
    tune: TuneSettings | None  # None: only the new layer learns


def training_steps(
    backbone: Backbone,
    folder: ImageFolder,
    settings: FitSettings,
    known: KnownFeatures,
    tune: TuneSettings | None = None,
) -> Iterator[TrainingStep]:
    """As `fit_steps`, or as `tune_steps` where the network learns too, with a `Run` at the end."""
    features: KnownFeatures = {} if tune else known
    if tune:
        steps: Iterator[TuneStep] = tune_steps(backbone, folder, settings, tune, known, features)
    else:
        steps = fit_steps(backbone, folder, settings, known)
    for step in steps:
        yield _run(folder, step, features, settings, tune) if isinstance(step, Fitted) else step


def ending_steps(
    learner: Learner, settings: FitSettings, tune: TuneSettings | None
) -> Iterator[TrainingStep]:
    """The end of a run that was stopped while the network learnt: its best epoch, as a `Run`."""
    features: KnownFeatures = {}
    for step in kept_steps(learner, features):
        yield _run(learner.folder, step, features, settings, tune) if isinstance(step, Fitted) else step


def _run(
    folder: ImageFolder,
    fitted: Fitted,
    known: KnownFeatures,
    settings: FitSettings,
    tune: TuneSettings | None,
) -> Run:
    split = split_features(folder, fitted, known)
    detector = NoveltyDetector.fit(split.train) if len(split.train) >= LEAST_PHOTOS else None
    return Run(
        folder=folder,
        fitted=fitted,
        split=split,
        nearest_neighbour=nearest_neighbour_accuracy(split),
        detector=detector,
        doubtful=tuple(doubtful_photos(split)),
        false_alarms=sum(each.is_novel for each in detector.judge(split.held_out)) if detector else 0,
        settings=settings,
        tune=tune,
    )


@dataclass(eq=False)
class Work:
    """The state of one page's Fine-tune tab."""

    base: ImageFolder  # as it was given
    example: str | None = None  # which of core.finetune.SETS or PUBLISHED it is
    changes: dict[int, int | None] = field(default_factory=dict)  # new labels; None: left out
    known: dict[str, KnownFeatures] = field(default_factory=dict)  # by network
    classifier: Classifier | None = None  # trained here, or loaded
    run: Run | None = None  # how `classifier` was trained, if it was here
    dials: Dials | None = None  # of the last run that began
    before: Evaluation | None = None  # of the run before `run`, on these photos or some of them
    epochs: list[Epoch] = field(default_factory=list)  # of that run
    learner: Learner | None = None  # what learns in that run, where the network does and has not ended
    unfinished: bool = False  # that run has not come to its end
    cell: tuple[int, int] | None = None  # the open cell of the confusion matrix: truth, answer
    new_photo: Image.Image | None = None

    def begin(self, dials: Dials) -> None:
        """A training run begins."""
        self.dials, self.epochs, self.learner, self.unfinished = dials, [], None, True

    def finish(self, run: Run) -> None:
        """A training run has come to its end."""
        self.before = self.run.fitted.evaluation if self.run else None
        self.run, self.classifier = run, run.fitted.classifier
        self.learner, self.unfinished = None, False

    @property
    def folder(self) -> ImageFolder:
        """The photos as the user has sorted them.

        Raises:
            FolderError: when a class has become too small.
        """
        return changed(self.base, self.changes)

    @property
    def ids(self) -> dict[Path, int]:
        """The number by which the page names each photo."""
        return {photo.path: number for number, photo in enumerate(self.base.photos)}

    def change(self, photo: int, label: int | None) -> None:
        """Move a photo to another class, or leave it out.

        Raises:
            FolderError: when its class would become too small; then nothing changes.
        """
        if not 0 <= photo < len(self.base.photos) or not (
            label is None or 0 <= label < len(self.base.classes)
        ):
            raise ValueError(f"no photo {photo} or no class {label}")
        fresh = {**self.changes, photo: label}
        changed(self.base, fresh)
        self.changes = fresh

    def leave_out_copies(self) -> None:
        """Of photos that show the same picture keep the first that is still in use.

        Raises:
            FolderError: when a class would become too small; then nothing changes.
        """
        kept: set[str] = set()
        fresh = dict(self.changes)
        for number, photo in enumerate(self.base.photos):
            picture = photo.copy_of or photo.name
            if fresh.get(number, photo.label) is None:
                continue
            if picture in kept:
                fresh[number] = None
            kept.add(picture)
        changed(self.base, fresh)
        self.changes = fresh


def work_of(session: str) -> Work:
    """What the session is working on.

    Raises:
        FolderError: when its page was gone for so long that its photos were deleted.
    """
    SESSIONS.open(session)
    work = SESSIONS.get(session, "finetune")
    if not isinstance(work, Work):
        raise FolderError("folder.no_data")
    return work


_LOCK = threading.Lock()
_SETS: dict[str, ImageFolder] = {}  # made or read once per process
_SET_FEATURES: dict[str, dict[str, KnownFeatures]] = {}  # set, then network


@cache
def _own_sets() -> tempfile.TemporaryDirectory[str]:
    """Where our own sets are made; the folder goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="whiskers-sets-")


def remove_own_sets() -> None:
    """Remove the folder of our own sets now, for a process that will not come to its ordinary end."""
    if _own_sets.cache_info().currsize:
        _own_sets().cleanup()


def set_steps(name: str) -> Iterator[Progress | Unpacking | Work]:
    """One of `SETS` or `PUBLISHED` to work on; its features are worked out once for all pages.

    Yields:
        `Progress` and `Unpacking` while a published set is fetched, and the work at the end.

    Raises:
        FolderError: when a published set cannot be fetched.
    """
    if name in SETS:
        with _LOCK:
            if name not in _SETS:
                folder = Path(_own_sets().name, name)
                folder.mkdir()
                _SETS[name] = SETS[name](folder)
    elif name not in _SETS:
        for step in published_set_steps(name):
            if isinstance(step, ImageFolder):
                _SETS[name] = step
            else:
                yield step
    yield Work(base=_SETS[name], example=name, known=_SET_FEATURES.setdefault(name, {}))
