"""Tab 4, Ideal image: from noise to what a network sees as a cat, one small step at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import gradio as gr

from core.backbone import Backbone, load_backbone
from core.errors import UserError
from core.featurevis import RUNGS, IdealImageStep, Settings, ideal_image_steps, rung
from core.images import data_uri, jpeg, to_uint8
from core.runner import run_steps
from core.texts import Section
from demos._classes import imagenet_choices, short_name
from demos._shared import (
    Context,
    explained,
    explanation,
    heading,
    notes,
    number_between,
    session_of,
    start_stop,
)
from demos.web import component

NETWORKS = ("efficientnet_lite0", "vgg16_catdog")
EXAMPLE_CLASS = 284  # Siamese cat
QUICK_CLASSES = {"tabby": 281, "siamese": 284, "samoyed": 258, "zebra": 340, "flamingo": 130}
FRAME_SECONDS = 1 / 12  # the shortest time between two frames that are encoded and sent
REPLAY_SECONDS = 1 / 24
# Tells the frames on the page that no more will come
STOPPED = "() => document.querySelector('#ideal-frames .frames').dispatchEvent(new CustomEvent('wk-stop'))"

Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def build(context: Context) -> None:
    """The tab: what to draw and how on the left, the growing picture and its curves on the right."""
    texts = context.section("ideal_image")
    page = _Page(texts)
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            network, wanted, quick = _what(texts)
            way, steps, weight, seed = _how(texts)
            start, stop = start_stop(context)
            notes(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]), gr.Row():
            with gr.Column(scale=3, min_width=300):
                frames = component("frames", texts=texts.tree("component"), elem_id="ideal-frames")
            with gr.Column(scale=2, min_width=260):
                sure = component("curves", elem_id="ideal-probability")
                pulls = component("curves", elem_id="ideal-pulls")
    explanation(context, texts)

    dials, outputs = [network, wanted, way, steps, weight, seed], [frames, sure, pulls]
    look: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64, "trigger_mode": "multiple"}
    opened = frames.opened(page.example, outputs=outputs, **look)
    running = start.click(page.draw, dials, outputs, cancels=[opened], **look)
    stop.click(None, cancels=[opened, running], js=STOPPED)
    running.failure(None, js=STOPPED)
    network.input(page.change_network, [network, way], [wanted, quick, weight], show_progress="hidden")
    way.input(rung_weight, [network, way], weight, show_progress="hidden")


def _what(texts: Section) -> tuple[gr.Dropdown, gr.Dropdown, gr.Row]:
    """The network and the class: a search over all names, and a few classes under the thumb."""
    network = gr.Dropdown(
        [(texts(f"networks.{name}"), name) for name in NETWORKS], value=NETWORKS[0], label=texts("network")
    )
    wanted = gr.Dropdown(
        imagenet_choices(), value=EXAMPLE_CLASS, label=texts("class"), info=texts("class_info")
    )
    with gr.Row(elem_classes=["wk-quick"]) as quick:
        for name, index in QUICK_CLASSES.items():
            button = gr.Button(texts(f"quick.{name}"), size="sm", min_width=60)
            button.click(None, None, wanted, js=f"() => {index}")
    return network, wanted, quick


def _how(texts: Section) -> tuple[gr.Radio, gr.Slider, gr.Slider, gr.Number]:
    """The rung and its dials."""
    best = Settings()
    way = gr.Radio([(texts(f"rungs.{name}"), name) for name in RUNGS], value=RUNGS[-1], label=texts("rung"))
    steps = gr.Slider(
        *Settings.STEPS_RANGE, value=best.steps, step=16, label=texts("steps"), info=texts("steps_info")
    )
    with gr.Accordion(texts("more_settings"), open=False):
        weight = gr.Slider(
            *Settings.VARIATION_RANGE,
            value=best.variation_weight,
            step=10,
            label=texts("variation_weight"),
            info=texts("variation_info"),
        )
        seed = gr.Number(best.seed, precision=0, label=texts("seed"), info=texts("seed_info"))
    return way, steps, weight, seed


class _Page:
    """The handlers of the tab, which tell what happens in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server
        self.newest: dict[str, int] = {}  # the run that each page at work asked for last
        self.kept_example: list[Shown] = []

    @explained
    def example(self, request: gr.Request) -> Iterator[Shown]:
        """The worked example: drawn once for everybody, then replayed."""
        run = next(self.runs)
        if self.kept_example:
            for frames, sure, pulls in self.kept_example:
                yield frames | {"run": run}, sure, pulls
                time.sleep(REPLAY_SECONDS)
            return
        drawn = []
        for shown in self._stream(run, NETWORKS[0], EXAMPLE_CLASS, Settings(), session_of(request)):
            drawn.append(shown)
            yield shown
        self.kept_example = drawn

    @explained
    def draw(
        self,
        network: str,
        wanted: int | None,
        way: str,
        steps: float,
        weight: float,
        seed: float,
        request: gr.Request,
    ) -> Iterator[Shown]:
        """Draw one image, showing it while it grows; a second start takes the place of the first."""
        settings = self._settings(network, way, steps, weight, seed)
        if wanted is None:
            raise UserError("ideal_image.no_class")
        session, run = session_of(request), next(self.runs)
        self.newest[session] = run
        try:
            for shown in self._stream(run, network, wanted, settings, session):
                if self.newest.get(session) != run:
                    return
                yield shown
        finally:
            if self.newest.get(session) == run:
                del self.newest[session]

    @explained
    def change_network(self, network: str, way: str) -> tuple[Any, Any, float]:
        """Offer the classes of another network, and its variation weight."""
        imagenet = network != "vgg16_catdog"
        choices = imagenet_choices() if imagenet else self._catdog_choices()
        wanted = gr.update(choices=choices, value=EXAMPLE_CLASS if imagenet else 0)
        return wanted, gr.update(visible=imagenet), rung_weight(network, way)

    def _catdog_choices(self) -> list[tuple[str, int]]:
        return [(self.texts(f"catdog.{name}"), index) for index, name in enumerate(("cat", "dog"))]

    def _settings(self, network: str, way: str, steps: object, weight: object, seed: object) -> Settings:
        texts = self.texts
        return replace(
            rung(way, network),
            steps=round(number_between(steps, *Settings.STEPS_RANGE, field=texts("steps"))),
            variation_weight=number_between(
                weight, *Settings.VARIATION_RANGE, field=texts("variation_weight")
            ),
            seed=round(number_between(seed, *Settings.SEED_RANGE, field=texts("seed"))),
        )

    def _stream(
        self, run: int, network: str, wanted: int, settings: Settings, session: str
    ) -> Iterator[Shown]:
        """What the page shows of one run: at most 12 frames a second, nothing encoded in between."""
        yield {"run": run, "state": "waiting"}, {}, {}
        backbone = load_backbone(network)
        film = _Film(self.texts, run, backbone, wanted)
        with closing(run_steps(ideal_image_steps, backbone, wanted, settings, session=session)) as steps:
            for step in steps:
                film.add(step)
                if film.is_due(step):
                    yield film.shown(step)


