"""The Kernels tab's second section: gradient descent finds a hidden kernel while one watches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from core.images import data_uri, jpeg, open_image
from core.kernels import PRESETS, convolve
from core.learn_kernel import LearnKernelSettings, LearnKernelStep, learn_kernel_steps
from core.runner import run_once, run_steps
from core.samples import available_samples, sample_path
from core.texts import Section
from demos._handlers import explained, latest_only, session_of
from demos._learning import LearningPage, learns
from demos._shared import Context, formatted, notes, start_stop
from demos.web import component

NOISE = "noise"  # a picture of nothing but noise
JOB = "learn_kernel"
FIRST_HIDDEN, FIRST_PICTURE = "sobel_x", "cat"
LONGEST_SIDE = 320  # pixels
FRAMES = 40  # of a run, closer together at its beginning
LEAST = 1e-8  # in the chart; below it there is only rounding
FRAME_SECONDS = 1 / 12  # the shortest time between two frames
FIRST_STEPS, FIRST_SECONDS = 12, 1 / 4  # most is learnt in the first steps, so they are shown slowly

Shown = tuple[dict[str, Any], dict[str, Any]]
Drawn = NDArray[np.float32]


def build_learn(context: Context) -> None:
    """A closed section; it opens with an example that is learnt before one's eyes."""
    texts = context.section("kernels")
    own = texts.part("learn")
    page = _Page(own)
    with gr.Accordion(texts("learn.title"), open=False, elem_id="learn-section"):
        with gr.Row(elem_classes=["wk-desk"]):
            with gr.Column(elem_classes=["wk-controls"]):
                formatted(own, "why")
                dials = [*_what(context, texts), *_how(texts)]
                buttons = start_stop(context)
            with gr.Column(elem_classes=["wk-pictures"]):
                learn = component("learn", texts=texts.tree("learn"), elem_id="learn")
                with gr.Row():
                    with gr.Column(min_width=280):
                        chart = component("curves", elem_id="learn-chart")
                    with gr.Column(min_width=280):
                        notes(context, own)
        outputs = [learn, chart]
        learns(learn, page.learn, JOB, buttons, dials, outputs)


def _what(context: Context, texts: Section) -> list[Any]:
    """Which kernel is hidden, and from which picture it is learnt."""
    small = [name for name, kernel in PRESETS.items() if len(kernel.weights) == 3]
    photos = context.section("common").tree("photos")
    pictures = [(photos[name], name) for name in available_samples("photo")]
    return [
        gr.Dropdown(
            [(texts(PRESETS[name].title), name) for name in small],
            value=FIRST_HIDDEN,
            label=texts("learn.hidden"),
        ),
        gr.Dropdown(
            [*pictures, (texts("learn.noise_picture"), NOISE)],
            value=FIRST_PICTURE,
            label=texts("learn.picture"),
        ),
    ]


def _how(texts: Section) -> list[Any]:
    """The dials of descent; decorrelating comes first, for it matters most."""
    settings = LearnKernelSettings()

    def slider(name: str, limits: tuple[float, float], step: float) -> gr.Slider:
        return gr.Slider(*limits, value=getattr(settings, name), step=step, label=texts(f"learn.{name}"))

    return [
        gr.Checkbox(settings.decorrelate, label=texts("learn.decorrelate")),
        slider("rate", settings.RATE_RANGE, 0.01),
        slider("steps", settings.STEPS_RANGE, 50),
        slider("patches", settings.PATCHES_RANGE, 32),
        slider("noise", settings.NOISE_RANGE, 0.05),
        slider("seed", settings.SEED_RANGE, 1),
    ]


@lru_cache(maxsize=32)
def _source(picture: str) -> Drawn:
    """A photo or noise as grey (H, W) in [0, 1]."""
    if picture == NOISE:
        return np.random.default_rng(0).random((213, LONGEST_SIDE), dtype=np.float32)
    opened = open_image(sample_path(picture)).convert("L")
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(opened, dtype=np.float32) / np.float32(255)


