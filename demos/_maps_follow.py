"""The Feature maps tab follows the camera: one pass for each picture, never two at a time for one page."""

from __future__ import annotations

import secrets
from typing import Any

import gradio as gr
from PIL import Image

from core.answers import Answer, one_pass
from core.backbone import Backbone
from core.errors import ImageError
from core.images import data_uri, from_data_uri, jpeg, open_image, to_uint8
from core.runner import run_once
from core.sheets import Sheet, make_sheet
from demos._handlers import explained, session_of
from demos._maps_study import SHOWN_ANSWERS, begin_turn, mark_of, network, ready
from demos._maps_views import first_layer, live_bars, openable, sheet_view
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

MOST_SENT = 1_000_000  # characters of a picture; the page sends about 20,000
LIVE_BYTES = 250_000  # of a sheet, twice a second
BUSY = "feature_maps_following"


@explained
def follow(
    name: str, weights: str, colours: str, event: gr.EventData, request: gr.Request
) -> tuple[dict[str, Any], Any]:
    """The open layer's sheet and the answer for a picture of the camera: {image, layer, turn}."""
    asked, session = event._data, session_of(request)
    turn = int(asked["turn"])
    SESSIONS.open(session)
    if SESSIONS.get(session, BUSY):
        return {"turn": turn, "busy": True}, gr.skip()
    SESSIONS.put(session, BUSY, True)
    try:
        use = (ready(name, session), weights, colours)
        return _look(network(*use), use, _picture(asked["image"]), str(asked.get("layer")), session, turn)
    finally:
        SESSIONS.put(session, BUSY, False)


def _look(
    backbone: Backbone, use: tuple[str, ...], picture: Image.Image, layer: str, session: str, turn: int
) -> tuple[dict[str, Any], Any]:
    mark = mark_of(session) or begin_turn(session)
    layer = layer if layer in openable(backbone) else first_layer(backbone)
    study = Study(owner=session, backbone=backbone, images=backbone.preprocess(picture), use=use)
    study.end()  # no other layer will come
    drawn, found = run_once(_pass, session, study, layer)
    if mark_of(session) != mark:
        return {"turn": turn, "busy": True}, gr.skip()  # a photo or a network was chosen meanwhile
    key = SESSIONS.get(session, "feature_maps_live") or f"live-{secrets.token_urlsafe(16)}"
    SESSIONS.put(session, "feature_maps_live", key)
    SHELF.put(key, study)
    photo = data_uri(jpeg(to_uint8(study.images)[0], quality=90))
    told = {"turn": turn, "key": key, "photo": photo, "sheet": sheet_view(drawn)}
    return told, live_bars(found, SHOWN_ANSWERS)


def _pass(study: Study, layer: str) -> tuple[Sheet, tuple[Answer, ...]]:
    maps, found = one_pass(study.backbone, study.images, layer)
    return make_sheet(layer, maps[0], LIVE_BYTES), found


def _picture(sent: object) -> Image.Image:
    """The data URI that the page sends."""
    words = str(sent)
    if len(words) > MOST_SENT:
        raise ImageError("image.missing")
    return open_image(from_data_uri(words))
