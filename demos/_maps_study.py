"""The Feature maps tab opens a photo: the network runs once, and the page fetches its sheets."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any

import gradio as gr

from core.activations import capture_steps
from core.backbone import Backbone, load_backbone, missing_checkpoints
from core.runner import run_once, run_steps
from core.variants import PHOTOS, WEIGHTS, variant
from demos._handlers import explained, session_of
from demos._maps_views import announcement, answer_bars, openable, sheet_view
from demos._photos import open_photo
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

SHOWN_ANSWERS = 5
NETWORKS = (
    "vgg16_catdog",
    "efficientnet_lite0",
    "efficientnet_lite2",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet50",
    "mobilenet_v3_large",
)

# What a page chose last. A new photo and a new use of the network may overtake one another on their way here,
# so neither event is believed about what the other is for.
PHOTO, USE = "feature_maps_photo", "feature_maps_use"
VIEW = "feature_maps_view"  # what a link asks to see of it
MARK = "feature_maps_turn"

Shown = tuple[Any, Any]  # what the sheets' component is told, and the bars of the answer


def is_ready(name: str) -> bool:
    """Whether a network can be used now, with its answer."""
    return not missing_checkpoints(name, whole=True)


def networks_ready_first() -> tuple[str, ...]:
    """The names to choose from; the tab opens with the first."""
    return tuple(sorted(NETWORKS, key=lambda name: not is_ready(name)))


def ready(name: str, session: str) -> str:
    """The network to use: the chosen one, or the page's last while that is still to be downloaded."""
    if is_ready(name):
        SESSIONS.open(session)
        SESSIONS.put(session, "feature_maps_network", name)
        return name
    return str(SESSIONS.get(session, "feature_maps_network", networks_ready_first()[0]))


@explained
def study_chosen(
    name: str, weights: str, colours: str, event: gr.EventData, request: gr.Request
) -> Iterator[tuple[Any, Any, Any]]:
    """The photo that was chosen in the picker."""
    session = session_of(request)
    use = (ready(name, session), weights, colours)
    SESSIONS.put(session, PHOTO, event._data)
    for shown in study_steps(event._data, SESSIONS.get(session, USE, use), session):
        yield event._data, *shown


@explained
def study_photo(photo: Any, name: str, weights: str, colours: str, request: gr.Request) -> Iterator[Shown]:
    """The open photo, when the tab is first seen or the network is used otherwise."""
    session = session_of(request)
    use = (ready(name, session), weights, colours)
    SESSIONS.put(session, USE, use)
    yield from study_steps(SESSIONS.get(session, PHOTO, photo), use, session)


def study_steps(photo: Any, use: tuple[str, str, str], session: str) -> Iterator[Shown]:
    """Tell the page what is coming, then run the network; the page fetches each sheet with `sheet`.

    Args:
        use: the network's name, its weights and how the photo goes in, as `network` takes them.
    """
    turn = begin_turn(session)
    picture, sample = open_photo(photo)
    backbone = network(*use)
    shared_key = "|".join((sample, *use)) if sample else None
    study = SHELF.find(shared_key) if shared_key else None
    key = shared_key if study and shared_key else secrets.token_urlsafe(16)
    is_whole = study is not None
    study = study or Study(owner=session, backbone=backbone, images=backbone.preprocess(picture), use=use)
    if mark_of(session) != turn:
        return  # another photo was chosen while this one was opened
    try:
        SHELF.put(key, study)
        told = {"source": sample or photo.get("file"), "open": SESSIONS.get(session, VIEW)}
        coming = announcement(key, study) | told
        yield coming, gr.skip()
        if not is_whole:
            fill(study, session)
            if shared_key:
                study.owner = None
                SHELF.put(shared_key, study)
        # The same again, not skip(): Gradio's client edits what the page was given into what follows it.
        yield coming, run_once(answer_bars, session, study, {}, SHOWN_ANSWERS)
    finally:
        study.end()


def fill(study: Study, session: str, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Run the network and make every sheet, one layer a turn on the device, for as long as it is wanted."""
    backbone, layers = study.backbone, openable(study.backbone)
    steps = run_steps(capture_steps, backbone, study.images, layers, session=session, quick=True, exact=False)
    with closing(steps):
        for layer, activation in steps:
            if not is_wanted():
                return
            study.add(layer, activation[0])
    study.finish()


def begin_turn(session: str) -> str:
    """A mark of this being the session's latest photo; the session's studies go when it ends."""
    SESSIONS.open(session)
    if mark_of(session) is None:
        SESSIONS.when_ended(session, lambda: SHELF.drop(session))
    turn = secrets.token_urlsafe(8)
    SESSIONS.put(session, MARK, turn)
    return turn


def mark_of(session: str) -> str | None:
    """The mark of the session's latest photo."""
    mark: str | None = SESSIONS.get(session, MARK)
    return mark


def take_turn(session: str, name: str, turn: int) -> bool:
    """Note the page's latest turn of a kind; whether this is one, for events may overtake one another."""
    SESSIONS.open(session)
    return SESSIONS.advance(session, name, turn)


def sheet(wanted: dict[str, str]) -> dict[str, Any] | None:
    """One layer's sheet of the study `key`, as soon as it is computed; None when it is not to be had."""
    study = SHELF.find(str(wanted.get("key")))
    found = study.wait(str(wanted.get("layer"))) if study else None
    return sheet_view(found) if found else None


@lru_cache(maxsize=8)
def network(name: str, weights: str = WEIGHTS[0], colours: str = PHOTOS[0]) -> Backbone:
    """A network by its name, used rightly or wrongly.

    Raises:
        WeightsError: when it is not on this machine.
    """
    backbone = load_backbone(name)
    if (weights, colours) == (WEIGHTS[0], PHOTOS[0]):
        return backbone
    return variant(backbone, weights=weights, photo=colours)
