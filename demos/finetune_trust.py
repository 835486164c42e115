"""How far to trust a classifier: the closed sections of the Fine-tune tab, each worked when it is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune.explain import Explained, explain
from core.finetune.feature_map import principal_components
from core.finetune.learning_curve import CurveStep, learning_curve_steps
from core.finetune.novelty import LEAST_PHOTOS, NoveltyDetector
from core.finetune.pretraining_gap import PretrainingGap, pretraining_gap_steps
from core.finetune.split_features import SplitFeatures, split_features
from core.images import to_uint8
from core.runner import run_once, run_steps
from core.texts import Section, load_section
from demos import finetune_trust_views as views
from demos._shared import LIVE, explained, session_of
from demos.finetune_views import LARGE, thumbnail
from demos.finetune_work import Work, work_of
from demos.web import component

# What a new training run makes old; each is the name of a part of the page
PARTS = ("baselines", "photos_needed", "photos_needed_words", "map", "gap", "gap_words")
FRAME_SECONDS = 1 / 12


def build_sections(texts: Section) -> tuple[dict[str, Any], list[Any]]:
    """The closed sections: their parts of `PARTS` by name, and the events that a new run ends."""
    page: dict[str, Any] = {}
    return page, [
        *_photos_needed_section(texts, page),
        *_map_section(texts, page),
        *_gap_section(texts, page),
    ]


def _photos_needed_section(texts: Section, page: dict[str, Any]) -> list[Any]:
    with _section(texts, "photos_needed") as section, gr.Row():
        with gr.Column(scale=3, min_width=280):
            chart = page["photos_needed"] = component("curves", elem_id="finetune-photos-needed")
        with gr.Column(scale=2, min_width=220):
            words = page["photos_needed_words"] = gr.Markdown(elem_id="finetune-photos-needed-words")
            again = gr.Button(texts("photos_needed.start"), elem_id="finetune-photos-needed-start")
    return [event(photos_needed, None, [chart, words], **LIVE) for event in (section.expand, again.click)]


def _map_section(texts: Section, page: dict[str, Any]) -> list[Any]:
    with _section(texts, "map") as section:
        points = page["map"] = component("featuremap", elem_id="finetune-map")
        photo = component("wire", to="#finetune-map .featuremap", event="wk-point")
        again = gr.Button(texts("map.start"), elem_id="finetune-map-start")
    points.look(look_at, None, photo, **LIVE)
    return [event(draw_map, None, points, **LIVE) for event in (section.expand, again.click)]


def _gap_section(texts: Section, page: dict[str, Any]) -> list[Any]:
    with _section(texts, "gap"):
        page["gap"] = component("bars", elem_id="finetune-gap")
        page["gap_words"] = gr.Markdown(elem_id="finetune-gap-words")
        begin = gr.Button(texts("gap.start"), elem_id="finetune-gap-start")
    return [begin.click(measure_gap, None, [page["gap"], page["gap_words"]], **LIVE)]


def _section(texts: Section, name: str) -> gr.Accordion:
    section = gr.Accordion(
        texts(f"{name}.title"), open=False, elem_id=f"finetune-{name.replace('_', '-')}-section"
    )
    with section:
        gr.Markdown(texts(f"{name}.info"))
    return section


def split_of(work: Work) -> SplitFeatures | None:
    """The features behind the last training run; None where there was none, as after loading a classifier."""
    if work.fitted is None or work.judged is None:
        return None
    known = work.known.get(work.fitted.classifier.backbone.name, {})
    if any(photo.path not in known for photo in work.judged.photos):
        return None
    return split_features(work.judged, work.fitted, known)


def baselines_of(texts: Section, work: Work) -> views.View | None:
    """The accuracy of the last training run beside its baselines."""
    split = split_of(work)
    if split is None or work.fitted is None:
        return None
    return views.baseline_bars(texts, work.fitted.evaluation, split)


def seen_and_said(texts: Section, work: Work, session: str) -> tuple[views.View, list[float]]:
    """The new photo as the classifier sees it, how near it is to what was learnt, and each class's share."""
    classifier, picture = work.classifier, work.new_photo
    assert classifier is not None
    assert picture is not None
    images = classifier.backbone.preprocess(picture)
    found = run_once(explain, session, classifier, images)
    shown = views.seen(texts, found, to_uint8(images)[0], classifier.classes)
    split = split_of(work)
    if split is not None and len(split.train) >= LEAST_PHOTOS:
        shown["novelty"] = run_once(_novelty, session, texts, work, split, images, found)
    return shown, found.probabilities.tolist()


