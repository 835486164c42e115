"""The Kernels tab's third section: a small network learns its filters, and a perceptron learns beside it."""

from __future__ import annotations

import base64
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
import numpy as np

from core.digit_networks import (
    DigitNetworks,
    TrainDigitsSettings,
    TrainDigitsStep,
    new_digit_networks,
    shift_accuracy_steps,
    train_digits_steps,
)
from core.digits import CLASSES, Digits, load_digits
from core.runner import run_once, run_steps
from core.texts import Section
from demos._handlers import explained, latest_only, session_of
from demos._learning import LearningPage, learns
from demos._shared import Context, formatted, notes, start_stop
from demos.web import component

JOB = "digits"
FRAME_SECONDS = 1 / 12  # the shortest time between two frames
WEIGHTS_EVERY = 40  # steps between two sendings of all weights
FIRST_DIGIT = 7
SAMPLES = 6 * CLASSES  # held-out digits to play with
SHIFTS = tuple(range(9))  # pixels
SHIFTED = 200  # held-out digits that are moved, each way

Shown = tuple[Any, Any, Any]


def build_digits(context: Context) -> None:
    """A closed section; it opens with a network that learns before one's eyes."""
    texts = context.section("kernels").part("digits")
    page = _Page(texts)
    with gr.Accordion(texts("title"), open=False, elem_id="digits-section"):
        with gr.Row(elem_classes=["wk-desk"]):
            with gr.Column(elem_classes=["wk-controls"]):
                formatted(texts, "why")
                dials = _dials(texts)
                buttons = start_stop(context)
            with gr.Column(elem_classes=["wk-pictures"]):
                digits = component(
                    "digits", texts=texts.tree("component"), first=FIRST_DIGIT, elem_id="digits"
                )
                with gr.Row():
                    with gr.Column(min_width=280):
                        learning = component("curves", elem_id="digits-learning")
                    with gr.Column(min_width=280):
                        shifting = component("curves", elem_id="digits-shifting")
                notes(context, texts)
        outputs = [digits, learning, shifting]
        learns(digits, page.train, JOB, buttons, dials, outputs)


def _dials(texts: Section) -> list[gr.components.Component]:
    settings = TrainDigitsSettings()

    def slider(name: str, limits: tuple[float, float], step: float) -> gr.Slider:
        return gr.Slider(*limits, value=getattr(settings, name), step=step, label=texts(name))

    return [
        slider("filters", settings.FILTERS_RANGE, 1),
        slider("passes", settings.PASSES_RANGE, 1),
        slider("rate", settings.RATE_RANGE, 0.001),
        slider("decay", settings.DECAY_RANGE, 0.5),
        slider("seed", settings.SEED_RANGE, 1),
    ]


class _Page(LearningPage):
    """The handler of the section, in the words of one language."""

    @explained
    @latest_only(JOB)
    def train(
        self, filters: object, passes: object, rate: object, decay: object, seed: object, request: gr.Request
    ) -> Iterator[Shown]:
        """Train both networks, then move the held-out digits; a second start replaces the first."""
        limits = TrainDigitsSettings
        settings = TrainDigitsSettings(
            filters=round(self.between(filters, limits.FILTERS_RANGE, "filters")),
            passes=round(self.between(passes, limits.PASSES_RANGE, "passes")),
            rate=self.between(rate, limits.RATE_RANGE, "rate"),
            decay=self.between(decay, limits.DECAY_RANGE, "decay"),
            seed=round(self.between(seed, limits.SEED_RANGE, "seed")),
        )
        session = session_of(request)
        learnt, held_out = load_digits()
        networks = run_once(new_digit_networks, session, settings)
        learning = yield from self._train(networks, learnt, held_out, settings, session)
        yield from self._move(networks, held_out.some(SHIFTED), session, learning)

    def _train(
        self,
        networks: DigitNetworks,
        learnt: Digits,
        held_out: Digits,
        settings: TrainDigitsSettings,
        session: str,
    ) -> Generator[Shown, None, tuple[Any, Any]]:
        """Show the learning; gives the last of it."""
        fixed: dict[str, Any] = {"run": next(self.runs), "samples": _base64(held_out.images[:SAMPLES])}
        accuracy: list[tuple[int, tuple[float, float]]] = []
        shown_at = 0.0
        steps = run_steps(train_digits_steps, networks, learnt, held_out, settings, session=session, job=JOB)
        with closing(steps):
            for step in steps:
                last = step.step == step.steps
                if not accuracy or last or accuracy[-1][1] != step.accuracy:
                    accuracy.append((step.step, step.accuracy))
                if step.step and (last or step.step % WEIGHTS_EVERY == 0):
                    fixed["weights"] = _packed(networks)
                elif time.monotonic() - shown_at < FRAME_SECONDS:
                    continue
                shown_at = time.monotonic()
                shown = fixed | _frame(step), self._learning(accuracy, step.steps)
                yield *shown, self._shifting([])
        return shown

    def _move(
        self, networks: DigitNetworks, held_out: Digits, session: str, learning: tuple[Any, Any]
    ) -> Iterator[Shown]:
        """Show how well moved digits are read, beside the last of the learning.

        That is given again, not skipped: Gradio's client edits what the page was given into what follows it.
        """
        points: list[tuple[int, tuple[float, float]]] = []
        moves = run_steps(shift_accuracy_steps, networks, held_out, SHIFTS, session=session, job=JOB)
        with closing(moves):
            for move in moves:
                points.append((move.shift, move.accuracy))
                yield *learning, self._shifting(points)

    def _learning(self, points: list[tuple[int, tuple[float, float]]], steps: int) -> dict[str, Any]:
        return self._chart("learning", points, (0, steps))

    def _shifting(self, points: list[tuple[int, tuple[float, float]]]) -> dict[str, Any]:
        return self._chart("shifting", points, (SHIFTS[0], SHIFTS[-1]))

    def _chart(
        self, name: str, points: list[tuple[int, tuple[float, float]]], x_range: tuple[int, int]
    ) -> dict[str, Any]:
        return {
            "title": self.texts(f"charts.{name}.{'title' if points else 'waiting'}"),
            "x": self.texts(f"charts.{name}.x"),
            "y": self.texts(f"charts.{name}.title"),
            "x_range": x_range,
            "y_range": (0, 1),
            "percent": True,
            "series": [
                {
                    "name": self.texts(f"component.names.{kind}"),
                    "points": [(at, round(both[place], 4)) for at, both in points],
                }
                for place, kind in enumerate(("network", "perceptron"))
            ],
        }


def _frame(step: TrainDigitsStep) -> dict[str, Any]:
    return {
        "state": "done" if step.step == step.steps else "learning",
        "step": step.step,
        "steps": step.steps,
        "filters": np.round(step.filters.reshape(len(step.filters), -1).astype(float), 3).tolist(),
        "accuracy": step.accuracy,
        "checked": step.checked,
    }


def _packed(networks: DigitNetworks) -> dict[str, Any]:
    """All weights as one text, in the order of `shapes`."""
    weights = networks.weights()
    return {
        "shapes": [(name, each.shape) for name, each in weights.items()],
        "data": _base64(np.concatenate([each.ravel() for each in weights.values()]).astype("<f4")),
    }


def _base64(values: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()
