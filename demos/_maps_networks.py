"""The Feature maps tab's table: every network side by side, and what each that is here says of the photo."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from PIL import Image

from core.answers import answers
from core.backbone import Backbone, load_backbone
from core.network_facts import network_facts, time_passes
from core.runner import run_steps
from demos._classes import short_name
from demos._handlers import explained, session_of
from demos._maps_study import NETWORKS
from demos._networks import full_title, megabytes_to_download
from demos._photos import open_photo
from demos._shared import LIVE, Context, tell
from demos.web import component

_MEASURED: dict[str, float] = {}  # milliseconds of a pass on this machine, by network
_MEASURING = threading.Lock()


def build_networks(context: Context, photo: gr.State) -> None:
    """A closed section with the table; nothing is computed before it is opened."""
    texts = context.section("feature_maps")
    with gr.Accordion(texts("networks.title"), open=False, elem_id="feature-maps-networks-section"):
        shown = component("networks", texts=texts.tree("networks.component"), elem_id="feature-maps-networks")
        times = component("wire", to="#feature-maps-networks .networks", event="wk-times")
    failed = tell("#feature-maps-networks .networks", "failed")
    shown.opened(side_by_side, photo, shown, **LIVE).failure(None, js=failed)
    shown.measure(measure, None, times, **LIVE).failure(None, js=failed)


@explained
def side_by_side(photo: Any, request: gr.Request) -> Iterator[dict[str, Any]]:
    """The table at once, then the answers one by one."""
    picture, _ = open_photo(photo)
    rows = [_row(name) for name in NETWORKS]
    yield {"rows": rows}
    steps = run_steps(_answers, picture, _here(rows), session=session_of(request), job="networks")
    with closing(steps):
        for name, says in steps:
            rows = [row | {"says": says} if row["name"] == name else row for row in rows]
            yield {"rows": rows}


@explained
def measure(request: gr.Request) -> Iterator[dict[str, Any]]:
    """Milliseconds of a pass through each network that is here; measured once, for everybody."""
    for name in _here([_row(each) for each in NETWORKS]):
        with _MEASURING:
            if name not in _MEASURED:
                _MEASURED[name] = _median_time(load_backbone(name), session_of(request))
        yield {"times": dict(_MEASURED), "done": False}
    yield {"times": dict(_MEASURED), "done": True}


def _median_time(network: Backbone, session: str) -> float:
    with closing(run_steps(time_passes, network, session=session)) as passes:
        return statistics.median(passes)


def _here(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows if not row["megabytes"]]


def _answers(picture: Image.Image, names: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each network finds likeliest."""
    for name in names:
        network = load_backbone(name)
        first = answers(network, network.preprocess(picture))[0]
        yield name, {"label": short_name(first.name), "share": first.probability}


def _row(name: str) -> dict[str, Any]:
    facts = network_facts(name)
    return {
        "name": name,
        "title": full_title(name) if name == "vgg16_catdog" else facts.title,
        "year": facts.year,
        "layers": facts.layers,
        "parameters": facts.parameters,
        "macs": facts.macs,
        "top1": facts.top1,
        "megabytes": megabytes_to_download(name),
    }
