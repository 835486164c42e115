"""The Feature maps tab asks for the answer: with channels switched off, and why it is as it is."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.answers import grad_cam
from core.backbone import Backbone
from core.runner import run_once
from demos._handlers import explained, session_of
from demos._maps_study import SHOWN_ANSWERS, take_turn
from demos._maps_views import answer_bars, reasons_view, table
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

TURN = "feature_maps_switch"  # the page's latest switches
ACTIVATION_KINDS = ("normalisation", "relu")


@explained
def answer_without(event: gr.EventData, request: gr.Request) -> tuple[Any, dict[str, int]]:
    """What the network says with some channels switched off: {key, off: {layer: [channels]}, turn}.

    Only the latest turn has its answer shown, for they may overtake one another; the page hears of each.
    """
    session, turn = session_of(request), int(event._data["turn"])
    study = SHELF.find(str(event._data["key"]))
    if study is None or not take_turn(session, TURN, turn):
        return gr.skip(), {"turn": turn}
    off = {
        activated(study.backbone, str(layer)): [int(each) for each in channels]
        for layer, channels in event._data["off"].items()
    }
    bars = run_once(answer_bars, session, study, off, SHOWN_ANSWERS)
    return (bars if SESSIONS.get(session, TURN) == turn else gr.skip()), {"turn": turn}


def why(wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Where the layer speaks for a class (by default the likeliest), and the likeliest classes."""
    study = SHELF.find(str(wanted.get("key")))
    if study is None or not study.backbone.has_head:
        return None
    return run_once(_reasons, study.owner or "shared", study, str(wanted["layer"]), wanted.get("index"))


def _reasons(study: Study, layer: str, index: int | None) -> dict[str, Any]:
    likely = study.answers()[:SHOWN_ANSWERS]
    chosen = likely[0].index if index is None else int(index)
    source = activated(study.backbone, layer)
    found = grad_cam(study.backbone, study.images, source, chosen, study.known(source))
    return reasons_view(found, chosen, likely)


def activated(backbone: Backbone, layer: str) -> str:
    """The last layer that a convolution's channels pass alone: its normalisation or ReLU, where it has one.

    There a zero is silence; before normalisation it would be an answer like any other.
    """
    rows = iter(table(backbone))
    kind = next((row.kind for row in rows if row.name == layer), None)
    if kind == "convolution":
        for row in rows:
            if row.kind not in ACTIVATION_KINDS:
                break
            layer = row.name
    return layer
