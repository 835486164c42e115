"""The Feature maps tab hands out files: the sheet, the numbers behind it, the table of layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from core.activations import capture
from core.runner import run_once
from core.take_away import layer_csv, save_activations, sheet_png
from demos._handlers import explained, session_of
from demos._maps_views import openable, table
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

KINDS = ("sheet", "layer", "all", "table")


@explained
def take(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
    """Write the file that is asked for, {key, kind, layer, turn}, and tell the page where it is."""
    asked, session = event._data, session_of(request)
    SESSIONS.open(session)
    study, kind, layer = SHELF.find(str(asked["key"])), str(asked["kind"]), str(asked["layer"])
    if study is None or kind not in KINDS:
        return {"turn": asked["turn"], "gone": True}
    path = _write(study, kind, layer, SESSIONS.folder(session), session)
    file = FileData(path=str(path), orig_name=path.name).model_dump()
    return {"turn": asked["turn"], "file": file}


def _write(study: Study, kind: str, layer: str, folder: Path, session: str) -> Path:
    """The file, named after network and layer; one of the same name is written over."""
    backbone = study.backbone
    if kind == "table":
        path = folder / f"{backbone.name}-layers.csv"
        path.write_text(layer_csv(table(backbone)), encoding="utf-8")
        return path
    layers = openable(backbone) if kind == "all" else [layer]
    found = run_once(capture, session, backbone, study.images, layers)
    name = f"{backbone.name}-{'activations' if kind == 'all' else layer}"
    if kind == "sheet":
        path = folder / f"{name}.png"
        path.write_bytes(sheet_png(found[layer][0]))
        return path
    path = folder / f"{name}.npz"
    save_activations(path, found)
    return path
