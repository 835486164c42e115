"""Tab 2, Feature maps: every layer of a network as one sheet of all its channels."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any

import gradio as gr
from PIL import Image

from core.activations import Layer, layer_table
from core.backbone import Backbone, is_present, load_backbone
from core.images import data_uri, jpeg, open_image, to_uint8
from core.runner import run_steps
from core.samples import sample_path
from core.sheets import sheet_steps
from demos._photos import chosen_photo, photo_picker
from demos._shared import Context, explained, explanation, heading, notes, session_of
from demos._studies import Shelf, Study
from demos.web import component

FIRST_PHOTO = "cat"
FIRST_LAYER = "conv3_1"
OPENABLE_KINDS = ("convolution", "pooling", "block")

SHELF = Shelf()


def build(context: Context) -> None:
    """The tab: photos left, the pyramid with its sheets right."""
    texts = context.section("feature_maps")
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            photos = photo_picker(context, FIRST_PHOTO, elem_id="feature-maps-photos")
            notes(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            maps = component(
                "sheet",
                texts={**texts.tree("component"), "loading": context.section("common")("loading")},
                first=FIRST_LAYER,
                server_functions=[sheet],
                elem_id="feature-maps",
            )
    explanation(context, texts)
    look = {"outputs": maps, "show_progress": "hidden", "concurrency_limit": 64, "trigger_mode": "multiple"}
    opened = maps.opened(open_example, **look)
    photos.chosen(open_chosen, cancels=[opened], **look)


@explained
def open_example(request: gr.Request) -> Iterator[dict[str, Any]]:
    """The example, when the tab is first seen."""
    yield from study_photo(open_image(sample_path(FIRST_PHOTO)), FIRST_PHOTO, session_of(request))


@explained
def open_chosen(event: gr.EventData, request: gr.Request) -> Iterator[dict[str, Any]]:
    """The photo that was chosen in the picker."""
    picture, sample = chosen_photo(event)
    yield from study_photo(picture, sample, session_of(request))


def study_photo(picture: Image.Image, sample: str | None, session: str) -> Iterator[dict[str, Any]]:
    """Tell the page what is coming, then run the network; the page fetches each sheet with `sheet`."""
    backbone = load_backbone(network())
    if sample and SHELF.find(sample):
        yield _announcement(sample, picture, backbone)
        return
    key, study = secrets.token_urlsafe(16), Study(owner=session)
    SHELF.put(key, study)
    try:
        yield _announcement(key, picture, backbone)
        layers = [layer.name for layer in table(backbone) if layer.kind in OPENABLE_KINDS]
        with closing(run_steps(sheet_steps, backbone, picture, layers, session=session)) as steps:
            for each in steps:
                study.add(each)
        if sample:
            SHELF.put(sample, study.shared())
    finally:
        study.end()


def sheet(wanted: dict[str, str]) -> dict[str, Any] | None:
    """One layer's sheet of the study `key`, as soon as it is computed; None when it is not to be had."""
    study = SHELF.find(str(wanted.get("key")))
    found = study.wait(str(wanted.get("layer"))) if study else None
    if found is None:
        return None
    return {
        "layer": found.layer,
        "image": data_uri(found.encoded),
        "columns": found.columns,
        "pitch": found.pitch,
        "size": found.size,
        "statistics": found.statistics,
    }


def network() -> str:
    """VGG-16 with an answer where its head is on this machine."""
    return "vgg16_catdog" if is_present("vgg16_catdog") else "vgg16"


@lru_cache(maxsize=4)
def table(backbone: Backbone) -> tuple[Layer, ...]:
    """A network's layer table, worked out once."""
    return layer_table(backbone)


def _announcement(key: str, picture: Image.Image, backbone: Backbone) -> dict[str, Any]:
    seen = to_uint8(backbone.preprocess(picture))[0]
    return {
        "key": key,
        "photo": data_uri(jpeg(seen, quality=95)),
        "layers": [{"name": "input", "kind": "input", "shape": (3, *seen.shape[:2])}]
        + [_row(layer) for layer in table(backbone) if layer.kind not in ("relu", "flatten")],
    }


def _row(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "shape": layer.shape,
        "parameters": layer.parameters,
        "macs": layer.macs,
        "field": layer.receptive_field,
        "stride": layer.stride,
        "start": layer.start,
        "openable": layer.kind in OPENABLE_KINDS,
    }
