"""The Feature maps tab's second photo: its sheets beside the first one's, and how far apart the two are."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.compare import CHANGES, LayerDifference, changed, difference_steps
from core.images import data_uri, jpeg, to_uint8
from core.runner import run_once, run_steps
from demos._handlers import explained, session_of
from demos._maps_study import fill, take_turn
from demos._maps_views import openable
from demos._photos import open_photo
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

TURN = "feature_maps_compared"  # the page's latest question


@explained
def compare_photos(event: gr.EventData, request: gr.Request) -> Iterator[dict[str, Any]]:
    """The second photo's key, then how far apart the two are: {key (of the first), second, turn}.

    Only the latest turn is answered: another choice ends what was begun for the one before.
    """
    asked, session = event._data, session_of(request)
    turn, first = int(asked["turn"]), SHELF.find(str(asked["key"]))
    if first is None or not take_turn(session, TURN, turn):
        return
    key, study = secrets.token_urlsafe(16), _second(first, asked["second"], session)
    SHELF.put(key, study)
    photo = data_uri(jpeg(to_uint8(study.images)[0], quality=95))
    told = {"turn": turn, "key": key, "photo": photo, "differences": []}

    def is_latest() -> bool:
        return bool(SESSIONS.get(session, TURN) == turn)

    try:
        yield told
        fill(study, session, is_latest)
    finally:
        study.end()
    differences = []
    for difference in _differences(first, study, session):
        if not is_latest():
            return
        differences.append(difference)
    yield told | {"differences": differences}


def _second(first: Study, chosen: dict[str, Any], session: str) -> Study:
    """The second photo as the network of the first gets it; a page keeps one, beside the first."""
    change = chosen.get("change")
    if change in CHANGES:
        images = run_once(changed, session, first.images, change)
    else:
        picture, _ = open_photo(chosen)
        images = run_once(first.backbone.preprocess, session, picture)
    owner = f"{session} second"
    if SESSIONS.get(session, "feature_maps_second") is None:
        SESSIONS.put(session, "feature_maps_second", owner)
        SESSIONS.when_ended(session, lambda: SHELF.drop(owner))
    return Study(owner=owner, backbone=first.backbone, images=images, use=first.use)


def _differences(first: Study, second: Study, session: str) -> Iterator[dict[str, Any]]:
    backbone, layers = first.backbone, openable(first.backbone)
    steps = run_steps(difference_steps, backbone, first.images, second.images, layers, session=session)
    with closing(steps):
        for step in steps:
            yield _plain(step)


def _plain(difference: LayerDifference) -> dict[str, Any]:
    return {
        "layer": difference.layer,
        "place": round(difference.by_place, 4),
        "content": round(difference.by_channel, 4),
    }
