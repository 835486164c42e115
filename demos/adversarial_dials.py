"""What the dials of the Adversarial tab say, and where else it may come from: a link, a saved picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import gradio as gr

from core.attacks import PGDSettings, SmallestSettings
from core.samples import available_samples
from core.texts import Section, load_section
from demos._classes import imagenet_choices
from demos._links import LinkFormat, Read, one_of, real, whole, yes_or_no
from demos._shared import number_between

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
ANYTHING, LEAST_LIKELY, RANDOM = -1, -2, -3  # targets that are no class
QUICK_TARGETS = {"siamese": 284, "tabby": 281, "persian": 283, "egyptian": 285}
EXAMPLE_TARGET = QUICK_TARGETS["siamese"]
QUESTIONS = ("budget", "smallest")
NORMS = ("linf", "l2")
WAYS = ("pgd", "fgsm")
LEVELS = 255


@dataclass(frozen=True, kw_only=True)
class Dials:
    """Every setting of an attack but the photo, as the page has them; the order is that of the controls."""

    network: str = NETWORKS[0]
    target: int = EXAMPLE_TARGET
    question: str = QUESTIONS[0]
    epsilon: float = PGDSettings.epsilon  # levels of 255, for L-infinity
    steps: int = PGDSettings.steps
    passes: int = SmallestSettings.passes  # of the search for the smallest change
    norm: str = NORMS[0]
    length: float = 1.0  # the budget for L2
    way: str = WAYS[0]
    step_size: float = 0.0  # levels; 0 leaves it to the budget
    momentum: float = PGDSettings.momentum
    random_start: bool = False
    confidence: float = 1.0
    seed: int = 0
    survive: bool = False
    own_size: bool = False

    @property
    def budget(self) -> PGDSettings:
        """The settings of an attack within a budget."""
        epsilon = self.epsilon if self.norm == "linf" else LEVELS * self.length
        once = self.way == "fgsm"
        return PGDSettings(
            epsilon=epsilon,
            steps=1 if once else self.steps,
            step_size=epsilon if once else self.step_size or None,
            norm="linf" if self.norm == "linf" else "l2",
            momentum=0.0 if once else self.momentum,
            random_start=self.random_start,
            confidence=self.confidence,
            seed=self.seed,
        )

    @property
    def smallest(self) -> SmallestSettings:
        """The settings of a search for the smallest change."""
        return SmallestSettings(norm="linf" if self.norm == "linf" else "l2", passes=self.passes)

    def told(self) -> dict[str, Any]:
        """All settings by name, as a file or a link carries them."""
        return asdict(self)


NAMES = tuple(each.name for each in fields(Dials))
CHECKS: dict[str, Read] = {
    "network": one_of(NETWORKS),
    "target": whole(RANDOM, 999),
    "question": one_of(QUESTIONS),
    "epsilon": real(*PGDSettings.EPSILON_RANGE),
    "steps": whole(*PGDSettings.STEPS_RANGE),
    "passes": whole(*SmallestSettings.PASSES_RANGE),
    "norm": one_of(NORMS),
    "length": real(*PGDSettings.LENGTH_RANGE),
    "way": one_of(WAYS),
    "step_size": real(*PGDSettings.STEP_SIZE_RANGE),
    "momentum": real(*PGDSettings.MOMENTUM_RANGE),
    "random_start": yes_or_no,
    "confidence": real(*PGDSettings.CONFIDENCE_RANGE),
    "seed": whole(*PGDSettings.SEED_RANGE),
    "survive": yes_or_no,
    "own_size": yes_or_no,
}
JOB = "adversarial"  # of a page: its attack
LINK = LinkFormat(tab="adversarial", fields={"photo": one_of(available_samples("photo")), **CHECKS})


def read_dials(*values: Any) -> Dials:
    """The dials from the values of the controls, in their order.

    Raises:
        UserError: naming a field that is empty or out of range.
    """
    texts = load_section("adversarial")
    given = dict(zip(NAMES, values, strict=True))
    given["target"] = ANYTHING if given["target"] is None else int(given["target"])
    ranges = {
        "epsilon": PGDSettings.EPSILON_RANGE,
        "steps": PGDSettings.STEPS_RANGE,
        "passes": SmallestSettings.PASSES_RANGE,
        "length": PGDSettings.LENGTH_RANGE,
        "step_size": PGDSettings.STEP_SIZE_RANGE,
        "momentum": PGDSettings.MOMENTUM_RANGE,
        "confidence": PGDSettings.CONFIDENCE_RANGE,
        "seed": PGDSettings.SEED_RANGE,
    }
    for name, (low, high) in ranges.items():
        number = number_between(given[name], low, high, field=texts(name))
        given[name] = round(number) if name in ("steps", "passes", "seed") else number
    return Dials(**given)


def checked(told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those settings from outside that a dial allows, and the names of those that none does."""
    good, refused = {}, []
    for name, read in CHECKS.items():
        if name not in told:
            continue
        value = told[name]
        try:
            good[name] = read(str(int(value)) if isinstance(value, bool) else str(value))
        except (ValueError, OverflowError):
            refused.append(name)
    return good, refused


