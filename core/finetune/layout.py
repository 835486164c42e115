"""How a set of photos is laid out in folders: which folder names are classes, and which a split."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Part = Literal["train", "held_out"]

SPLITS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "test", "testing"), "held_out"),
}
_TRAILING_NUMBER = re.compile(r"[\s\d._()\-]+$")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the name of a photo says about it."""

    label: str
    part: Part | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A place for each photo, and the classes that have none."""

    places: tuple[Place | None, ...]  # None for a photo that lies outside of every class folder
    empty: tuple[str, ...]


def arrange(photos: Sequence[str], others: Iterable[str] = (), folders: Iterable[str] = ()) -> Layout:
    """Read classes from names such as `set/train/cat/indoor/1.jpg`.

    Folders that hold everything are passed over; then come `train` beside `val` or `test`, if they are
    there; the next folder is the class, and folders inside it belong to it. Where one folder holds all
    photos, their own names are tried (`cat.1.jpg`, `dog_2.jpg`).

    Args:
        photos: relative names of the photos.
        others: names of files that could not be read: they count as signs of a class, not as photos.
        folders: names of all folders, also the empty ones, each ending in a slash.
    """
    inside = [PurePosixPath(name).parts[:-1] for name in photos]
    around = [PurePosixPath(name).parts[:-1] for name in others]
    around += [PurePosixPath(name).parts for name in folders]
    depth = _shared_depth(inside, around)
    split = _is_split(inside, depth)
    places = tuple(_place(parts, depth, split) for parts in inside)
    labels = {place.label for place in places if place}
    if len(labels) < 2:
        by_name = _from_file_names(photos)
        if by_name:
            return Layout(places=by_name, empty=())
    signs = {place.label for place in (_place(parts, depth, split) for parts in around) if place}
    return Layout(places=places, empty=tuple(sorted(signs - labels)))


def _shared_depth(inside: Sequence[tuple[str, ...]], around: Sequence[tuple[str, ...]]) -> int:
    """How many outer folders hold everything, at least one folder of photos being left inside."""
    depth = 0
    while any(len(parts) > depth + 1 for parts in inside):
        heads = {parts[depth] for parts in (*inside, *around) if len(parts) > depth}
        if len(heads) > 1:
            break
        depth += 1
    return depth


def _is_split(inside: Sequence[tuple[str, ...]], depth: int) -> bool:
    heads = {SPLITS.get(parts[depth].lower()) for parts in inside if len(parts) > depth + 1}
    return heads >= {"train", "held_out"}


def _place(parts: tuple[str, ...], depth: int, split: bool) -> Place | None:
    if not split:
        return Place(label=parts[depth]) if len(parts) > depth else None
    part = SPLITS.get(parts[depth].lower()) if len(parts) > depth + 1 else None
    return Place(label=parts[depth + 1], part=part) if part else None


def _from_file_names(photos: Sequence[str]) -> tuple[Place | None, ...]:
    """Classes from the beginnings of file names; nothing unless there are two with two photos each."""
    labels = [_TRAILING_NUMBER.sub("", PurePosixPath(name).stem).strip() for name in photos]
    often = {label for label, count in Counter(labels).items() if label and count > 1}
    if len(often) < 2:
        return ()
    return tuple(Place(label=label) if label in often else None for label in labels)


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """A sorting key that puts 2 before 10 and ignores case."""
    pieces = re.split(r"(\d+)", name.casefold())
    # str.isdecimal admits digits of every script, and int reads them all
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece], name
