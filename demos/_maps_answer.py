"""The Feature maps tab asks for the answer: with channels switched off, and why it is as it is."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.answers import grad_cam
from core.backbone import Backbone
from core.runner import run_once
from demos._maps_study import SHOWN_ANSWERS
from demos._maps_views import answer_bars, reasons_view
from demos._sessions import SESSIONS
from demos._shared import explained, session_of
from demos._studies import SHELF, Study


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
