"""What the sections on trust show, from what core.finetune says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.finetune import Fitted, ImageFolder, Photo
from core.finetune.evaluate import Evaluation
from core.finetune.explain import Explained
from core.finetune.feature_map import FeatureMap
from core.finetune.learning_curve import CurvePoint
from core.finetune.novelty import Novelty
from core.finetune.pretraining_gap import GapProgress, PretrainingGap
from core.images import Pixels, data_uri, jpeg
from core.texts import Section
from demos.finetune_photos import thumbnail

View = dict[str, Any]

LARGE_GAP = 0.15  # of accuracy: what ImageNet taught is of clear use
EASY = 0.95  # accuracy of a network that has learnt nothing
WANTED = 0.9  # the accuracy that one asks for
FEW_TESTED = 30  # photos, below which a figure is called rough
MAP_ASPECT = 1.5  # width over height of the component's canvas


def baseline_bars(texts: Section, evaluation: Evaluation, nearest: float) -> View:
    """The accuracy beside what needs no learning; `nearest` is that of the nearest neighbour, 0 to 1."""
    rows: list[View] = [
        {"label": texts("baselines.yours"), "share": evaluation.accuracy, "mark": "accent"},
        {"label": texts("baselines.nearest"), "share": nearest},
        {"label": _always_largest(texts, evaluation), "share": evaluation.baseline},
    ]
    return {"groups": [{"rows": [row | {"said": measured(row["share"])}]} for row in rows]}


def _always_largest(texts: Section, evaluation: Evaluation) -> str:
    return texts("baselines.largest_class", name=evaluation.classes[evaluation.largest_class])


def measured(share: float) -> str:
    """A measured share: unlike a probability it may be all or nothing."""
    return f"{100 * share:.0f}\u202f%"


def seen(texts: Section, found: Explained, square: Pixels, classes: Sequence[str]) -> View:
    """A new photo as the network sees it, and where it finds what speaks for its answer."""
    name = classes[found.class_index]
    return {
        "seen": {
            "uri": data_uri(jpeg(square, quality=92)),
            "alt": texts("answer.seen_alt"),
            "caption": texts("answer.seen", side=len(square)),
            "filename": texts("answer.filename"),
        },
        "why": {
            "alt": texts("answer.why_alt", name=name),
            "caption": texts("answer.why", name=name),
            "filename": texts("answer.why_filename"),
            "size": found.map.shape[0],
            "map": [round(value, 3) for value in found.map.flatten().tolist()],
        },
    }


def novelty(texts: Section, found: Novelty, nearest: Photo, false_alarms: int, held_out: int) -> View:
    """Whether a photo is unlike all that were learnt from, beside the nearest of them."""
    kind = "novel" if found.is_novel else "familiar"
    return {
        "novel": found.is_novel,
        "title": texts(f"novelty.{kind}"),
        "words": texts(f"novelty.{kind}_words"),
        "note": texts("novelty.note", name=nearest.name, alarms=false_alarms, held_out=held_out),
        "uri": thumbnail(nearest.path, 2 * 64),
        "alt": texts("novelty.nearest_alt", name=nearest.name),
    }


def feature_map(
    texts: Section, found: FeatureMap, folder: ImageFolder, indices: Sequence[int], learnt: int
) -> View:
    """The map for the component `featuremap`: both axes on one scale, filling a plane of 3 to 2.

    Args:
        indices: the photo in `folder` of each point, those learnt from first.
        learnt: how many were learnt from.
    """
    low, high = found.points.min(0).values, found.points.max(0).values
    (left, bottom), (width, height) = ((low + high) / 2).tolist(), (high - low).tolist()
    scale = max(width / MAP_ASPECT, height, 1e-9)
    points = [
        [
            round(0.5 + (x - left) / (scale * MAP_ASPECT), 4),
            round(0.5 + (y - bottom) / scale, 4),
            folder.photos[index].label,
            int(place >= learnt),
            index,
        ]
        for place, ((x, y), index) in enumerate(zip(found.points.tolist(), indices, strict=True))
    ]
    if found.explained is None:
        axes = texts("map.axes_tsne")
    else:
        axes = texts("map.axes", share=f"{100 * sum(found.explained):.0f}")
    return {
        "axes": axes,
        "alt": texts("map.alt", photos=len(points)),
        "classes": folder.classes,
        "hint": texts("map.hint"),
        "names": [
            texts(
                "map.learnt" if place < learnt else "map.held_out",
                label=folder.classes[folder.photos[index].label],
                name=folder.photos[index].name,
            )
            for place, index in enumerate(indices)
        ],
        "points": points,
    }


def gap_progress(texts: Section, step: GapProgress) -> str:
    """Photos are going through the random network."""
    return texts("gap.working", done=step.done, total=step.total, seconds=f"{step.seconds_left:.0f}")


def gap_bars(texts: Section, found: PretrainingGap) -> View:
    """The accuracy with and without training on ImageNet."""
    rows: list[View] = [
        {"label": texts("gap.pretrained"), "share": found.pretrained, "mark": "accent"},
        {"label": texts("gap.random"), "share": found.random, "mark": "warm"},
    ]
    return {"groups": [{"rows": [row | {"said": measured(row["share"])}]} for row in rows]}


def gap_words(texts: Section, found: PretrainingGap) -> str:
    """What the gap says."""
    kind = "large" if found.gap >= LARGE_GAP else "small"
    if found.random >= EASY:
        kind = "easy"
    return texts(
        f"gap.{kind}",
        gap=f"{100 * found.gap:.0f}",
        learnt=found.learnt_from,
        held_out=found.held_out,
    )


def learning_curve_chart(texts: Section, fitted: Fitted, points: Sequence[CurvePoint]) -> View:
    """Mean accuracy by number of photos, with a band from the worst to the best draw."""
    largest, photos = fitted.evaluation.baseline, len(fitted.learnt_from)
    lowest = min(largest, *(min(point.accuracies) for point in points))
    band = [[p.photos, round(min(p.accuracies), 4), round(max(p.accuracies), 4)] for p in points]
    mean = [[point.photos, round(point.mean, 4)] for point in points]
    return {
        "title": texts("photos_needed.accuracy"),
        "x": texts("photos_needed.photos"),
        "y": texts("photos_needed.accuracy"),
        "percent": True,
        "x_range": [0, photos],
        "y_range": [math.floor(10 * lowest) / 10, 1],
        "series": [
            {
                "name": texts("photos_needed.mean"),
                "points": mean,
                "dots": True,
                "band": {"name": texts("photos_needed.band"), "points": band},
            },
            {
                "name": _always_largest(texts, fitted.evaluation),
                "points": [[0, largest], [photos, largest]],
            },
            {"name": texts("photos_needed.goal"), "points": [[0, WANTED], [photos, WANTED]]},
        ],
    }


def learning_curve_words(texts: Section, fitted: Fitted, points: Sequence[CurvePoint]) -> str:
    """What the curve says: how good with few photos, and whether more would help."""
    first = points[0]
    few = texts(
        "photos_needed.few" if min(first.accuracies) < 1 else "photos_needed.few_do",
        photos=first.photos,
        mean=f"{100 * first.mean:.0f}",
        low=f"{100 * min(first.accuracies):.0f}",
        high=f"{100 * max(first.accuracies):.0f}",
    )
    return " ".join(
        [few, _reached(texts, points), _rise(texts, fitted, points), *_rough(texts, fitted.evaluation.count)]
    )


def _rise(texts: Section, fitted: Fitted, points: Sequence[CurvePoint]) -> str:
    """Whether the last photos still helped."""
    before, last = points[-2] if len(points) > 1 else points[0], points[-1]
    one_photo = 1 / max(1, fitted.evaluation.count)  # a smaller rise than this may be no more than luck
    shown = [f"{100 * point.mean:.0f}" for point in (before, last)]
    if min(*before.accuracies, *last.accuracies) == 1:
        kind = "full"
    elif shown[0] == shown[1]:
        kind = "same"
    else:
        kind = "rising" if last.mean - before.mean > one_photo else "level"
    return texts(
        f"photos_needed.{kind}", half=before.photos, all=last.photos, before=shown[0], after=shown[1]
    )


def _reached(texts: Section, points: Sequence[CurvePoint]) -> str:
    """From how many photos on the mean is at least `WANTED`, and stays there."""
    enough = None
    for point in reversed(points):
        if point.mean < WANTED:
            break
        enough = point.photos
    return texts("photos_needed.reached", photos=enough) if enough else texts("photos_needed.not_reached")


def _rough(texts: Section, count: int) -> list[str]:
    step = f"{100 / max(1, count):.0f}"
    return [texts("photos_needed.rough", count=count, step=step)] if count < FEW_TESTED else []
