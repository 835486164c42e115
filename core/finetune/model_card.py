"""The model card of a classifier: what it learnt from, how good it is, and what it was not tested on.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv:1810.03993).
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core import weights
from core.backbone import BACKBONES, Backbone
from core.finetune.classifier import Classifier
from core.finetune.dataset import ImageFolder
from core.finetune.fit import FitSettings, Fitted
from core.finetune.learner import TuneSettings
from core.texts import Section, load_section


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """How a classifier came about."""

    folder: ImageFolder  # the photos that it was trained and tested on
    fitted: Fitted
    settings: FitSettings
    tune: TuneSettings | None = None  # None: only the last layer has learnt


def model_card(
    classifier: Classifier, training: Training | None, date: datetime.date, language: str = "en"
) -> str:
    """The card as Markdown.

    Args:
        training: None when it is not known, as of a classifier that was loaded from a file.
        date: of the card.
        language: of its sentences.
    """
    texts = load_section("finetune", language)
    names = ", ".join(map(_plain, classifier.classes))
    parts = {
        "data": _data(texts, training) if training else texts("card.unknown"),
        "figures": _figures(texts, training) if training else texts("card.no_figures"),
        "training": _training(texts, classifier, training),
        "weights": _weights(texts, classifier.backbone),
    }
    return texts("card.page", names=names, count=len(classifier.classes), date=date.isoformat(), **parts)


def _plain(name: str) -> str:
    """A name of a user's on one line, without what Markdown or HTML would make of its signs."""
    return re.sub(r"([\\`*_\[\]<>|#~&])", r"\\\1", " ".join(name.split()))


def _data(texts: Section, training: Training) -> str:
    fitted = training.fitted
    learnt, held_out = (_per_class(training.folder, part) for part in (fitted.learnt_from, fitted.held_out))
    right = fitted.evaluation.confusion.diagonal()
    rows = [
        f"| {_plain(name)} | {learnt[label]} | {held_out[label]} | {right[label]} |"
        for label, name in enumerate(training.folder.classes)
    ]
    return "\n".join([texts("card.table"), "|---|---:|---:|---:|", *rows])


def _per_class(folder: ImageFolder, photos: Sequence[int]) -> Counter[int]:
    return Counter(folder.photos[index].label for index in photos)


def _figures(texts: Section, training: Training) -> str:
    judged = training.fitted.evaluation
    low, high = judged.interval
    return texts(
        "card.figures",
        right=judged.right,
        count=judged.count,
        accuracy=texts.number(100 * judged.accuracy, ".1f"),
        low=texts.number(100 * low, ".1f"),
        high=texts.number(100 * high, ".1f"),
        largest=_plain(judged.classes[judged.largest_class]),
        baseline=texts.number(100 * judged.baseline, ".1f"),
    )


def _training(texts: Section, classifier: Classifier, training: Training | None) -> str:
    info = classifier.backbone.info
    network = texts(
        "card.network",
        network=info.title,
        year=info.year,
        features=classifier.weight.shape[1],
        side=info.input_size,
    )
    if training is None:
        return network
    settings = training.settings
    split = "own_split" if training.folder.has_split else "seed_split"
    share = f"{100 * settings.held_out_share:.0f}"
    return " ".join(
        [
            network,
            texts("card.probe", epochs=settings.epochs, l2=texts.number(settings.l2, "g")),
            _tuned(texts, training.tune) if training.tune else texts("card.unchanged"),
            texts(f"card.{split}", seed=settings.seed, share=share),
        ]
    )


def _tuned(texts: Section, tune: TuneSettings) -> str:
    augmented = texts("card.augmented" if tune.augment else "card.not_augmented")
    return texts(
        f"card.tuned.{tune.depth}", epochs=tune.epochs, rate=texts.number(tune.rate, "g"), augmented=augmented
    )


def _weights(texts: Section, backbone: Backbone) -> str:
    """Where the layers below the linear one are from; their own head is not in the file."""
    choices = BACKBONES[backbone.name].checkpoints
    present = next((chosen for chosen in choices if all(map(weights.is_present, chosen))), ())
    published = [weights.CHECKPOINTS[name] for name in present]
    lines = [
        texts(f"card.from_{each.source}", title=each.title, origin=_origin(each), sha256=each.sha256)
        for each in published
        if each.source != "bundled"
    ]
    return "\n".join([*lines, texts(f"card.licence.{backbone.info.family}")])


def _origin(checkpoint: weights.Checkpoint) -> str:
    return checkpoint.origin.partition(":")[0] if checkpoint.source == "package" else checkpoint.origin
