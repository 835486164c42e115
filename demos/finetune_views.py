"""What the components of the Fine-tune tab show, from what core.finetune says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.downloads import Progress
from core.errors import ImageError
from core.finetune import (
    Classifier,
    Epoch,
    Evaluation,
    FeatureProgress,
    Fitted,
    ImageFolder,
    Photo,
    Unpacking,
)
from core.finetune.doubtful import Doubtful
from core.finetune.learner import TuneProgress
from core.images import centre_square, data_uri, jpeg, open_image
from core.texts import Section
from demos._shared import probability

SMALL, LARGE = 92, 208  # pixels of a thumbnail: twice what it takes on the page
MOST_SMALL, MOST_PER_CLASS, MOST_LARGE = 96, 12, 24
MOST_NAMES = 200
MEGA = 1e6

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
        groups.append({"name": name, "count": texts("overview.photos", count=count), "photos": shown})
    title = f"sets.titles.{example}" if example else "overview.title"
    own_split = texts("overview.own_split") if folder.has_split else ""
    return {
        "title": texts(title, photos=len(folder.photos), classes=len(folder.classes)),
        "note": texts(f"sets.notes.{example}") if example else own_split,
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


def ready(texts: Section) -> View:
    """Photos are there; nothing has been trained on them."""
    return {"label": texts("trust.label"), "words": texts("trust.ready"), "done": True}


def stopped(texts: Section) -> View:
    """The run was stopped before its end."""
    return {"label": texts("trust.label"), "words": texts("trust.stopped"), "done": True}


def loading(texts: Section) -> View:
    """The network is on its way."""
    return {"label": texts("trust.label"), "words": texts("trust.loading")}


def loaded(texts: Section, classifier: Classifier) -> View:
    """A classifier came from a file."""
    names = ", ".join(classifier.classes)
    return {
        "label": texts("trust.loaded"),
        "interval": texts("trust.loaded_classes", names=names),
        "words": texts("trust.loaded_words", network=classifier.backbone.info.title),
        "done": True,
    }


def fetching(texts: Section, title: str, step: Progress | Unpacking) -> View:
    """A published set is on its way."""
    key, unit = ("fetching", MEGA) if isinstance(step, Progress) else ("unpacking", 1)
    words = texts(
        f"sets.{key}", title=title, done=f"{step.done / unit:.0f}", total=f"{step.total / unit:.0f}"
    )
    return {"label": texts("trust.label"), "words": words, "share": step.done / step.total}


def feature_progress(texts: Section, step: FeatureProgress) -> View:
    """Photos are going through the network."""
    return {
        "label": texts("trust.label"),
        "large": "",
        "words": texts(
            "trust.features",
            done=step.done,
            total=step.total,
            speed=f"{step.photos_per_second:.0f}"
            if step.photos_per_second >= 10
            else f"{step.photos_per_second:.1f}",
            seconds=f"{step.seconds_left:.0f}",
        ),
        "share": step.done / step.total,
    }


def tune_progress(texts: Section, step: TuneProgress, epochs: Sequence[Epoch]) -> View:
    """The network is learning; accuracy as it was after the last epoch."""
    speed = step.photos_per_second
    return {
        "label": texts("trust.label"),
        "large": probability(epochs[-1].held_out_accuracy) if epochs else "",
        "words": texts(
            "trust.tuning",
            epoch=step.epoch,
            epochs=step.epochs,
            done=step.done,
            total=step.total,
            speed=f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}",
            seconds=f"{step.seconds_left:.0f}",
        ),
        "share": (step.epoch - 1 + step.done / step.total) / step.epochs,
    }


def epoch_progress(texts: Section, step: Epoch) -> View:
    """The probe is learning; accuracy as it stands."""
    return {
        "label": texts("trust.label"),
        "large": probability(step.held_out_accuracy),
        "words": texts("trust.epoch", epoch=step.epoch, epochs=step.epochs),
        "share": step.epoch / max(1, step.epochs),
    }


def result(texts: Section, evaluation: Evaluation) -> View:
    """The accuracy on held-out photos, how sure that is, and which classes are mixed up."""
    low, high = evaluation.interval
    return {
        "label": texts("trust.label"),
        "large": f"{100 * evaluation.accuracy:.0f}\u202f%",
        "interval": texts(
            "trust.interval",
            right=evaluation.right,
            count=evaluation.count,
            low=f"{100 * low:.0f}",
            high=f"{100 * high:.0f}",
        ),
        "share": 1,
        "done": True,
        "classes": evaluation.classes,
        "confusion": evaluation.confusion.tolist(),
        "recall": _percents(evaluation.recall.tolist()),
        "precision": _percents(evaluation.precision.tolist()),
    }


def kept_epoch(texts: Section, fitted: Fitted, epochs: Sequence[Epoch]) -> str:
    """Which round of the network was kept, and of how many; empty where only the new layer learnt."""
    if fitted.kept_epoch is None or not epochs:
        return ""
    last, asked = epochs[-1].epoch, epochs[-1].epochs
    key = "kept_new_layer" if fitted.kept_epoch == 0 else "kept_round"
    return texts(f"trust.{key}", kept=fitted.kept_epoch, last=last, asked=asked)


def _percents(shares: Sequence[float]) -> list[str]:
    """Whole percents; a dash where there is nothing to measure."""
    return ["\u2013" if math.isnan(share) else f"{100 * share:.0f}\u202f%" for share in shares]


def curves(texts: Section, epochs: Sequence[Epoch]) -> tuple[View, View]:
    """Accuracy and loss over the epochs, for the photos learnt from and for those held out."""
    learnt, held = texts("curves.learnt"), texts("curves.held_out")
    last = epochs[-1].epochs if epochs else 1

    def chart(title: str, on_learnt: list[float], on_held: list[float]) -> View:
        places = [step.epoch for step in epochs]
        series = [(learnt, on_learnt), (held, on_held)]
        return {
            "title": texts(f"curves.{title}"),
            "x": texts("curves.epoch"),
            "y": texts(f"curves.{title}"),
            "x_range": [0, last],
            "series": [
                {"name": name, "points": [[x, round(y, 4)] for x, y in zip(places, values, strict=True)]}
                for name, values in series
            ],
        }

    accuracy = chart("accuracy", [s.accuracy for s in epochs], [s.held_out_accuracy for s in epochs])
    loss = chart("loss", [s.loss for s in epochs], [s.held_out_loss for s in epochs])
    top = max((max(s.loss, s.held_out_loss) for s in epochs), default=1.0)
    return {**accuracy, "percent": True, "y_range": [0, 1]}, {**loss, "y_range": [0, top or 1.0]}


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


def compared(texts: Section, before: Evaluation) -> str:
    """What the run before gave, to set the new one beside it."""
    return texts(
        "trust.before",
        accuracy=f"{100 * before.accuracy:.0f}",
        right=before.right,
        count=before.count,
    )


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


def answer_bars(texts: Section, shares: Sequence[float], classes: Sequence[str]) -> View:
    """The probability of each class for a new photo, the likeliest first."""
    order = sorted(range(len(classes)), key=lambda label: -shares[label])
    rows: list[View] = [{"label": classes[label], "share": shares[label]} for label in order[:MOST_PER_CLASS]]
    rows[0]["mark"] = "accent"
    return {"groups": [{"title": texts("answer.title"), "note": texts("answer.note"), "rows": rows}]}
