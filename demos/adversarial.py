"""Tab 5, Adversarial: change a photo of a dog a little, until the network calls it a cat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.attacks import AttackStep, PGDSettings, pgd_steps, verdict
from core.backbone import load_backbone, missing_checkpoints
from core.errors import UserError
from core.runner import run_once, run_steps
from core.texts import Section, load_section
from demos._attack_run import AttackRun, Shown
from demos._classes import imagenet_choices
from demos._networks import network_picker
from demos._photos import open_photo, photo_picker
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
    run = AttackRun(backbone, open_photo(choice)[0], int(target))
    session = session_of(request)
    with closing(
        run_steps(pgd_steps, backbone, run.image, run.target, settings, session=session, job="adversarial")
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
    run = AttackRun(backbone, open_photo(choice)[0], target=None)
    before = PGDSettings(epsilon=0.0, steps=1)
    step = run_once(_first, session_of(request), pgd_steps(backbone, run.image, None, before))
    run.add(step)
    return run.shown(step)


def _first(steps: Iterator[AttackStep]) -> AttackStep:
    return next(steps)
