"""What one page is working on: its photos, what was moved, the features so far, and the last classifier."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import Image

from core.backbone import Backbone
from core.errors import FolderError
from core.finetune import (
    Classifier,
    Epoch,
    FeatureProgress,
    FitSettings,
    Fitted,
    ImageFolder,
    KnownFeatures,
    changed,
    fit_steps,
    texture_tiles,
)
from core.finetune.neighbours import nearest_neighbour_accuracy
from core.finetune.novelty import LEAST_PHOTOS, NoveltyDetector
from core.finetune.split_features import SplitFeatures, split_features
from demos._sessions import SESSIONS


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """A training run that came to its end, and what every figure on trust begins with."""

    folder: ImageFolder  # the photos that it was trained and tested on
    fitted: Fitted
    split: SplitFeatures
    nearest_neighbour: float  # accuracy of answering as the nearest photo learnt from does, 0 to 1
    detector: NoveltyDetector | None  # None: too few photos to tell what is unlike them
    false_alarms: int  # held-out photos that the detector takes for something new


def training_steps(
    backbone: Backbone, folder: ImageFolder, settings: FitSettings, known: KnownFeatures
) -> Iterator[FeatureProgress | Epoch | Run]:
    """As `fit_steps`, with a `Run` at the end."""
    for step in fit_steps(backbone, folder, settings, known):
        yield _run(folder, step, known) if isinstance(step, Fitted) else step


def _run(folder: ImageFolder, fitted: Fitted, known: KnownFeatures) -> Run:
    split = split_features(folder, fitted, known)
    detector = NoveltyDetector.fit(split.train) if len(split.train) >= LEAST_PHOTOS else None
    return Run(
        folder=folder,
        fitted=fitted,
        split=split,
        nearest_neighbour=nearest_neighbour_accuracy(split),
        detector=detector,
        false_alarms=sum(each.is_novel for each in detector.judge(split.held_out)) if detector else 0,
    )


@dataclass(eq=False)
class Work:
    """The state of one page's Fine-tune tab."""

    base: ImageFolder  # as it was given
    example: bool = False
    changes: dict[int, int | None] = field(default_factory=dict)  # new labels; None: left out
    known: dict[str, KnownFeatures] = field(default_factory=dict)  # by network
    classifier: Classifier | None = None  # trained here, or loaded
    run: Run | None = None  # how `classifier` was trained, if it was here
    unfinished: bool = False  # a training run has begun and not come to its end
    cell: tuple[int, int] | None = None  # the open cell of the confusion matrix: truth, answer
    new_photo: Image.Image | None = None

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
_EXAMPLE_FEATURES: dict[str, KnownFeatures] = {}


@lru_cache(maxsize=1)
def _example() -> tuple[ImageFolder, tempfile.TemporaryDirectory[str]]:
    """The textures, cut once per process; the folder goes when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="whiskers-textures-")
    return texture_tiles(Path(folder.name)), folder


def example_work() -> Work:
    """The textures to begin with; their features are worked out once for all pages."""
    with _LOCK:
        base, _ = _example()
    return Work(base=base, example=True, known=_EXAMPLE_FEATURES)
