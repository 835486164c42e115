"""What the Feature maps tab's components are given: plain values made from core's results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from core.activations import Layer, layer_table
from core.answers import Answer, Reasons, answers
from core.backbone import Backbone
from core.errors import WeightsError
from core.images import data_uri, jpeg, png, sheet, to_uint8
from core.sheets import Sheet
from core.texts import load_section
from demos._classes import short_name
from demos._studies import Study

OPENABLE_KINDS = ("convolution", "pooling", "block")
UNDRAWN_KINDS = ("relu", "flatten", "normalisation")  # they change no shape worth drawing
FIRST_FIELD = 24  # pixels: the tab opens with the first layer that sees so much, conv3_1 of VGG-16


@lru_cache(maxsize=8)
def table(backbone: Backbone) -> tuple[Layer, ...]:
    """A network's layer table, worked out once."""
    return layer_table(backbone)


def openable(backbone: Backbone) -> list[str]:
    """The layers that have a sheet."""
    return [layer.name for layer in table(backbone) if layer.kind in OPENABLE_KINDS]


def announcement(key: str, study: Study) -> dict[str, Any]:
    """The photo as the network gets it, and the layers whose sheets can be fetched under `key`."""
    seen, rows = to_uint8(study.images)[0], table(study.backbone)
    kinds = [row.kind for row in rows[1:]] + [""]
    layers = [
        _row(row, rectified=row.kind == "convolution" and after == "relu")
        for row, after in zip(rows, kinds, strict=True)
        if row.kind not in UNDRAWN_KINDS
    ]
    return {
        "key": key,
        "network": "|".join(study.use),
        "first": first_layer(study.backbone),
        "photo": data_uri(jpeg(seen, quality=95)),
        "layers": [{"name": "input", "kind": "input", "shape": (3, *seen.shape[:2])}, *layers],
        "answers": study.backbone.has_head,
    }


def first_layer(backbone: Backbone) -> str:
    """The layer that a network is opened with: the first that sees more than strokes."""
    rows = [row for row in table(backbone) if row.kind in OPENABLE_KINDS]
    return next((row for row in rows if row.receptive_field >= FIRST_FIELD), rows[0]).name


def _row(layer: Layer, *, rectified: bool) -> dict[str, Any]:
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
        "rectified": rectified,  # whether a ReLU follows, so that its positive part goes on
    }


def sheet_view(found: Sheet) -> dict[str, Any]:
    """A sheet as the page draws it."""
    return {
        "layer": found.layer,
        "image": data_uri(found.encoded),
        "columns": found.columns,
        "pitch": found.pitch,
        "size": found.size,
        "statistics": found.statistics,
    }


def reasons_view(reasons: Reasons, index: int, likely: Sequence[Answer]) -> dict[str, Any]:
    """Grad-CAM's map as a grey picture, what each channel adds, and the classes to choose from."""
    return {
        "index": index,
        "image": data_uri(png(sheet(reasons.map.unsqueeze(0))[0])),
        "size": reasons.map.shape[0],
        "shares": [round(share, 4) for share in reasons.shares.tolist()],
        "classes": [{"index": each.index, "name": short_name(each.name)} for each in likely],
    }


def answer_bars(study: Study, off: Mapping[str, Sequence[int]], most: int) -> dict[str, Any]:
    """The likeliest classes of the photo; with channels off, those of the network without them as well."""
    texts = load_section("feature_maps")
    try:
        groups = [_group(texts("answer"), study.answers()[:most])]
    except WeightsError as error:
        return {"groups": [{"title": texts("answer"), "rows": [], "note": error.message()}]}
    off = {layer: channels for layer, channels in off.items() if layer in study.backbone.layers}
    count = sum(map(len, off.values()))
    if count:
        first = next(layer for layer in study.backbone.layers if off.get(layer))
        found = answers(study.backbone, study.images, off, study.known(first))[:most]
        groups.append(_group(texts("answer_without", count=count), found))
        same = found[0].index == study.answers()[0].index
        return {"groups": groups, "did": {"answer": "same" if same else "changed"}}
    return {"groups": groups}


def live_bars(found: Sequence[Answer], most: int) -> dict[str, Any]:
    """The likeliest classes of a picture of the camera."""
    if not found:
        return {"groups": []}
    return {"groups": [_group(load_section("feature_maps")("answer"), found[:most])]}


def _group(title: str, found: Sequence[Answer]) -> dict[str, Any]:
    rows = [{"label": short_name(each.name), "share": each.probability} for each in found]
    first = {**rows[0], "mark": "accent"}
    return {"title": title, "rows": [first, *rows[1:]]}
