"""What happens on the Fine-tune tab: each handler takes what the page sends and gives what it shows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune import Epoch, FeatureProgress, FitSettings, load_classifier
from core.finetune.learner import DEPTHS, TuneProgress, TuneSettings
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
FIRST_SET = "textures"
CHOICES_OF_DEPTH = ("new_layer", *DEPTHS)
PARTS = (
    "sets",
    "overview",
    "trust",
    "behind",
    "accuracy",
    "loss",
    "seen",
    "answer",
    *finetune_trust.PARTS,
)
RESULTS = (*finetune_trust.PARTS, "behind", "accuracy", "loss", "seen", "answer")  # of a training run
FIRST_NEW_PHOTO = "cottage"
NEW_PHOTO_SIDE = 512
FRAME_SECONDS = 1 / 12


@dataclass(frozen=True, kw_only=True)
class Dials:
    """What stands in the settings."""

    network: str
    settings: FitSettings
    tune: TuneSettings | None  # None: only the new layer learns


def _texts() -> Section:
    """The sentences of this tab."""
    return load_section("finetune")


def _frame(**parts: Any) -> tuple[Any, ...]:
    """What a handler shows; the parts of the page that are not named keep what they had."""
    return tuple(parts.get(name, gr.skip()) for name in PARTS)


@explained
def open_example(request: gr.Request) -> Iterator[tuple[Any, ...]]:
    """The worked example, when the tab is first seen."""
    dials = Dials(network=NETWORKS[0], settings=FitSettings(), tune=None)
    yield from _open_set(FIRST_SET, dials, session_of(request))


@explained
def choose_set(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[tuple[Any, ...]]:
    """One of our own sets was chosen: say what is in it, and train."""
    yield from _open_set(str(event._data["name"]), _chosen(*dials), session_of(request))


@explained
def take(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """A folder was uploaded: say what is in it, or what is wrong with it."""
    session = session_of(request)
    SESSIONS.open(session)
    before = SESSIONS.get(session, "finetune")
    turn = time.monotonic_ns()  # the same trouble twice is shown twice
    SESSIONS.advance(session, "finetune_turn", turn)
    try:
        base = take_upload(event._data, SESSIONS.folder(session))
    except FolderError as error:
        return {"trouble": error.message(), "turn": turn}, *_frame()
    work = Work(base=base, new_photo=before.new_photo if before else None)
    SESSIONS.put(session, "finetune", work)
    shown = _frame(sets="", overview=_overview(work), trust=views.ready(_texts()), **dict.fromkeys(RESULTS))
    return {"turn": turn}, *shown


@explained
def train(request: gr.Request, *dials: Any) -> Iterator[tuple[Any, ...]]:
    """Start."""
    session = session_of(request)
    yield from _train(work_of(session), _chosen(*dials), session)


@explained
def change(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[tuple[Any, ...]]:
    """A photo was moved to another class or left out: train again."""
    session = session_of(request)
    work = work_of(session)
    label = event._data["label"]
    work.change(int(event._data["photo"]), None if label is None else int(label))
    yield _frame(overview=_overview(work))
    yield from _train(work, _chosen(*dials), session)


@explained
def restore(request: gr.Request, *dials: Any) -> Iterator[tuple[Any, ...]]:
    """All photos go back to where they were given."""
    session = session_of(request)
    work = work_of(session)
    work.changes = {}
    yield _frame(overview=_overview(work))
    yield from _train(work, _chosen(*dials), session)


@explained
def leave_out_copies(request: gr.Request, *dials: Any) -> Iterator[tuple[Any, ...]]:
    """Of photos that show the same picture only the first is kept: train again."""
    session = session_of(request)
    work = work_of(session)
    work.leave_out_copies()
    yield _frame(overview=_overview(work))
    yield from _train(work, _chosen(*dials), session)


@explained
def stopped(request: gr.Request) -> Any:
    """Stop: what has gone through the network so far is kept, so Start goes on from there."""
    work = work_of(session_of(request))
    return views.stopped(_texts(), tuning=work.tuning) if work.unfinished else gr.skip()


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
def load(file: str, request: gr.Request) -> tuple[Any, ...]:
    """A classifier that was saved here comes back."""
    session = session_of(request)
    work = work_of(session)
    work.classifier = run_once(load_classifier, session, file)
    work.run = work.cell = None
    shown = views.loaded(_texts(), work.classifier)
    cleared = dict.fromkeys((*finetune_trust.PARTS, "behind", "accuracy", "loss"))
    return _frame(trust=shown, **cleared, **_answer(work, session))


def _chosen(
    network: str, held_out: Any, epochs: Any, seed: Any, depth: str, rounds: Any, augment: bool
) -> Dials:
    """The settings as `demos.finetune` lists them."""
    texts = _texts()
    if network not in NETWORKS:
        raise ValueError(f"expected a network out of {', '.join(NETWORKS)}; got {network!r}")
    if depth not in CHOICES_OF_DEPTH:
        raise ValueError(f"expected one of {', '.join(CHOICES_OF_DEPTH)}; got {depth!r}")
    settings = FitSettings(
        held_out_share=number_between(held_out, *FitSettings.HELD_OUT_RANGE, texts("held_out")),
        epochs=round(number_between(epochs, *FitSettings.EPOCHS_RANGE, texts("epochs"))),
        seed=round(number_between(seed, *FitSettings.SEED_RANGE, texts("seed"))),
    )
    times = round(number_between(rounds, *TuneSettings.EPOCHS_RANGE, texts("rounds")))
    tune = TuneSettings(depth=depth, epochs=times, augment=bool(augment)) if depth in DEPTHS else None
    return Dials(network=network, settings=settings, tune=tune)


def _open_set(name: str, dials: Dials, session: str) -> Iterator[tuple[Any, ...]]:
    """One of our own sets, and what the network makes of it; the last one that was asked for stays."""
    SESSIONS.open(session)
    turn = time.monotonic_ns()
    SESSIONS.advance(session, "finetune_turn", turn)
    work = example_work(name)
    if not SESSIONS.advance(session, "finetune_turn", turn):
        return
    before = SESSIONS.get(session, "finetune")
    work.new_photo = before.new_photo if before else open_image(sample_path(FIRST_NEW_PHOTO))
    SESSIONS.put(session, "finetune", work)
    yield _frame(sets=name, overview=_overview(work), **dict.fromkeys(RESULTS))
    yield from _train(work, dials, session)


def _train(work: Work, dials: Dials, session: str) -> Iterator[tuple[Any, ...]]:
    texts = _texts()
    work.unfinished = True
    work.tuning = dials.tune is not None
    yield _frame(trust=views.loading(texts), behind=None, **dict.fromkeys(finetune_trust.PARTS))
    backbone, folder = load_backbone(dials.network), work.folder
    if SESSIONS.get(session, "finetune") is not work:
        return  # other photos were chosen while the network was loading
    known = work.known.setdefault(dials.network, {})
    epochs: list[Epoch] = []
    charts: dict[str, Any] = {}  # once they are shown, every frame has them: an object is never skipped
    shown = 0.0
    with closing(
        run_steps(
            training_steps,
            backbone,
            folder,
            dials.settings,
            known,
            dials.tune,
            session=session,
            job="finetune",
        )
    ) as steps:
        for step in steps:
            if isinstance(step, Run):
                work.run, work.classifier = step, step.fitted.classifier
                work.unfinished = False
                yield _finished(work, step, epochs, session)
            elif isinstance(step, FeatureProgress):
                yield _frame(trust=views.feature_progress(texts, step), **charts)
            elif isinstance(step, TuneProgress):
                yield _frame(trust=views.tune_progress(texts, step, epochs), **charts)
            else:
                epochs.append(step)
                if time.monotonic() - shown > FRAME_SECONDS:
                    charts = _charts(epochs)
                    yield _frame(trust=views.epoch_progress(texts, step), **charts)
                    shown = time.monotonic()


def _finished(work: Work, run: Run, epochs: list[Epoch], session: str) -> tuple[Any, ...]:
    texts = _texts()
    judged = run.fitted.evaluation
    if work.cell and (max(work.cell) >= len(judged.classes) or not judged.confusion[work.cell]):
        work.cell = None
    return _frame(
        trust={**views.result(texts, judged), "open": work.cell},
        baselines=baseline_bars(texts, judged, run.nearest_neighbour),
        behind=_behind(work),
        **_charts(epochs),
        **_answer(work, session),
    )


def _charts(epochs: list[Epoch]) -> dict[str, Any]:
    accuracy, loss = views.curves(_texts(), epochs)
    return {"accuracy": accuracy, "loss": loss}


def _overview(work: Work) -> str:
    """What is in the folder, as JSON, for Gradio's client would edit an object into the skip that follows."""
    shown = views.overview(_texts(), work.folder, work.ids, example=work.example, changes=len(work.changes))
    return json.dumps(shown)


def _behind(work: Work) -> dict[str, Any] | None:
    """The photos behind the open cell of the confusion matrix; the surest mistakes where none is open."""
    run = work.run
    if run is None:
        return None
    if work.cell is None:
        return views.surest_mistakes(_texts(), run.folder, run.fitted, work.ids)
    return views.behind_cell(_texts(), run.folder, run.fitted, work.ids, *work.cell)


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