def _novelty(texts: Section, work: Work, split: SplitFeatures, images: Any, found: Explained) -> views.View:
    assert work.fitted is not None
    assert work.judged is not None
    assert work.classifier is not None
    # The known features are those of the shared network, whatever became of the classifier's own
    shared = load_backbone(work.classifier.backbone.name)
    own = shared is work.classifier.backbone
    features = found.features[None] if own else shared.features(images).cpu()
    detector = NoveltyDetector.fit(split.train)
    (judged,) = detector.judge(features)
    alarms = sum(each.is_novel for each in detector.judge(split.held_out))
    nearest = work.judged.photos[work.fitted.learnt_from[judged.nearest]]
    return views.novelty(texts, judged, nearest, alarms, len(split.held_out))


def _run_of(work: Work) -> tuple[object, bool]:
    """Differs once another training run has begun or ended, so that nothing old is shown beside it."""
    return work.fitted, work.unfinished


def _split(work: Work) -> SplitFeatures:
    split = split_of(work)
    if split is None:
        raise FolderError("classifier.none_trained")
    return split


@explained
def measure_gap(request: gr.Request) -> Iterator[tuple[Any, str]]:
    """The same probe on the same network with random weights."""
    session, texts = session_of(request), load_section("finetune")
    work = work_of(session)
    _split(work)
    assert work.judged is not None
    assert work.fitted is not None
    backbone, run = load_backbone(work.fitted.classifier.backbone.name), _run_of(work)
    steps = run_steps(
        pretraining_gap_steps,
        backbone,
        work.judged,
        work.fitted,
        work.known[backbone.name],
        session=session,
        job="finetune-gap",
    )
    with closing(steps):
        for step in steps:
            if _run_of(work) != run:
                yield None, ""
                return
            if isinstance(step, PretrainingGap):
                yield views.gap_bars(texts, step), views.gap_words(texts, step)
            else:
                yield gr.skip(), views.gap_progress(texts, step)


@explained
def draw_map(request: gr.Request) -> views.View:
    """All photos as points."""
    session = session_of(request)
    work = work_of(session)
    split = _split(work)
    assert work.judged is not None
    assert work.fitted is not None
    found = run_once(principal_components, session, split.all_features)
    indices = (*work.fitted.learnt_from, *work.fitted.held_out)
    return views.feature_map(load_section("finetune"), found, work.judged, indices, len(split.train))


@explained
def look_at(event: gr.EventData, request: gr.Request) -> views.View:
    """A point of the map was chosen: its photo."""
    work = work_of(session_of(request))
    photo = int(event._data["photo"])
    if work.judged is None or not 0 <= photo < len(work.judged.photos):
        raise FolderError("classifier.none_trained")
    return {"photo": photo, "uri": thumbnail(work.judged.photos[photo].path, LARGE)}


@explained
def photos_needed(request: gr.Request) -> Iterator[tuple[Any, str]]:
    """Accuracy with few and with many photos."""
    session, texts = session_of(request), load_section("finetune")
    work = work_of(session)
    split, run, shown = _split(work), _run_of(work), 0.0
    steps = run_steps(learning_curve_steps, split, session=session, job="finetune-photos-needed")
    step: CurveStep | None = None
    with closing(steps):
        for step in steps:
            if _run_of(work) != run:
                yield None, ""
                return
            if time.monotonic() - shown > FRAME_SECONDS:
                words = texts("photos_needed.working", done=step.done, total=step.total)
                yield views.learning_curve_chart(texts, split, step.points), words
                shown = time.monotonic()
    if step is not None:
        chart = views.learning_curve_chart(texts, split, step.points)
        yield chart, views.learning_curve_words(texts, split, step.points)
