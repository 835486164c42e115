"""What the sections that learn before one's eyes share: their wiring, and the reading of their dials."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import gradio as gr

from core.texts import Section
from demos._handlers import stopper
from demos._shared import AT_ONCE, LIVE, number_between


class LearningPage:
    """The handlers of such a section, in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server

    def between(self, value: object, limits: tuple[float, float], name: str) -> float:
        """The number in the dial of this name.

        Raises:
            UserError: naming the dial and its range.
        """
        return number_between(value, *limits, field=self.texts(name))


def learns(
    shown: gr.HTML,
    learn: Callable[..., Any],
    kind: str,
    start_stop: tuple[gr.Button, gr.Button],
    dials: Sequence[gr.components.Component],
    outputs: Sequence[gr.components.Component],
) -> None:
    """Learn when `shown` is first seen and at each Start, until done or stopped.

    `learn` is a handler decorated with `latest_only(kind)`. The component's first element hears of the Stop
    as a DOM event `wk-stop`.
    """
    start, stop = start_stop
    told = f"document.querySelector('#{shown.elem_id} .{shown.elem_id}')"
    shown.opened(learn, dials, outputs, **LIVE)
    start.click(learn, dials, outputs, **LIVE)
    stop.click(
        stopper(kind), None, None, **AT_ONCE, js=f"() => {told}?.dispatchEvent(new CustomEvent('wk-stop'))"
    )
