"""The photos of the Fine-tune tab: what is in the folder, and which are behind a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import ImageError
from core.finetune import Fitted, ImageFolder, Photo
from core.finetune.doubtful import Doubtful
from core.images import centre_square, data_uri, jpeg, open_image
from core.texts import Section
from demos._shared import probability

SMALL, LARGE = 92, 208  # pixels of a thumbnail: twice what it takes on the page
MOST_SMALL, MOST_PER_CLASS, MOST_LARGE = 50, 12, 24
MOST_NAMES = 200

View = dict[str, Any]
Ids = Mapping[Path, int]  # photo -> the number by which the page names it


def thumbnail(path: Path, side: int) -> str:
    """A small square of a photo as a data URI; empty when it cannot be opened any more."""
    try:
        picture = open_image(path)
    except ImageError:
        return ""
    square = centre_square(picture, side, share=1.0, resample=Image.Resampling.BICUBIC)
    return data_uri(jpeg(np.asarray(square), quality=78))


def overview(texts: Section, folder: ImageFolder, ids: Ids, *, example: str | None, changes: int) -> View:
    """What is in the folder: a few photos of every class, and every file that is not used."""
    each = max(1, min(MOST_PER_CLASS, MOST_SMALL // len(folder.classes)))
    groups = []
    for label, (name, count) in enumerate(zip(folder.classes, folder.counts, strict=True)):
        members = [index for index, photo in enumerate(folder.photos) if photo.label == label]
        few = members[:: max(1, len(members) // each)][:each]
        shown = _photos(folder, few, ids, SMALL)
        words = "overview.photos" if len(few) == len(members) else "overview.some"
        told = texts(words, count=count, shown=len(few))
        groups.append({"name": name, "count": told, "photos": shown})
    title = f"sets.titles.{example}" if example else "overview.title"
    notes = [texts(f"sets.notes.{example}")] if example else []
    notes += [texts("overview.own_split")] if folder.has_split else []
    return {
        "own_split": folder.has_split,
        "title": texts(title, photos=len(folder.photos), classes=len(folder.classes)),
        "note": "\n".join(notes),
        "classes": folder.classes,
        "groups": groups,
        "left_out": _left_out(texts, folder),
        "copies": _copies(texts, folder),
        "changes": texts("overview.changes", count=changes) if changes else "",
    }


def _photos(folder: ImageFolder, indices: Sequence[int], ids: Ids, side: int) -> list[View]:
    return [
        {"id": ids[photo.path], "uri": thumbnail(photo.path, side), "name": photo.name, "label": photo.label}
        for photo in (folder.photos[index] for index in indices)
    ]


def _left_out(texts: Section, folder: ImageFolder) -> list[View]:
    found = []
    for reason, count in Counter(each.reason for each in folder.left_out).items():
        names = [each.name for each in folder.left_out if each.reason == reason][:MOST_NAMES]
        found.append({"words": texts(f"left_out.{reason}", count=count), "names": names})
    if folder.empty_classes:
        words = texts("left_out.empty", count=len(folder.empty_classes))
        found.append({"words": words, "names": folder.empty_classes})
    return found


def _copies(texts: Section, folder: ImageFolder) -> View | None:
    """What is to be said of photos that show the same picture; None where all differ."""
    by_picture: dict[str, list[Photo]] = {}
    for photo in folder.photos:
        by_picture.setdefault(photo.copy_of or photo.name, []).append(photo)
    groups = [group for group in by_picture.values() if len(group) > 1]
    if not groups:
        return None
    two_classes = sum(len({photo.label for photo in group}) > 1 for group in groups)
    both_sides = sum(len({photo.part for photo in group}) > 1 for group in groups) if folder.has_split else 0
    words = [texts("copies.found", count=sum(len(group) - 1 for group in groups))]
    words += [texts("copies.two_classes", count=two_classes)] if two_classes else []
    words += [texts("copies.both_sides", count=both_sides)] if both_sides else []
    words += [] if folder.has_split else [texts("copies.one_side")]
    names = [" = ".join(photo.name for photo in group) for group in groups[:MOST_NAMES]]
    return {"words": " ".join(words), "names": names}


def behind_cell(
    texts: Section, folder: ImageFolder, fitted: Fitted, ids: Ids, truth: int, answer: int
) -> View:
    """The held-out photos of class `truth` that were called `answer`, the surest first."""
    judged = fitted.evaluation
    here = [i for i in range(judged.count) if judged.truths[i] == truth and judged.answers[i] == answer]
    here.sort(key=lambda i: -float(judged.probabilities[i, answer]))
    names = {"truth": judged.classes[truth], "answer": judged.classes[answer]}
    title = texts("cell.right" if truth == answer else "cell.wrong", count=len(here), **names)
    return _judged_photos(texts, title, folder, fitted, ids, here)


def to_look_at(
    texts: Section, folder: ImageFolder, fitted: Fitted, doubtful: Sequence[Doubtful], ids: Ids
) -> View | None:
    """The surest mistakes, and photos learnt from that look like another class; None when there are none."""
    mistakes = fitted.evaluation.surest_mistakes
    if not mistakes and not doubtful:
        return None
    title = texts("cell.surest" if mistakes else "cell.doubtful")
    shown = _judged_photos(texts, title, folder, fitted, ids, mistakes)
    if doubtful:
        few = doubtful[:MOST_LARGE]
        photos = _photos(folder, [fitted.learnt_from[each.place] for each in few], ids, LARGE)
        for photo, each in zip(photos, few, strict=True):
            facts = {"agreeing": each.agreeing, "asked": each.asked}
            photo["words"] = texts("cell.looks_like", name=folder.classes[each.looks_like], **facts)
        heading = {"name": texts("cell.doubtful"), "count": ""} if mistakes else {}
        shown["groups"] = [*(shown["groups"] if mistakes else []), {**heading, "photos": photos}]
        shown["note"] = texts("cell.note") if mistakes else texts("cell.doubtful_note")
    return shown


def _judged_photos(
    texts: Section, title: str, folder: ImageFolder, fitted: Fitted, ids: Ids, which: Sequence[int]
) -> View:
    judged, which = fitted.evaluation, which[:MOST_LARGE]
    photos = _photos(folder, [fitted.held_out[i] for i in which], ids, LARGE)
    for photo, i in zip(photos, which, strict=True):
        answer = judged.answers[i]
        photo["words"] = texts(
            "cell.said",
            answer=judged.classes[answer],
            probability=probability(float(judged.probabilities[i, answer])),
        )
    return {
        "title": title,
        "note": texts("cell.note"),
        "large": True,
        "classes": folder.classes,
        "groups": [{"photos": photos}],
    }
