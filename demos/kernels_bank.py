"""The Kernels tab's filter bank: 48 hand-made filters, each tried on the picture above with one click."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from core.images import data_uri, from_data_uri, jpeg, open_image, png
from core.kernels import leung_malik_bank
from core.leung_malik import BANK_FILTERS, ORIENTATIONS, OrientationMap, bank_response, orientation_energy
from core.runner import run_once
from demos._handlers import explained, session_of
from demos._shared import Context
from demos.web import component

FIRST_FILTER = 9  # an upright edge of middle width
COLUMNS = 12  # of the montage: six edges and six lines in a row
LONGEST_SIDE = 512  # pixels; what the browser sends is no larger
BRIGHT = 99.0  # percentile of the energy that is shown in full colour


def build_bank(context: Context) -> None:
    """A closed section with the bank; nothing is computed before it is opened."""
    texts = context.section("kernels")
    with gr.Accordion(texts("bank.title"), open=False, elem_id="bank-section"):
        bank = component(
            "bank",
            texts=texts.tree("bank"),
            filters=[
                {"kind": each.kind, "sigma": round(each.sigma, 1), "angle": each.angle}
                for each in BANK_FILTERS
            ],
            order=_montage_order(),
            columns=COLUMNS,
            orientations=ORIENTATIONS,
            first=FIRST_FILTER,
            server_functions=[bank_sheet],
            elem_id="bank",
        )
        bank.apply(
            answer, None, bank, show_progress="hidden", concurrency_limit=64, trigger_mode="always_last"
        )


def _montage_order() -> list[int]:
    """A row for each scale, its edges left and its bars right; round filters last."""
    oriented = [number for number, each in enumerate(BANK_FILTERS) if each.angle is not None]
    by_scale = sorted(oriented, key=lambda number: BANK_FILTERS[number].sigma)  # stable: edges stay first
    return by_scale + [number for number in range(len(BANK_FILTERS)) if number not in oriented]


def bank_sheet(_: object = None) -> str:
    """The filters side by side as one grey PNG: 128 is zero, 1 and 255 are each filter's largest size."""
    return _bank_sheet()


@lru_cache(maxsize=1)
def _bank_sheet() -> str:
    bank = leung_malik_bank()
    largest = np.abs(bank).max(axis=(1, 2), keepdims=True)
    levels = _levels(bank / largest)
    return data_uri(png(np.concatenate(list(levels), axis=1)))


@explained
def answer(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
    """The response of one filter, or which way the picture runs, as a picture that the browser colours."""
    asked = event._data
    pixels, session = _sent_picture(asked.get("picture")), session_of(request)
    shown = {"filter": asked.get("filter"), "turn": asked.get("turn")}
    if asked.get("filter") is None:
        return shown | {"image": _directions(run_once(orientation_energy, session, pixels))}
    response = run_once(bank_response, session, pixels, int(asked["filter"]))
    reach = max(float(np.abs(response).max()), 1e-6)
    return shown | {"image": data_uri(jpeg(_levels(response / reach), quality=95)), "reach": reach}


def _sent_picture(picture: object) -> NDArray[np.float32]:
    """The data URI that the page sends, as grey (H, W) in [0, 1]."""
    opened = open_image(from_data_uri(str(picture))).convert("L")
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(opened, dtype=np.float32) / np.float32(255)


def _levels(signed: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (128 + 127 * signed).round().astype(np.uint8)


def _directions(found: OrientationMap) -> str:
    """A PNG whose red is the number of the angle and whose green is how clear it is."""
    clear = np.sqrt(found.energy)
    clear /= max(float(np.percentile(clear, BRIGHT)), 1e-6)
    number = found.angle // (180 // ORIENTATIONS)
    layers = [number, 255 * clear.clip(0, 1), np.zeros_like(clear)]
    return data_uri(png(np.stack(layers, axis=-1).round().astype(np.uint8)))
