"""Tab 5, Adversarial: change a photo of a dog a little, until the network calls it a cat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import InitVar, dataclass, field
from typing import Any

import gradio as gr
from PIL import Image

from core.attacks import AttackStep, PGDSettings, Verdict, pgd_steps, verdict
from core.backbone import Backbone, load_backbone, missing_checkpoints
from core.errors import UserError
from core.images import data_uri, png, to_uint8
from core.runner import run_once, run_steps
from core.texts import Section, load_section
from demos._classes import imagenet_choices, short_name
from demos._networks import network_picker
from demos._photos import open_photo, photo_picker
from demos._shared import (
    Context,
    explained,
    explanation,
    heading,
    notes,
    number_between,
    probability,
    session_of,
    start_stop,
)
from demos._verdict import verdict_table
from demos.web import component

NETWORKS = (
    "efficientnet_lite0",
    "vgg16_catdog",
    "efficientnet_lite2",
    "mobilenet_v3_large",
    "resnet18",
    "resnet50",
    "vgg16",
    "vgg19",
)
EXAMPLE_PHOTO = {"sample": "mastiff"}
EXAMPLE_TARGET = 284  # Siamese cat
CATDOG_CHOICES = [("cat", 0), ("dog", 1)]
FRAME_SECONDS = 1 / 12
SHOWN_CLASSES = 3

Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]


def build(context: Context) -> None:
    """The tab: the photo and the goal left, the wipe with bars, curve and verdict right."""
    texts = context.section("adversarial")
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            photos = photo_picker(context, EXAMPLE_PHOTO["sample"], elem_id="adversarial-photos")
            network = network_picker(context, NETWORKS, label=texts("network"))
            target, epsilon, steps = _goal(texts)
            start, stop = start_stop(context)
            notes(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            wipe = component("wipe", texts=texts.tree("component"), elem_id="adversarial-wipe")
            with gr.Row():
                with gr.Column(scale=3, min_width=340):
                    bars = component("bars", elem_id="adversarial-bars")
                with gr.Column(scale=2, min_width=240):
                    curve = component("curves", elem_id="adversarial-curve")
            judged = gr.HTML(
                elem_classes=["wk", "wk-verdict"], elem_id="adversarial-verdict", apply_default_css=False
            )
    photo = gr.State(EXAMPLE_PHOTO)
    explanation(context, texts)

    shown = [wipe, bars, curve, judged]
    look: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64}
    goal = [photo, network.choice, target, epsilon, steps]
    opened = wipe.opened(open_example, None, shown, **look)
    running = start.click(attack, goal, shown, trigger_mode="multiple", cancels=[opened], **look)
    # a second click on Start ends the first run; Gradio lets an event cancel all but itself
    start.click(None, cancels=[running])
    stop.click(None, cancels=[running])
    ended = [opened, running]
    photos.chosen(choose_photo, network.choice, [photo, *shown], cancels=ended, **look)
    network.on_change(change_network, [network.choice, photo], [target, *shown], cancels=ended, **look)


def _goal(texts: Section) -> tuple[gr.Dropdown, gr.Slider, gr.Slider]:
    defaults = PGDSettings()
    return (
        gr.Dropdown(
            imagenet_choices(), value=EXAMPLE_TARGET, label=texts("target"), info=texts("target_info")
        ),
        gr.Slider(
            *PGDSettings.EPSILON_RANGE,
            value=defaults.epsilon,
            step=0.5,
            label=texts("epsilon"),
            info=texts("epsilon_info"),
        ),
        gr.Slider(
            *PGDSettings.STEPS_RANGE,
            value=defaults.steps,
            step=1,
            label=texts("steps"),
            info=texts("steps_info"),
        ),
    )


@explained
def open_example(request: gr.Request) -> Iterator[Shown]:
    """The worked example, when the tab is first seen."""
    defaults = PGDSettings()
    yield from attack(EXAMPLE_PHOTO, NETWORKS[0], EXAMPLE_TARGET, defaults.epsilon, defaults.steps, request)


@explained
def choose_photo(network: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """Show a chosen photo and what the network says of it."""
    choice = event._data
    return choice, *_unchanged(network, choice, request)


@explained
def change_network(network: str, choice: Any, request: gr.Request) -> tuple[Any, ...]:
    """Offer the classes of another network, and show what it says of the photo."""
    if missing_checkpoints(network, whole=True):  # the picker offers to download it
        return (gr.skip(),) * 5
    imagenet = network != "vgg16_catdog"
    target = gr.update(
        choices=imagenet_choices() if imagenet else CATDOG_CHOICES, value=EXAMPLE_TARGET if imagenet else 0
    )
    return target, *_unchanged(network, choice, request)


@explained
def attack(
    choice: Any, network: str, target: int | None, epsilon: float, steps: float, request: gr.Request
) -> Iterator[Shown]:
    """Attack the photo, showing the steps as they come and then the verdict on the saved file."""
    settings = _settings(epsilon, steps)
    backbone = load_backbone(network)
    if target is None:
        raise UserError("attack.no_target")
    run = _Run(backbone, open_photo(choice)[0], int(target))
    session = session_of(request)
    with closing(
        run_steps(pgd_steps, backbone, run.image, run.target, settings, session=session)
    ) as attacking:
        for step in attacking:
            run.add(step)
            if run.is_due(step):
                yield run.shown(step)
    judged = run_once(verdict, session, run.image, step.adversarial, backbone, run.target)
    yield run.judged(step, judged)


def _settings(epsilon: float, steps: float) -> PGDSettings:
    texts = load_section("adversarial")
    return PGDSettings(
        epsilon=number_between(epsilon, *PGDSettings.EPSILON_RANGE, field=texts("epsilon")),
        steps=round(number_between(steps, *PGDSettings.STEPS_RANGE, field=texts("steps"))),
    )


def _unchanged(network: str, choice: Any, request: gr.Request) -> Shown:
    """The photo as it is, and what the network says of it."""
    backbone = load_backbone(network)
    run = _Run(backbone, open_photo(choice)[0], target=None)
    before = PGDSettings(epsilon=0.0, steps=1)
    step = run_once(_first, session_of(request), pgd_steps(backbone, run.image, None, before))
    run.add(step)
    return run.shown(step)


def _first(steps: Iterator[AttackStep]) -> AttackStep:
    return next(steps)


@dataclass
class _Run:
    """What one attack has shown so far."""

    backbone: Backbone
    picture: InitVar[Image.Image]
    target: int | None
    image: Any = field(init=False)  # (1, 3, S, S) in [0, 1]
    original: str = field(init=False)  # data URI
    before: list[float] = field(init=False)  # probabilities of the classes for the photo
    rows: list[int] = field(init=False)  # the classes whose bars are shown
    curves: dict[int, list[tuple[int, float]]] = field(init=False)
    last_shown: float = 0.0

    def __post_init__(self, picture: Image.Image) -> None:
        self.image = self.backbone.preprocess(picture)
        self.original = data_uri(png(to_uint8(self.image)[0]))

    def add(self, step: AttackStep) -> None:
        """Take note of a step."""
        probabilities = step.probabilities[0].tolist()
        if step.step == 0:
            self._begin(probabilities)
        for index, points in self.curves.items():
            points.append((step.step, probabilities[index]))

    def _begin(self, probabilities: list[float]) -> None:
        ranked = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
        if self.target == ranked[0]:
            raise UserError("attack.already", target=self._name(ranked[0]))
        self.before = probabilities
        wanted = [] if self.target is None else [self.target]
        self.rows = list(dict.fromkeys([*ranked[:SHOWN_CLASSES], *wanted]))
        self.curves = {index: [] for index in (ranked[0], *wanted)}

    def is_due(self, step: AttackStep) -> bool:
        """Whether to show this step: the first, the last, and as many between as the eye can follow."""
        now = time.monotonic()
        due = step.step in (0, step.steps) or now - self.last_shown >= FRAME_SECONDS
        if due:
            self.last_shown = now
        return due

    def shown(self, step: AttackStep) -> Shown:
        """The picture, bars and curve of a step; no verdict yet."""
        return self._pictures(step, data_uri(png(to_uint8(step.adversarial)[0]))), *self._figures(step), ""

    def judged(self, step: AttackStep, judged: Verdict) -> Shown:
        """The end: the picture is the very file that was judged."""
        table = verdict_table(judged, self.backbone.classes, self.target)
        return self._pictures(step, data_uri(judged.png)), *self._figures(step), table

    def _pictures(self, step: AttackStep, adversarial: str) -> dict[str, Any]:
        now = step.probabilities[0].tolist()
        return {
            "original": self.original,
            "adversarial": adversarial,
            "before": self._says(self.before),
            "after": self._says(now),
        }

    def _figures(self, step: AttackStep) -> tuple[dict[str, Any], dict[str, Any]]:
        texts = load_section("adversarial")
        now = step.probabilities[0].tolist()
        groups = [
            {"title": texts("before"), "rows": self._bars(self.before)},
            {"title": texts("now"), "rows": self._bars(now)},
        ]
        series = [
            {"name": self._name(index), "points": points} for index, points in reversed(self.curves.items())
        ]
        curve = {
            **texts.tree("curve"),
            "percent": True,
            "x_range": [0, step.steps],
            "y_range": [0, 1],
            "series": series,
        }
        return {"groups": groups}, curve

    def _bars(self, probabilities: list[float]) -> list[dict[str, Any]]:
        marks = {self.rows[0]: "warm", self.target: "accent"}
        return [
            {"label": self._name(index), "share": probabilities[index], "mark": marks.get(index)}
            for index in self.rows
        ]

    def _says(self, probabilities: list[float]) -> str:
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return load_section("adversarial")(
            "says", label=self._name(best), percent=probability(probabilities[best])
        )

    def _name(self, index: int) -> str:
        return short_name(self.backbone.classes[index])
