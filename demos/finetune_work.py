"""What one page is working on: its photos, what was moved, the features so far, and the last classifier."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import Image

from core.errors import FolderError
from core.finetune import Classifier, Fitted, ImageFolder, KnownFeatures, changed, texture_tiles
from demos._sessions import SESSIONS


@dataclass(eq=False)
class Work:
    """The state of one page's Fine-tune tab."""

    base: ImageFolder  # as it was given
    example: bool = False
    changes: dict[int, int | None] = field(default_factory=dict)  # new labels; None: left out
    known: dict[str, KnownFeatures] = field(default_factory=dict)  # by network
    classifier: Classifier | None = None  # trained here, or loaded
    fitted: Fitted | None = None  # how `classifier` was trained, if it was here
    judged: ImageFolder | None = None  # the photos that `fitted` was trained and tested on
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
