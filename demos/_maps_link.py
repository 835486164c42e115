"""The Feature maps tab's link: the photo, the network and its use, and what of the layers one looks at.

The page makes the link, for it alone knows which channel is open; here a link is read back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from core.samples import available_samples
from core.variants import PHOTOS, WEIGHTS
from demos._handlers import explained, session_of
from demos._links import Asked, LinkFormat, one_of, real, whole, yes_or_no
from demos._maps_study import (
    NETWORKS,
    PHOTO,
    VIEW,
    Shown,
    is_ready,
    network,
    networks_ready_first,
    study_photo,
)
from demos._maps_views import OPENABLE_KINDS, first_layer, table
from demos._sessions import SESSIONS

EXAMPLE = {"sample": "cat"}
MODES = ("where", "want", "why")
SORTS = ("index", "max", "mean", "variance", "zeros", "share", "place")
MOST_CHANNELS = 8192
LINKED = "feature_maps_linked"  # the network that a link has just set
LOOK = ("layer", "channel", "view", "sort", "relu", "common", "x", "y")  # what the page alone knows
_PLACE = ("layer", "channel")
_LAYER = re.compile(r"[\w.]{1,60}")


def _layer(text: str) -> str:
    if not _LAYER.fullmatch(text):
        raise ValueError(f"{text!r} names no layer")
    return text


LINK = LinkFormat(
    tab="feature_maps",
    fields={
        "network": one_of(NETWORKS),
        "photo": one_of(available_samples("photo")),
        "weights": one_of(WEIGHTS),
        "colours": one_of(PHOTOS),
        "layer": _layer,
        "channel": whole(0, MOST_CHANNELS),
        "view": one_of(MODES),
        "sort": one_of(SORTS),
        "relu": yes_or_no,
        "common": yes_or_no,
        "x": real(0, 1),  # the place that is asked about, across the photo
        "y": real(0, 1),
    },
)


@explained
def open_link(current: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """What the page's address asks for: the photo, the picker, the network, its use, and the link's words.

    What is to be looked at goes with the study of the photo.
    """
    asked, session = LINK.read(event), session_of(request)
    SESSIONS.open(session)
    if not asked.given:
        SESSIONS.put(session, VIEW, None)
        return (gr.skip(),) * 6
    asked = within_network(asked)
    settings = asked.settings
    name = settings.get("network", networks_ready_first()[0])
    photo = {"sample": settings.get("photo", EXAMPLE["sample"])}
    SESSIONS.put(session, PHOTO, photo)
    SESSIONS.put(session, LINKED, name if name != current else None)
    looked = {key: settings[key] for key in LOOK if key in settings}
    SESSIONS.put(session, VIEW, looked | {"turn": secrets.token_urlsafe(8)})
    return (
        photo,
        gr.update(chosen=photo["sample"]),
        name,
        settings.get("weights", WEIGHTS[0]),
        settings.get("colours", PHOTOS[0]),
        {"told": asked.told()},
    )


@explained
def change_network(photo: Any, name: str, weights: str, colours: str, request: gr.Request) -> Iterator[Shown]:
    """The open photo, when another network is chosen; one that a link chose comes with its photo."""
    session = session_of(request)
    linked = SESSIONS.get(session, LINKED)
    SESSIONS.put(session, LINKED, None)
    if linked != name and is_ready(name):  # else its download is offered beside the choice
        yield from study_photo(photo, name, weights, colours, request)
    else:
        yield gr.skip(), gr.skip()


def within_network(asked: Asked) -> Asked:
    """The same, without a layer or a channel that the network does not have."""
    settings, refused = dict(asked.settings), list(asked.refused)
    name = settings.get("network", networks_ready_first()[0])
    if not is_ready(name):
        return replace(asked, settings={key: each for key, each in settings.items() if key not in _PLACE})
    backbone = network(name)
    channels = {row.name: row.shape[0] for row in table(backbone) if row.kind in OPENABLE_KINDS}
    if settings.get("layer", first_layer(backbone)) not in channels:
        refused += [key for key in _PLACE if settings.pop(key, None) is not None]
    elif settings.get("channel", 0) >= channels[settings.get("layer", first_layer(backbone))]:
        refused.append("channel")
        del settings["channel"]
    return replace(asked, settings=settings, refused=tuple(refused))
