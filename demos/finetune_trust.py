"""How far to trust a classifier: the closed sections of the Fine-tune tab, each worked when it is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from PIL import Image

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune import Classifier
from core.finetune.explain import explain
from core.finetune.feature_map import neighbour_embedding, principal_components
from core.finetune.learning_curve import CurveStep, learning_curve_steps
from core.finetune.pretraining_gap import PretrainingGap, pretraining_gap_steps
from core.images import to_uint8
from core.runner import run_once, run_steps
from core.texts import Section, load_section
from demos import finetune_trust_views as views
from demos._handlers import explained, session_of
from demos._sections import renewed
from demos._shared import LIVE, formatted
from demos.finetune_photos import LARGE, thumbnail
from demos.finetune_work import Run, Work, work_of
from demos.web import component

# What a new training run makes old; each is the name of a part of the page
PARTS = ("baselines", "photos_needed", "photos_needed_words", "map", "map_words", "gap", "gap_words")
FRAME_SECONDS = 1 / 12
COLUMN = "finetune-questions"
MAPS = {"pca": principal_components, "tsne": neighbour_embedding}


def build_sections(texts: Section) -> dict[str, Any]:
    """The closed sections: their parts of `PARTS` by name. A new run ends what goes on in them."""
    page: dict[str, Any] = {}
    with gr.Column(elem_classes=["wk-questions"], elem_id=COLUMN):
        again = renewed(COLUMN, {name: f"#{_place(name)}" for name in ("photos_needed", "map")})
        _photos_needed_section(texts, page, again)
        _map_section(texts, page, again)
        _gap_section(texts, page)
    return page


def _photos_needed_section(texts: Section, page: dict[str, Any], renewal: gr.HTML) -> None:
    with _section(texts, "photos_needed") as section, gr.Row():
        with gr.Column(scale=3, min_width=280):
            chart = page["photos_needed"] = component("curves", elem_id="finetune-photos-needed")
        with gr.Column(scale=2, min_width=220):
            words = page["photos_needed_words"] = gr.Markdown(elem_id="finetune-photos-needed-words")
            again = gr.Button(texts("photos_needed.start"), elem_id="finetune-photos-needed-start")
    for event in (section.expand, renewal.photos_needed, again.click):
        event(photos_needed, None, [chart, words], **LIVE)


def _map_section(texts: Section, page: dict[str, Any], renewal: gr.HTML) -> None:
    with _section(texts, "map") as section:
        points = page["map"] = component("featuremap", elem_id="finetune-map")
        photo = component("wire", to="#finetune-map .featuremap", event="wk-point")
        way = gr.Radio(
            [(texts(f"map.ways.{name}"), name) for name in MAPS],
            value="pca",
            label=texts("map.way"),
            info=texts("map.way_info"),
            elem_id="finetune-map-way",
        )
        words = page["map_words"] = gr.Markdown(elem_id="finetune-map-words")
        again = gr.Button(texts("map.start"), elem_id="finetune-map-start")
    points.look(look_at, None, photo, **LIVE)
    for event in (section.expand, renewal.map, again.click, way.input):
        event(draw_map, way, [points, words], **LIVE)


def _gap_section(texts: Section, page: dict[str, Any]) -> None:
    with _section(texts, "gap"):
        page["gap"] = component("bars", elem_id="finetune-gap")
        page["gap_words"] = gr.Markdown(elem_id="finetune-gap-words")
        begin = gr.Button(texts("gap.start"), elem_id="finetune-gap-start")
    begin.click(measure_gap, None, [page["gap"], page["gap_words"]], **LIVE)


def _section(texts: Section, name: str) -> gr.Accordion:
    section = gr.Accordion(texts(f"{name}.title"), open=False, elem_id=_place(name))
    with section:
        formatted(texts, f"{name}.info")
    return section


def _place(name: str) -> str:
    return f"finetune-{name.replace('_', '-')}-section"


def seen_and_said(
    texts: Section, classifier: Classifier, picture: Image.Image, run: Run | None, session: str
) -> tuple[views.View, list[float]]:
    """A new photo as the classifier sees it, how near it is to what was learnt, and each class's share.

    Args:
        run: the last training run; it says nothing of a classifier that came from elsewhere.
    """
    images = classifier.backbone.preprocess(picture)
    found = run_once(explain, session, classifier, images)
    shown = views.seen(texts, found, to_uint8(images)[0], classifier.classes)
    if run is not None and run.detector is not None and run.fitted.classifier is classifier:
        (judged,) = run_once(run.detector.judge, session, found.features[None])
        nearest = run.folder.photos[run.fitted.learnt_from[judged.nearest]]
        shown["novelty"] = views.novelty(texts, judged, nearest, run.false_alarms, len(run.split.held_out))
    return shown, found.probabilities.tolist()


def _stage(session: str) -> tuple[object, ...]:
    """Differs once other photos came or a training run has begun or ended: nothing old is shown beside it."""
    work = work_of(session)
    return work, work.run, work.unfinished


def _last_run(work: Work) -> Run:
    """The last training run; there is none after loading a classifier."""
    run = work.run
    if run is None:
        raise FolderError("classifier.none_trained")
    return run


def _last_probe(work: Work) -> Run:
    """The last training run, if only the new layer learnt in it.

    A tuned network has seen all photos learnt from, so its features cannot tell what fewer would give.
    """
    run = _last_run(work)
    if run.tune is not None:
        raise FolderError("classifier.tuned")
    return run


@explained
def measure_gap(request: gr.Request) -> Iterator[tuple[Any, str]]:
    """The same probe on the same network with random weights."""
    session, texts = session_of(request), load_section("finetune")
    work = work_of(session)
    stage, run = _stage(session), _last_probe(work)
    backbone = load_backbone(run.fitted.classifier.backbone.name)
    steps = run_steps(
        pretraining_gap_steps,
        backbone,
        run.folder,
        run.fitted,
        work.known[backbone.name],
        session=session,
        job="finetune-gap",
    )
    with closing(steps):
        for step in steps:
            if _stage(session) != stage:
                yield None, ""
                return
            if isinstance(step, PretrainingGap):
                yield views.gap_bars(texts, step), views.gap_words(texts, step)
            else:
                yield gr.skip(), views.gap_progress(texts, step)


@explained
def draw_map(way: str, request: gr.Request) -> Iterator[tuple[Any, str]]:
    """All photos as points."""
    texts, session = load_section("finetune"), session_of(request)
    try:
        stage, run = _stage(session), _last_run(work_of(session))
    except FolderError as error:
        yield None, error.message()
        return
    indices = (*run.fitted.learnt_from, *run.fitted.held_out)
    if way != "pca":
        yield gr.skip(), texts("map.working", photos=len(indices))
    found = MAPS[way](run.split.all_features)
    if _stage(session) == stage:
        yield views.feature_map(texts, found, run.folder, indices, len(run.fitted.learnt_from)), ""
    else:
        yield None, ""


@explained
def look_at(event: gr.EventData, request: gr.Request) -> views.View:
    """A point of the map was chosen: its photo."""
    run = _last_run(work_of(session_of(request)))
    photo = int(event._data["photo"])
    if not 0 <= photo < len(run.folder.photos):
        raise FolderError("classifier.none_trained")
    return {"photo": photo, "uri": thumbnail(run.folder.photos[photo].path, LARGE)}


@explained
def photos_needed(request: gr.Request) -> Iterator[tuple[Any, str]]:
    """Accuracy with few and with many photos."""
    session, texts = session_of(request), load_section("finetune")
    try:
        stage, run, shown = _stage(session), _last_probe(work_of(session)), 0.0
    except FolderError as error:
        yield None, error.message()
        return
    steps = run_steps(learning_curve_steps, run.split, session=session, job="finetune-photos-needed")
    step: CurveStep | None = None
    with closing(steps):
        for step in steps:
            if _stage(session) != stage:
                yield None, ""
                return
            if time.monotonic() - shown > FRAME_SECONDS:
                words = texts("photos_needed.working", done=step.done, total=step.total)
                yield views.learning_curve_chart(texts, run.fitted, step.points), words
                shown = time.monotonic()
    if step is not None:
        chart = views.learning_curve_chart(texts, run.fitted, step.points)
        yield chart, views.learning_curve_words(texts, run.fitted, step.points)