def rung_weight(network: str, way: str) -> float:
    """Where the variation slider goes when another rung is chosen."""
    return rung(way, network).variation_weight


@dataclass
class _Film:
    """What one run has to show."""

    texts: Section
    run: int
    backbone: Backbone
    wanted: int
    sure: list[tuple[int, float]] = field(default_factory=list)
    pulls: dict[str, list[tuple[int, float]]] = field(
        default_factory=lambda: {"objective": [], "variation": []}
    )
    sent: int = 0
    last_shown: float = 0.0

    def add(self, step: IdealImageStep) -> None:
        """Take note of a step's figures."""
        self.sure.append((step.step, round(step.probability, 4)))
        self.pulls["objective"].append((step.step, step.objective_gradient))
        self.pulls["variation"].append((step.step, step.variation_gradient))

    def is_due(self, step: IdealImageStep) -> bool:
        """Whether it is time for another frame; the last step always is one."""
        return step.step == step.steps or time.monotonic() - self.last_shown >= FRAME_SECONDS

    def shown(self, step: IdealImageStep) -> Shown:
        """The newest frame and the curves up to it."""
        self.last_shown = time.monotonic()
        self.sent += 1
        name = short_name(self.backbone.classes[self.wanted])
        facts = {"name": name, "probability": f"{step.probability:.0%}", "step": step.step}
        picture = {
            "image": data_uri(jpeg(to_uint8(step.image)[0], quality=90)),
            "caption": self.texts("caption", **facts),
            "alt": self.texts("alt", **facts),
        }
        frame = {
            "run": self.run,
            "state": "done" if step.step == step.steps else "running",
            "step": step.step,
            "steps": step.steps,
            "sent": self.sent,
            "pictures": [picture],
        }
        return frame, self._probability(step.steps), self._pulls(step.steps)

    def _probability(self, steps: int) -> dict[str, Any]:
        drawer = self.texts("drawn_by", network=self.backbone.info.title)
        return {
            "title": self.texts("probability_title"),
            "x": self.texts("step"),
            "y": self.texts("probability"),
            "x_range": (0, steps),
            "y_range": (0, 1),
            "percent": True,
            "series": [{"name": drawer, "points": list(self.sure)}],
        }

    def _pulls(self, steps: int) -> dict[str, Any]:
        return {
            "title": self.texts("pull_title"),
            "x": self.texts("step"),
            "y": self.texts("pull"),
            "x_range": (0, steps),
            "series": [
                {"name": self.texts(f"pulls.{name}"), "points": list(points)}
                for name, points in self.pulls.items()
            ],
        }
