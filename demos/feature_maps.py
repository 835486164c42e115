"""Tab 2, Feature maps: every layer of a network as one sheet of all its channels, and what they decide."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any

import gradio as gr

from core.activations import capture_steps
from core.answers import grad_cam
from core.backbone import Backbone, is_present, load_backbone
from core.runner import run_once, run_steps
from core.texts import Section
from core.variants import PHOTOS, WEIGHTS, variant
from demos._maps_views import announcement, answer_bars, openable, reasons_view, sheet_view
from demos._photos import open_photo, photo_picker
from demos._sessions import SESSIONS, end_with_page
from demos._shared import Context, explained, explanation, heading, notes, session_of
from demos._studies import SHELF, Study
from demos.web import component

EXAMPLE = {"sample": "cat"}
FIRST_LAYER = "conv3_1"
SHOWN_ANSWERS = 5

Shown = tuple[Any, Any]  # what the sheets' component is told, and the bars of the answer


def build(context: Context) -> None:
    """The tab: photo, answer and controls left, the pyramid with its sheets right."""
    texts = context.section("feature_maps")
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            photos = photo_picker(context, EXAMPLE["sample"], elem_id="feature-maps-photos")
            answer = component("bars", elem_id="feature-maps-answer")
            notes(context, texts)
            weights, colours = _wrong_uses(texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            maps = component(
                "sheet",
                texts={**texts.tree("component"), "loading": context.section("common")("loading")},
                first=FIRST_LAYER,
                server_functions=[sheet, why],
                elem_id="feature-maps",
            )
    photo = gr.State(EXAMPLE)
    explanation(context, texts)
    end_with_page()

    look: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64}
    shown, used = [maps, answer], [photo, weights, colours]
    maps.opened(study_photo, used, shown, **look)
    photos.chosen(study_chosen, [weights, colours], [photo, *shown], trigger_mode="multiple", **look)
    gr.on([weights.input, colours.input], study_photo, used, shown, trigger_mode="multiple", **look)
    maps.silenced(answer_without, None, answer, trigger_mode="multiple", **look)


def _wrong_uses(texts: Section) -> tuple[gr.Radio, gr.Radio]:
    """The same network wrongly used, to see what is its own doing."""
    with gr.Accordion(texts("wrong.title"), open=False):
        return (
            gr.Radio(
                [(texts(f"wrong.weights.{name}"), name) for name in WEIGHTS],
                value=WEIGHTS[0],
                label=texts("wrong.weights.label"),
                elem_id="feature-maps-weights",
            ),
            gr.Radio(
                [(texts(f"wrong.photo.{name}"), name) for name in PHOTOS],
                value=PHOTOS[0],
                label=texts("wrong.photo.label"),
                elem_id="feature-maps-colours",
            ),
        )


@explained
def study_chosen(
    weights: str, colours: str, event: gr.EventData, request: gr.Request
) -> Iterator[tuple[Any, Any, Any]]:
    """The photo that was chosen in the picker."""
    for shown in _study(event._data, weights, colours, session_of(request)):
        yield event._data, *shown


@explained
def study_photo(photo: Any, weights: str, colours: str, request: gr.Request) -> Iterator[Shown]:
    """The open photo, when the tab is first seen or the network is used otherwise."""
    yield from _study(photo, weights, colours, session_of(request))


def _study(photo: Any, weights: str, colours: str, session: str) -> Iterator[Shown]:
    """Tell the page what is coming, then run the network; the page fetches each sheet with `sheet`."""
    turn = _begin_turn(session)
    picture, sample = open_photo(photo)
    backbone = network(weights, colours)
    shared_key = f"{sample}|{weights}|{colours}" if sample else None
    study = SHELF.find(shared_key) if shared_key else None
    key = shared_key if study and shared_key else secrets.token_urlsafe(16)
    is_whole = study is not None
    study = study or Study(owner=session, backbone=backbone, images=backbone.preprocess(picture))
    if SESSIONS.get(session, "feature_maps_turn") != turn:
        return  # another photo was chosen while this one was opened
    try:
        SHELF.put(key, study)
        yield announcement(key, study), gr.skip()
        if not is_whole:
            _fill(study, session)
            if shared_key:
                study.owner = None
                SHELF.put(shared_key, study)
        yield gr.skip(), run_once(answer_bars, session, study, {}, SHOWN_ANSWERS)
    finally:
        study.end()


def _fill(study: Study, session: str) -> None:
    backbone, layers = study.backbone, openable(study.backbone)
    steps = run_steps(capture_steps, backbone, study.images, layers, session=session, exact=False)
    with closing(steps):
        for layer, activation in steps:
            study.add(layer, activation[0])
    study.finish()


def _begin_turn(session: str) -> str:
    """A mark of this being the session's latest photo; the session's studies go when it ends."""
    SESSIONS.open(session)
    if SESSIONS.get(session, "feature_maps_turn") is None:
        SESSIONS.when_ended(session, lambda: SHELF.drop(session))
    turn = secrets.token_urlsafe(8)
    SESSIONS.put(session, "feature_maps_turn", turn)
    return turn


@explained
def answer_without(event: gr.EventData, request: gr.Request) -> Any:
    """What the network says with some channels switched off: {key, off: {layer: [channels]}, turn}.

    Only the latest turn is answered: a sweep over the sheet tells many, and they may overtake one another.
    """
    session, turn = session_of(request), int(event._data["turn"])
    study = SHELF.find(str(event._data["key"]))
    if study is None or turn < SESSIONS.get(session, "feature_maps_switch", 0):
        return gr.skip()
    SESSIONS.put(session, "feature_maps_switch", turn)
    off = {str(layer): [int(each) for each in channels] for layer, channels in event._data["off"].items()}
    bars = run_once(answer_bars, session, study, off, SHOWN_ANSWERS)
    return bars if SESSIONS.get(session, "feature_maps_switch") == turn else gr.skip()


def sheet(wanted: dict[str, str]) -> dict[str, Any] | None:
    """One layer's sheet of the study `key`, as soon as it is computed; None when it is not to be had."""
    study = SHELF.find(str(wanted.get("key")))
    found = study.wait(str(wanted.get("layer"))) if study else None
    return sheet_view(found) if found else None


def why(wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Where the layer speaks for a class (by default the likeliest), and the likeliest classes."""
    study = SHELF.find(str(wanted.get("key")))
    if study is None or not study.backbone.has_head:
        return None
    return run_once(_reasons, study.owner or "shared", study, str(wanted["layer"]), wanted.get("index"))


def _reasons(study: Study, layer: str, index: int | None) -> dict[str, Any]:
    likely = study.answers()[:SHOWN_ANSWERS]
    chosen = likely[0].index if index is None else int(index)
    source = after_relu(study.backbone, layer)
    found = grad_cam(study.backbone, study.images, source, chosen, study.known(source))
    return reasons_view(found, chosen, likely)


def after_relu(backbone: Backbone, layer: str) -> str:
    """The ReLU behind a convolution, where it is a layer of its own: what the next layer is given."""
    relu = layer.replace("conv", "relu")
    return relu if relu in backbone.layers else layer


@lru_cache(maxsize=6)
def network(weights: str, colours: str) -> Backbone:
    """VGG-16, with an answer where its head is on this machine, used rightly or wrongly."""
    backbone = load_backbone("vgg16_catdog" if is_present("vgg16_catdog") else "vgg16")
    if (weights, colours) == (WEIGHTS[0], PHOTOS[0]):
        return backbone
    return variant(backbone, weights=weights, photo=colours)