def _respond(source: Drawn, weights: Drawn) -> Drawn:
    return convolve(source, weights, padding="valid")


class _Page(LearningPage):
    """The handler of the section, in the words of one language."""

    @explained
    @latest_only(JOB)
    def learn(
        self,
        hidden: str,
        picture: str,
        decorrelate: bool,
        rate: object,
        steps: object,
        patches: object,
        noise: object,
        seed: object,
        request: gr.Request,
    ) -> Iterator[Shown]:
        """Learn, showing what stands after some of the steps; a second start replaces the first."""
        limits = LearnKernelSettings
        settings = LearnKernelSettings(
            decorrelate=decorrelate,
            rate=self.between(rate, limits.RATE_RANGE, "rate"),
            steps=round(self.between(steps, limits.STEPS_RANGE, "steps")),
            patches=round(self.between(patches, limits.PATCHES_RANGE, "patches")),
            noise=self.between(noise, limits.NOISE_RANGE, "noise"),
            seed=round(self.between(seed, limits.SEED_RANGE, "seed")),
        )
        session, run = session_of(request), next(self.runs)
        for shown in self._stream(run, hidden, picture, settings, session):
            yield shown
            time.sleep(FIRST_SECONDS if shown[0]["step"] <= FIRST_STEPS else FRAME_SECONDS)

    def _stream(
        self, run: int, hidden: str, picture: str, settings: LearnKernelSettings, session: str
    ) -> Iterator[Shown]:
        weights, source = PRESETS[hidden].weights, _source(picture)
        target = run_once(_respond, session, source, weights)
        reach = max(float(np.abs(target).max()), 1e-6)
        fixed = {
            "run": run,
            "hidden": _cells(weights),
            "target": _picture(target / reach),
            "source": data_uri(jpeg((255 * source).round().astype(np.uint8), quality=88)),
            "decorrelate": settings.decorrelate,
        }
        due = {round(settings.steps * (place / FRAMES) ** 2) for place in range(FRAMES + 1)}
        points: dict[str, list[tuple[int, float]]] = {"loss": [], "kernel_error": [], "response_error": []}
        done = run_steps(
            learn_kernel_steps, source, target, settings, hidden=weights, session=session, job=JOB
        )
        with closing(done):
            for step in done:
                for name, line in points.items():
                    line.append((step.step, max(float(f"{getattr(step, name):.3g}"), LEAST)))
                if step.step in due or step.diverged:
                    now = _picture(run_once(_respond, session, source, step.kernel) / reach)
                    shown_steps = step.step if step.diverged else settings.steps
                    yield fixed | {"present": now} | _figures(step), self._chart(points, shown_steps)

    def _chart(self, points: dict[str, list[tuple[int, float]]], steps: int) -> dict[str, Any]:
        """Loss and errors so far, thinned to what can be told apart."""
        thin = max(1, len(points["loss"]) // 100)
        lines = {name: [*line[:-1:thin], line[-1]] for name, line in points.items()}
        return {
            "title": self.texts("chart"),
            "x": self.texts("step_axis"),
            "y": self.texts("chart"),
            "x_range": (0, steps),
            "log": True,
            "series": [{"name": self.texts(f"{name}"), "points": line} for name, line in lines.items()],
        }


def _figures(step: LearnKernelStep) -> dict[str, Any]:
    state = "diverged" if step.diverged else "done" if step.step == step.steps else "running"
    return {
        "state": state,
        "step": step.step,
        "steps": step.steps,
        "learnt": _cells(step.kernel),
        "kernel_error": step.kernel_error,
        "response_error": step.response_error,
        "condition": round(step.condition),
    }


def _cells(weights: Drawn) -> list[list[float]]:
    cells: list[list[float]] = np.round(weights.astype(float), 3).tolist()
    return cells


def _picture(signed: Drawn) -> str:
    """Responses in [-1, 1] as a grey JPEG that the browser colours; what is larger is cut off."""
    return data_uri(jpeg((128 + 127 * signed.clip(-1, 1)).round().astype(np.uint8), quality=88))
