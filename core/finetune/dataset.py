"""From a folder (or an upload) to labelled photos: names are labels, and nothing is dropped silently."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from core.errors import FolderError, ImageError
from core.finetune.copies import first_copies, perceptual_hash
from core.finetune.layout import Layout, Part, arrange, natural
from core.images import open_image

Reason = Literal["hidden", "foreign", "unreadable", "not_sent", "loose", "too_few"]

SUFFIXES = frozenset(
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".heic",
        ".heif",
        ".avif",
        ".ppm",
        ".pgm",
        ".pbm",
        ".tga",
    }
)
SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "icon\r", "__macosx"})
MIN_PER_CLASS = 2  # one photo to learn from and one to be tested on
MAX_PHOTOS = 5000
READERS = 4


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file as it was named by whoever gave it, and where its bytes are."""

    name: str  # relative, with forward slashes; a folder ends in a slash
    path: Path | None  # None for a folder, and for a file whose bytes are not here


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo that can be opened, with its class."""

    name: str
    path: Path
    label: int  # index into ImageFolder.classes
    part: Part | None = None  # what the folder's own split says, if it has one
    copy_of: str | None = None  # the name of an earlier photo that shows the same picture


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A file that is not used, and why."""

    name: str
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class ImageFolder:
    """Labelled photos and an account of everything else that was in the folder."""

    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...] = ()
    empty_classes: tuple[str, ...] = ()  # folders without a photo that can be used

    @property
    def counts(self) -> tuple[int, ...]:
        """Photos per class."""
        found = Counter(photo.label for photo in self.photos)
        return tuple(found[label] for label in range(len(self.classes)))

    @property
    def has_split(self) -> bool:
        """Whether the folder says itself which photos to hold out, and leaves every class some to learn."""
        learnt = {photo.label for photo in self.photos if photo.part == "train"}
        held_out = any(photo.part == "held_out" for photo in self.photos)
        return held_out and len(learnt) == len(self.classes)


def scan_folder(path: str | os.PathLike[str]) -> ImageFolder:
    """Read a folder with one subfolder per class; the photos stay where they are.

    Understood besides: folders around the class folders and inside them, `train` beside `val` or `test`, and
    one flat folder of files named after their class (`cat.1.jpg`, `dog_2.jpg`). Links are not followed.

    Raises:
        FolderError: when there are fewer than two classes of `MIN_PER_CLASS` photos, or more than
            `MAX_PHOTOS` photos.
    """
    root = Path(path)
    entries = []
    for folder, subfolders, files in os.walk(root):
        subfolders.sort()
        inside = Path(folder).relative_to(root).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        if prefix:
            entries.append(Entry(name=prefix, path=None))
        entries += [Entry(name=prefix + file, path=Path(folder, file)) for file in sorted(files)]
    return scan_entries(entries)


def scan_entries(entries: Iterable[Entry]) -> ImageFolder:
    """As `scan_folder`, for files whose names and places have nothing to do with each other.

    Raises:
        FolderError: as `scan_folder`.
    """
    named = [Entry(name=_normal(entry.name), path=entry.path) for entry in entries]
    left_out: list[LeftOut] = []
    candidates = []
    folders = [entry.name for entry in named if entry.name.endswith("/")]
    for entry in named:
        if entry.name.endswith("/"):
            continue
        reason = _unwanted(entry)
        if reason:
            left_out.append(LeftOut(name=entry.name, reason=reason))
        else:
            candidates.append(entry)
    if len(candidates) > MAX_PHOTOS:
        raise FolderError("folder.too_many", photos=len(candidates), limit=MAX_PHOTOS)
    readable, hashes, broken = _readable(candidates)
    left_out += [LeftOut(name=name, reason="unreadable") for name in broken]
    visible = [name for name in folders if not _hidden(name)]
    layout = arrange([entry.name for entry in readable], broken, visible)
    return _folder(readable, hashes, layout, left_out)


def changed(folder: ImageFolder, labels: Mapping[int, int | None]) -> ImageFolder:
    """The folder with some photos moved to another class, or left out where the new label is None.

    Args:
        labels: new labels by index into `folder.photos`.

    Raises:
        FolderError: when a class would keep fewer than `MIN_PER_CLASS` photos.
    """
    photos = []
    for index, photo in enumerate(folder.photos):
        label = labels.get(index, photo.label)
        if label is not None:
            photos.append(replace(photo, label=label))
    fresh = replace(folder, photos=tuple(photos))
    for name, count in zip(fresh.classes, fresh.counts, strict=True):
        if count < MIN_PER_CLASS:
            raise FolderError("folder.class_too_small", name=name, least=MIN_PER_CLASS)
    return fresh


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part.lower() in SYSTEM_FILES for part in parts)


def _unwanted(entry: Entry) -> Reason | None:
    if _hidden(entry.name):
        return "hidden"
    suffix = PurePosixPath(entry.name).suffix.lower()
    if (suffix and suffix not in SUFFIXES) or (entry.path and entry.path.is_symlink()):
        return "foreign"
    return None if entry.path else "not_sent"


def _readable(entries: Sequence[Entry]) -> tuple[list[Entry], list[int], list[str]]:
    """The files that can be read with their perceptual hashes, and the names of the others.

    Every file is decoded whole, as it will be for training: a cut-off photo is found now, not then.
    """

    def hashed(entry: Entry) -> int | None:
        assert entry.path is not None
        try:
            return perceptual_hash(open_image(entry.path))
        except ImageError:
            return None

    with ThreadPoolExecutor(READERS) as pool:
        found = list(zip(entries, pool.map(hashed, entries), strict=True))
    good = [(entry, number) for entry, number in found if number is not None]
    broken = [entry.name for entry, number in found if number is None]
    return [entry for entry, _ in good], [number for _, number in good], broken


def _folder(
    entries: Sequence[Entry], hashes: Sequence[int], layout: Layout, left_out: list[LeftOut]
) -> ImageFolder:
    counts = Counter(place.label for place in layout.places if place)
    classes = tuple(sorted((name for name in counts if counts[name] >= MIN_PER_CLASS), key=natural))
    _require_two(len(entries), classes, counts)
    index = {name: label for label, name in enumerate(classes)}
    photos, used = [], []
    for entry, number, place in zip(entries, hashes, layout.places, strict=True):
        if place and place.label in index and entry.path is not None:
            label, path = index[place.label], entry.path
            photos.append(Photo(name=entry.name, path=path, label=label, part=place.part))
            used.append(number)
        else:
            left_out.append(LeftOut(name=entry.name, reason="too_few" if place else "loose"))
    empty = tuple(name for name in layout.empty if name not in index)
    return ImageFolder(
        classes=classes,
        photos=_with_copies(photos, used),
        left_out=tuple(sorted(left_out, key=lambda each: (each.reason, each.name))),
        empty_classes=empty,
    )


def _with_copies(photos: Sequence[Photo], hashes: Sequence[int]) -> tuple[Photo, ...]:
    first = first_copies([photo.path for photo in photos], hashes)
    return tuple(
        photo if first[index] == index else replace(photo, copy_of=photos[first[index]].name)
        for index, photo in enumerate(photos)
    )


def _require_two(photos: int, classes: Sequence[str], counts: Counter[str]) -> None:
    if not photos:
        raise FolderError("folder.no_photos")
    if not counts:
        raise FolderError("folder.no_classes", photos=photos)
    if len(counts) == 1:
        raise FolderError("folder.one_class", name=next(iter(counts)))
    if len(classes) < 2:
        raise FolderError("folder.too_few", least=MIN_PER_CLASS)