def target_choices(classes: tuple[str, ...]) -> list[tuple[str, int]]:
    """What can be asked for: any other class, an unlikely one, a random one, or one by name."""
    texts = load_section("adversarial")
    special = [
        (texts("targets.anything"), ANYTHING),
        (texts("targets.least_likely"), LEAST_LIKELY),
        (texts("targets.random"), RANDOM),
    ]
    named = imagenet_choices() if len(classes) == 1000 else [(name, i) for i, name in enumerate(classes)]
    return special + named


@dataclass(frozen=True, kw_only=True)
class Controls:
    """The dials on the page, but for the network."""

    target: gr.Dropdown
    quick_row: gr.Row
    quick: dict[str, gr.Button]
    question: gr.Radio
    others: list[Any]  # in the order of `Dials`, from epsilon on


def build_controls(texts: Section) -> Controls:
    """The question and the goal; the fine points open on demand."""
    usual = Dials()
    target = gr.Dropdown(
        [*target_choices(()), *imagenet_choices()],
        value=usual.target,
        label=texts("target"),
        info=texts("target_info"),
    )
    with gr.Row(elem_classes=["wk-quick"]) as quick_row:
        quick = {name: gr.Button(texts(f"quick.{name}"), size="sm", min_width=60) for name in QUICK_TARGETS}
    question = gr.Radio(
        [(texts(f"questions.{name}"), name) for name in QUESTIONS],
        value=usual.question,
        label=texts("question"),
    )
    norm = gr.Radio(
        [(texts(f"norms.{name}"), name) for name in NORMS],
        value=usual.norm,
        label=texts("norm"),
        info=texts("norm_info"),
    )

    def slider(name: str, low: float, high: float, step: float, visible: bool = True) -> gr.Slider:
        value = getattr(usual, name)
        return gr.Slider(
            low, high, value=value, step=step, label=texts(name), info=texts(f"{name}_info"), visible=visible
        )

    epsilon = slider("epsilon", *PGDSettings.EPSILON_RANGE, step=0.5)
    length = slider("length", *PGDSettings.LENGTH_RANGE, step=0.05, visible=False)
    steps = slider("steps", *PGDSettings.STEPS_RANGE, step=1)
    passes = slider("passes", *SmallestSettings.PASSES_RANGE, step=10, visible=False)
    with gr.Accordion(texts("more_settings"), open=False):
        with gr.Column() as within:
            survive = gr.Checkbox(False, label=texts("survive"), info=texts("survive_info"))
            own_size = gr.Checkbox(False, label=texts("own_size"), info=texts("own_size_info"))
            way = gr.Radio([(texts(f"ways.{name}"), name) for name in WAYS], value="pgd", label=texts("way"))
            step_size = slider("step_size", *PGDSettings.STEP_SIZE_RANGE, step=0.1)
            momentum = slider("momentum", *PGDSettings.MOMENTUM_RANGE, step=0.05)
            confidence = slider("confidence", *PGDSettings.CONFIDENCE_RANGE, step=0.01)
            random_start = gr.Checkbox(False, label=texts("random_start"))
        seed = gr.Number(0, precision=0, label=texts("seed"), info=texts("seed_info"))

    def visible(asked: str, measure: str) -> tuple[Any, ...]:
        budget = asked == "budget"
        return (
            gr.update(visible=budget and measure == "linf"),
            gr.update(visible=budget and measure == "l2"),
            gr.update(visible=budget),
            gr.update(visible=not budget),
            gr.update(visible=budget),
        )

    for each in (question, norm):
        each.change(
            visible, [question, norm], [epsilon, length, steps, passes, within], show_progress="hidden"
        )
    return Controls(
        target=target,
        quick_row=quick_row,
        quick=quick,
        question=question,
        others=[
            epsilon,
            steps,
            passes,
            norm,
            length,
            way,
            step_size,
            momentum,
            random_start,
            confidence,
            seed,
            survive,
            own_size,
        ],
    )
