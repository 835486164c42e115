"""What the Fine-tune tab says of a training run: how far it is, how good it became, what it answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.downloads import Progress
from core.finetune import Classifier, Epoch, Evaluation, FeatureProgress, Fitted, Unpacking
from core.finetune.learner import TuneProgress
from core.texts import Section
from demos._shared import probability

MOST_ANSWERS = 12
MEGA = 1e6

View = dict[str, Any]


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


def compared(texts: Section, before: Evaluation) -> str:
    """What the run before gave, to set the new one beside it."""
    return texts(
        "trust.before",
        accuracy=f"{100 * before.accuracy:.0f}",
        right=before.right,
        count=before.count,
    )


def answer_bars(texts: Section, shares: Sequence[float], classes: Sequence[str]) -> View:
    """The probability of each class for a new photo, the likeliest first."""
    order = sorted(range(len(classes)), key=lambda label: -shares[label])
    rows: list[View] = [{"label": classes[label], "share": shares[label]} for label in order[:MOST_ANSWERS]]
    rows[0]["mark"] = "accent"
    return {"groups": [{"title": texts("answer.title"), "note": texts("answer.note"), "rows": rows}]}
