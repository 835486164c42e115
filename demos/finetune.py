"""Tab 3, Fine-tune: a folder of photos becomes a classifier, and the page says how far to trust it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune import (
    MAX_PHOTOS,
    SUFFIXES,
    Epoch,
    FeatureProgress,
    FitSettings,
    Fitted,
    fit_steps,
)
from core.images import open_image
from core.runner import run_once, run_steps
from core.samples import sample_path
from core.texts import Section, load_section
from demos import finetune_views as views
from demos._photos import chosen_photo, photo_picker
from demos._sessions import SESSIONS, end_with_page
from demos._shared import (
    Context,
    explained,
    explanation,
    heading,
    notes,
    number_between,
    session_of,
    start_stop,
)
from demos.finetune_upload import take_upload
from demos.finetune_work import Work, example_work, work_of
from demos.web import component

NETWORKS = ("efficientnet_lite0", "vgg16")
FIRST_NEW_PHOTO = "cottage"
PARTS = ("overview", "trust", "behind", "accuracy", "loss", "answer")
LONGEST_SENT = 512  # pixels: photos are made smaller before they are sent
NEW_PHOTO_SIDE = 512
FRAME_SECONDS = 1 / 12


def _texts() -> Section:
    """The sentences of this tab."""
    return load_section("finetune")


def build(context: Context) -> None:
    """The tab: folder and settings left; what is in it, how good it is and a new photo right."""
    texts = context.section("finetune")
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            folder = component(
                "folder",
                texts=texts.tree("upload"),
                suffixes=sorted(SUFFIXES),
                longest=LONGEST_SENT,
                most=MAX_PHOTOS,
                elem_id="finetune-folder",
            )
            settings = _settings(texts)
            start, stop = start_stop(context)
            notes(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            page = _pictures(context, texts)
    explanation(context, texts)
    end_with_page()
    _wire(folder, page, settings, start, stop)


def _settings(texts: Section) -> list[Any]:
    defaults = FitSettings()
    network = gr.Dropdown(
        [(texts(f"networks.{name}"), name) for name in NETWORKS],
        value=NETWORKS[0],
        label=texts("network"),
        info=texts("network_info"),
    )
    held_out = gr.Slider(
        *FitSettings.HELD_OUT_RANGE,
        value=defaults.held_out_share,
        step=0.05,
        label=texts("held_out"),
        info=texts("held_out_info"),
    )
    with gr.Accordion(texts("more_settings"), open=False):
        epochs = gr.Slider(
            *FitSettings.EPOCHS_RANGE,
            value=defaults.epochs,
            step=10,
            label=texts("epochs"),
            info=texts("epochs_info"),
        )
        seed = gr.Slider(
            *FitSettings.SEED_RANGE,
            value=defaults.seed,
            step=1,
            label=texts("seed"),
            info=texts("seed_info"),
        )
    return [network, held_out, epochs, seed]


def _pictures(context: Context, texts: Section) -> dict[str, Any]:
    page: dict[str, Any] = {}
    photoset = texts.tree("photoset")
    page["overview"] = component("photoset", texts=photoset, example=True, elem_id="finetune-overview")
    page["trust"] = component("trust", texts=texts.tree("trust"), elem_id="finetune-trust")
    page["behind"] = component("photoset", texts=photoset, elem_id="finetune-behind")
    with gr.Row():
        page["accuracy"] = component("curves", elem_id="finetune-accuracy")
        page["loss"] = component("curves", elem_id="finetune-loss")
    gr.HTML(
        f"<h2>{texts('new_photo')}</h2><p>{texts('new_photo_info')}</p>",
        elem_classes=["wk-head"],
        apply_default_css=False,
    )
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            page["photos"] = photo_picker(context, FIRST_NEW_PHOTO, elem_id="finetune-photos")
        with gr.Column(scale=2, min_width=240):
            page["answer"] = component("bars", elem_id="finetune-answer")
    return page


def _wire(folder: gr.HTML, page: dict[str, Any], settings: list[Any], start: Any, stop: Any) -> None:
    run = [page[name] for name in PARTS]
    look: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64}
    overview, trust, behind = page["overview"], page["trust"], page["behind"]
    opened = overview.opened(open_example, None, run, **look)
    running = start.click(train, settings, run, trigger_mode="multiple", cancels=[opened], **look)
    again = [
        source.changed(change, settings, run, cancels=[opened, running], **look)
        for source in (overview, behind)
    ]
    again.append(overview.restored(restore, settings, run, cancels=[opened, running], **look))
    # A second click on Start ends the first run; Gradio lets an event cancel all but itself
    start.click(None, cancels=[running, *again])
    stop.click(None, cancels=[opened, running, *again])
    folder.given(take, None, [folder, *run], cancels=[opened, running, *again], **look)
    trust.cell(open_cell, None, behind, **look)
    page["photos"].chosen(classify, None, page["answer"], **look)


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
    cleared = dict.fromkeys(("behind", "accuracy", "loss", "answer"))
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
def open_cell(event: gr.EventData, request: gr.Request) -> dict[str, Any] | None:
    """The photos behind a cell of the confusion matrix."""
    work = work_of(session_of(request))
    work.cell = (int(event._data["truth"]), int(event._data["answer"]))
    return _behind(work)


@explained
def classify(event: gr.EventData, request: gr.Request) -> dict[str, Any] | None:
    """A new photo was chosen: what does the classifier say?"""
    session = session_of(request)
    work = work_of(session)
    picture, _ = chosen_photo(event)
    picture.thumbnail((NEW_PHOTO_SIDE, NEW_PHOTO_SIDE))
    work.new_photo = picture
    return _answer(work, session)


def _chosen(held_out: Any, epochs: Any, seed: Any) -> FitSettings:
    texts = _texts()
    return FitSettings(
        held_out_share=number_between(held_out, *FitSettings.HELD_OUT_RANGE, texts("held_out")),
        epochs=round(number_between(epochs, *FitSettings.EPOCHS_RANGE, texts("epochs"))),
        seed=round(number_between(seed, *FitSettings.SEED_RANGE, texts("seed"))),
    )


def _train(work: Work, network: str, settings: FitSettings, session: str) -> Iterator[tuple[Any, ...]]:
    texts = _texts()
    yield _frame(trust=views.loading(texts), behind=None)
    if network not in NETWORKS:
        raise ValueError(f"expected a network out of {', '.join(NETWORKS)}; got {network!r}")
    backbone, folder = load_backbone(network), work.folder
    known = work.known.setdefault(network, {})
    epochs: list[Epoch] = []
    shown = 0.0
    with closing(run_steps(fit_steps, backbone, folder, settings, known, session=session)) as steps:
        for step in steps:
            if isinstance(step, Fitted):
                work.fitted, work.judged = step, folder
                yield _finished(work, epochs, session)
            elif isinstance(step, FeatureProgress):
                yield _frame(trust=views.feature_progress(texts, step))
            else:
                epochs.append(step)
                if time.monotonic() - shown > FRAME_SECONDS:
                    accuracy, loss = views.curves(texts, epochs)
                    yield _frame(trust=views.epoch_progress(texts, step), accuracy=accuracy, loss=loss)
                    shown = time.monotonic()


def _finished(work: Work, epochs: list[Epoch], session: str) -> tuple[Any, ...]:
    texts = _texts()
    assert work.fitted is not None
    judged = work.fitted.evaluation
    if work.cell and (max(work.cell) >= len(judged.classes) or not judged.confusion[work.cell]):
        work.cell = None
    accuracy, loss = views.curves(texts, epochs)
    return _frame(
        trust={**views.result(texts, judged), "open": work.cell},
        behind=_behind(work),
        accuracy=accuracy,
        loss=loss,
        answer=_answer(work, session),
    )


def _overview(work: Work) -> dict[str, Any]:
    return views.overview(_texts(), work.folder, work.ids, example=work.example, changes=len(work.changes))


def _behind(work: Work) -> dict[str, Any] | None:
    if work.fitted is None or work.judged is None or work.cell is None:
        return None
    return views.behind_cell(_texts(), work.judged, work.fitted, work.ids, *work.cell)


def _answer(work: Work, session: str) -> dict[str, Any] | None:
    if work.fitted is None:
        return {"groups": [{"title": _texts()("answer.none_yet"), "rows": []}]}
    if work.new_photo is None:
        return None
    classifier = work.fitted.classifier
    shares = run_once(classifier.classify, session, work.new_photo)
    return views.answer_bars(_texts(), shares, classifier.classes)
