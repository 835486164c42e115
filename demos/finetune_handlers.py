"""What happens on the Fine-tune tab: each handler takes what the page sends and gives what it shows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune import Classifier, Epoch, FeatureProgress, FitSettings, self_test
from core.images import open_image
from core.runner import run_once, run_steps
from core.samples import sample_path
from core.texts import Section, load_section
from demos import finetune_trust
from demos import finetune_views as views
from demos._photos import chosen_photo
from demos._sessions import SESSIONS
from demos._shared import explained, number_between, session_of
from demos.finetune_trust_views import baseline_bars
from demos.finetune_upload import take_upload
from demos.finetune_work import Run, Work, example_work, training_steps, work_of

NETWORKS = ("efficientnet_lite0", "vgg16")
PARTS = (
    "overview",
    "trust",
    "behind",
    "accuracy",
    "loss",
    "seen",
    "answer",
    *finetune_trust.PARTS,
)
FIRST_NEW_PHOTO = "cottage"
NEW_PHOTO_SIDE = 512
FRAME_SECONDS = 1 / 12
TESTED_ON = 10  # photos, before a saved classifier is handed out
TOLERANCE = 1e-4  # of a probability


def _texts() -> Section:
    """The sentences of this tab."""
    return load_section("finetune")


def _frame(**parts: Any) -> tuple[Any, ...]:
    """What a handler shows; the parts of the page that are not named keep what they had."""
    return tuple(parts.get(name, gr.skip()) for name in PARTS)


@explained
def open_example(request: gr.Request) -> Iterator[tuple[Any, ...]]:
    """The worked example, when the tab is first seen."""
    session = session_of(request)
    SESSIONS.open(session)
    work = example_work()
    work.new_photo = open_image(sample_path(FIRST_NEW_PHOTO))
    SESSIONS.put(session, "finetune", work)
    yield _frame(overview=_overview(work))
    yield from _train(work, NETWORKS[0], FitSettings(), session)


@explained
def take(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """A folder was uploaded: say what is in it, or what is wrong with it."""
    session = session_of(request)
    SESSIONS.open(session)
    before = SESSIONS.get(session, "finetune")
    turn = time.monotonic_ns()  # the same trouble twice is shown twice
    try:
        base = take_upload(event._data, SESSIONS.folder(session))
    except FolderError as error:
        return {"trouble": error.message(), "turn": turn}, *_frame()
    work = Work(base=base, new_photo=before.new_photo if before else None)
    SESSIONS.put(session, "finetune", work)
    cleared = dict.fromkeys((*finetune_trust.PARTS, "behind", "accuracy", "loss", "seen", "answer"))
    return {"turn": turn}, *_frame(overview=_overview(work), trust=views.ready(_texts()), **cleared)


@explained
def train(
    network: str, held_out: Any, epochs: Any, seed: Any, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """Start."""
    session = session_of(request)
    yield from _train(work_of(session), network, _chosen(held_out, epochs, seed), session)


@explained
def change(
    network: str, held_out: Any, epochs: Any, seed: Any, event: gr.EventData, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """A photo was moved to another class or left out: train again."""
    session = session_of(request)
    work = work_of(session)
    label = event._data["label"]
    work.change(int(event._data["photo"]), None if label is None else int(label))
    yield _frame(overview=_overview(work))
    yield from _train(work, network, _chosen(held_out, epochs, seed), session)


@explained
def restore(
    network: str, held_out: Any, epochs: Any, seed: Any, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """All photos go back to where they were given."""
    session = session_of(request)
    work = work_of(session)
    work.changes = {}
    yield _frame(overview=_overview(work))
    yield from _train(work, network, _chosen(held_out, epochs, seed), session)


@explained
def stopped(request: gr.Request) -> Any:
    """Stop: what has gone through the network so far is kept, so Start goes on from there."""
    work = work_of(session_of(request))
    return views.stopped(_texts()) if work.unfinished else gr.skip()


@explained
def open_cell(event: gr.EventData, request: gr.Request) -> dict[str, Any] | None:
    """The photos behind a cell of the confusion matrix."""
    work = work_of(session_of(request))
    work.cell = (int(event._data["truth"]), int(event._data["answer"]))
    return _behind(work)


@explained
def classify(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """A new photo was chosen: what does the classifier say?"""
    session = session_of(request)
    work = work_of(session)
    picture, _ = chosen_photo(event)
    picture.thumbnail((NEW_PHOTO_SIDE, NEW_PHOTO_SIDE))
    work.new_photo = picture
    return _frame(**_answer(work, session))


@explained
def save(request: gr.Request) -> tuple[Any, str]:
    """Write the classifier to a file, and try that file on some photos before handing it out."""
    session = session_of(request)
    work, texts = work_of(session), _texts()
    if work.classifier is None:
        raise FolderError("classifier.none_yet")
    path = SESSIONS.folder(session) / "classifier.safetensors"
    work.classifier.save(path)
    photos = [photo.path for photo in work.base.photos[:: max(1, len(work.base.photos) // TESTED_ON)]][
        :TESTED_ON
    ]
    difference = run_once(self_test, session, work.classifier, path, photos)
    if difference > TOLERANCE:
        raise FolderError("classifier.differs")
    return gr.File(value=str(path), visible=True), texts("take_away.tested", count=len(photos))


@explained
def load(file: str, request: gr.Request) -> tuple[Any, ...]:
    """A classifier that was saved here comes back."""
    session = session_of(request)
    work = work_of(session)
    work.classifier = run_once(Classifier.load, session, file)
    work.run = work.cell = None
    shown = views.loaded(_texts(), work.classifier)
    cleared = dict.fromkeys((*finetune_trust.PARTS, "behind", "accuracy", "loss"))
    return _frame(trust=shown, **cleared, **_answer(work, session))


def _chosen(held_out: Any, epochs: Any, seed: Any) -> FitSettings:
    texts = _texts()
    return FitSettings(
        held_out_share=number_between(held_out, *FitSettings.HELD_OUT_RANGE, texts("held_out")),
        epochs=round(number_between(epochs, *FitSettings.EPOCHS_RANGE, texts("epochs"))),
        seed=round(number_between(seed, *FitSettings.SEED_RANGE, texts("seed"))),
    )


def _train(work: Work, network: str, settings: FitSettings, session: str) -> Iterator[tuple[Any, ...]]:
    texts = _texts()
    work.unfinished = True
    yield _frame(trust=views.loading(texts), behind=None, **dict.fromkeys(finetune_trust.PARTS))
    if network not in NETWORKS:
        raise ValueError(f"expected a network out of {', '.join(NETWORKS)}; got {network!r}")
    backbone, folder = load_backbone(network), work.folder
    known = work.known.setdefault(network, {})
    epochs: list[Epoch] = []
    shown = 0.0
    with closing(
        run_steps(training_steps, backbone, folder, settings, known, session=session, job="finetune")
    ) as steps:
        for step in steps:
            if isinstance(step, Run):
                work.run, work.classifier = step, step.fitted.classifier
                work.unfinished = False
                yield _finished(work, step, epochs, session)
            elif isinstance(step, FeatureProgress):
                yield _frame(trust=views.feature_progress(texts, step))
            else:
                epochs.append(step)
                if time.monotonic() - shown > FRAME_SECONDS:
                    accuracy, loss = views.curves(texts, epochs)
                    yield _frame(trust=views.epoch_progress(texts, step), accuracy=accuracy, loss=loss)
                    shown = time.monotonic()


def _finished(work: Work, run: Run, epochs: list[Epoch], session: str) -> tuple[Any, ...]:
    texts = _texts()
    judged = run.fitted.evaluation
    if work.cell and (max(work.cell) >= len(judged.classes) or not judged.confusion[work.cell]):
        work.cell = None
    accuracy, loss = views.curves(texts, epochs)
    return _frame(
        trust={**views.result(texts, judged), "open": work.cell},
        baselines=baseline_bars(texts, judged, run.nearest_neighbour),
        behind=_behind(work),
        accuracy=accuracy,
        loss=loss,
        **_answer(work, session),
    )


def _overview(work: Work) -> str:
    """What is in the folder, as JSON, for Gradio's client would edit an object into the skip that follows."""
    shown = views.overview(_texts(), work.folder, work.ids, example=work.example, changes=len(work.changes))
    return json.dumps(shown)


def _behind(work: Work) -> dict[str, Any] | None:
    run, cell = work.run, work.cell
    if run is None or cell is None:
        return None
    return views.behind_cell(_texts(), run.folder, run.fitted, work.ids, *cell)


def _answer(work: Work, session: str) -> dict[str, Any]:
    """What the classifier says of the new photo, and the photo as it sees it."""
    texts = _texts()
    classifier, picture = work.classifier, work.new_photo
    if classifier is None or picture is None:
        return {"seen": None, "answer": {"groups": [{"title": texts("answer.none_yet"), "rows": []}]}}
    seen, shares = finetune_trust.seen_and_said(texts, classifier, picture, work.run, session)
    return {
        "seen": seen,
        "answer": views.answer_bars(texts, shares, classifier.classes),
    }
