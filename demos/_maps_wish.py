"""The Feature maps tab draws what a channel wants: streamed while it grows, kept when it is done."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from core.channel_image import ChannelStep, channel_image_steps, first_filter, settings_for
from core.images import data_uri, jpeg, png, to_uint8
from core.runner import latest_job, run_steps
from demos._handlers import explained, session_of
from demos._maps_study import take_turn
from demos._maps_views import table
from demos._studies import SHELF, Study

FRAME_SECONDS = 1 / 12  # the shortest time between two frames that are sent
MOST_KEPT = 512  # finished pictures, about 40 kB each, for everybody
TURN = "feature_maps_wish"  # the page's latest wish or stop
JOB = "channel-image"  # of which each page has one at a time

Wish = dict[str, Any]


@dataclass
class Kept:
    """Finished pictures by network, use, layer and channel; the ones unused for longest go."""

    most: int = MOST_KEPT
    _wishes: OrderedDict[tuple[str, ...], Wish] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: tuple[str, ...]) -> Wish | None:
        """The finished picture of that key."""
        with self._lock:
            if key in self._wishes:
                self._wishes.move_to_end(key)
            return self._wishes.get(key)

    def put(self, key: tuple[str, ...], wish: Wish) -> None:
        """Keep a finished picture."""
        with self._lock:
            self._wishes[key] = wish
            while len(self._wishes) > self.most:
                self._wishes.popitem(last=False)


KEPT = Kept()


@explained
def draw_wish(event: gr.EventData, request: gr.Request) -> Iterator[Wish]:
    """What a channel wants, as it grows: {key, layer, channel, turn}; another one takes its place."""
    asked = event._data
    layer, channel, turn = str(asked["layer"]), int(asked["channel"]), int(asked["turn"])
    study, session = SHELF.find(str(asked["key"])), session_of(request)
    if study is None:
        yield {"turn": turn, "gone": True}
        return
    if not take_turn(session, TURN, turn):
        return
    key = (*study.use, layer, str(channel))
    kept = KEPT.find(key)
    if kept:
        yield kept | {"turn": turn}
        return
    for wish in _wishes(study, layer, channel, session):
        if wish["done"]:
            KEPT.put(key, wish)
        yield wish | {"turn": turn}


@explained
def stop_wish(event: gr.EventData, request: gr.Request) -> None:
    """End the drawing before its next step, {turn}: a job that begins and is over at once takes its place."""
    session = session_of(request)
    if take_turn(session, TURN, int(event._data["turn"])):
        with latest_job(session, JOB):
            pass


def _wishes(study: Study, layer: str, channel: int, session: str) -> Iterator[Wish]:
    own = first_filter(study.backbone, layer, channel)
    if own is not None:
        yield {"done": True, "filter": True, "image": data_uri(png(own))}
        return
    row = next(each for each in table(study.backbone) if each.name == layer)
    steps = run_steps(
        channel_image_steps,
        study.backbone,
        layer,
        channel,
        settings_for(row),
        session=session,
        job=JOB,
    )
    shown = 0.0
    with closing(steps):
        for step in steps:
            if step.step == step.steps or time.monotonic() - shown >= FRAME_SECONDS:
                shown = time.monotonic()
                yield _frame(step)


def _frame(step: ChannelStep) -> Wish:
    pixels, done = to_uint8(step.image)[0], step.step == step.steps
    return {
        "done": done,
        "step": step.step,
        "steps": step.steps,
        "answer": round(step.answer, 3),
        "image": data_uri(png(pixels) if done else jpeg(pixels, quality=90)),
    }
