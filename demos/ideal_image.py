"""Tab 4, Ideal image: from noise to what a network sees as a cat, one small step at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import count
from typing import Any

import gradio as gr

from core.architectures import imagenet_classes
from core.backbone import BACKBONES, is_present, load_backbone
from core.errors import UserError
from core.featurevis import (
    JUDGES,
    NETWORKS,
    RUNGS,
    Recipe,
    Settings,
    ideal_image_steps,
    judged_classes,
    read_recipe,
    rung,
    second_opinion,
)
from core.runner import run_once, run_steps
from core.texts import Section
from demos._classes import imagenet_choices, short_name
from demos._film import Film, Shown
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

EXAMPLES = (  # the first one whose network is on this machine
    Recipe(network="vgg16_catdog", class_index=0, rung="fourier", steps=48, variation_weight=200.0, seed=0),
    Recipe(
        network="efficientnet_lite0",
        class_index=284,
        rung="fourier",
        steps=128,
        variation_weight=200.0,
        seed=0,
    ),
)
QUICK_CLASSES = {"tabby": 281, "siamese": 284, "samoyed": 258, "zebra": 340, "flamingo": 130}
LADDER = "ladder"  # all rungs at once
REPLAY_SECONDS = 1 / 24
# Tells the frames on the page that no more will come
STOPPED = "() => document.querySelector('#ideal-frames .frames').dispatchEvent(new CustomEvent('wk-stop'))"


def build(context: Context) -> None:
    """The tab: what to draw and how on the left, the growing picture and its curves on the right."""
    texts = context.section("ideal_image")
    page = _Page(texts)
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            network, wanted, quick = _what(texts, page)
            way, steps, weight, seed, load = _how(texts, page.first)
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
    network.input(page.change_network, [network, way], [wanted, weight], show_progress="hidden")
    for name, button in quick.items():
        chosen = partial(page.choose, QUICK_CLASSES[name])
        button.click(chosen, way, [network, wanted, weight], show_progress="hidden")
    load.upload(page.load, load, dials, show_progress="hidden")
    way.input(rung_weight, [network, way], weight, show_progress="hidden")


def _what(texts: Section, page: _Page) -> tuple[gr.Dropdown, gr.Dropdown, dict[str, gr.Button]]:
    """The network and the class: a search over all names, and a few classes under the thumb."""
    network = gr.Dropdown(
        [(texts(f"networks.{name}"), name) for name in NETWORKS],
        value=page.first.network,
        label=texts("network"),
    )
    wanted = gr.Dropdown(
        page.choices(page.first.network),
        value=page.first.class_index,
        label=texts("class"),
        info=texts("class_info"),
    )
    with gr.Row(elem_classes=["wk-quick"]):
        quick = {name: gr.Button(texts(f"quick.{name}"), size="sm", min_width=60) for name in QUICK_CLASSES}
    return network, wanted, quick


def _how(texts: Section, first: Recipe) -> tuple[gr.Radio, gr.Slider, gr.Slider, gr.Number, gr.UploadButton]:
    """The rung and its dials."""
    way = gr.Radio(
        [(texts(f"rungs.{name}"), name) for name in (*RUNGS, LADDER)], value=first.rung, label=texts("rung")
    )
    steps = gr.Slider(
        *Settings.STEPS_RANGE, value=first.steps, step=16, label=texts("steps"), info=texts("steps_info")
    )
    with gr.Accordion(texts("more_settings"), open=False):
        weight = gr.Slider(
            *Settings.VARIATION_RANGE,
            value=first.variation_weight,
            step=10,
            label=texts("variation_weight"),
            info=texts("variation_info"),
        )
        seed = gr.Number(first.seed, precision=0, label=texts("seed"), info=texts("seed_info"))
        load = gr.UploadButton(texts("load"), file_types=[".png"], size="sm")
    return way, steps, weight, seed, load


class _Page:
    """The handlers of the tab, which tell what happens in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.first = next((each for each in EXAMPLES if is_present(each.network)), EXAMPLES[-1])
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server
        self.newest: dict[str, object] = {}  # the last start of each page at work
        self.kept_example: list[Shown] = []

    @explained
    def example(self, request: gr.Request) -> Iterator[Shown]:
        """The worked example: drawn once for everybody, then replayed."""
        if self.kept_example:
            run = next(self.runs)
            for frames, *charts in self.kept_example:
                yield frames | {"run": run}, charts[0], charts[1]
                time.sleep(REPLAY_SECONDS)
            return
        drawn = []
        for shown in self._stream([self.first], session_of(request)):
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
        """Draw one image or four, showing them as they grow; a second start replaces the first."""
        if wanted is None:
            raise UserError("ideal_image.no_class")
        recipes = self._recipes(network, wanted, way, steps, weight, seed)
        session, start = session_of(request), object()
        self.newest[session] = start
        try:
            for shown in self._stream(recipes, session):
                if self.newest.get(session) is not start:
                    return
                yield shown
        finally:
            if self.newest.get(session) is start:
                del self.newest[session]

    @explained
    def load(self, path: str) -> tuple[Any, ...]:
        """Set every dial to what a saved picture says."""
        recipe = read_recipe(path)
        wanted = gr.update(choices=self.choices(recipe.network), value=recipe.class_index)
        return recipe.network, wanted, recipe.rung, recipe.steps, recipe.variation_weight, recipe.seed

    def choose(self, index: int, way: str) -> tuple[str, Any, float]:
        """One of the ImageNet classes under the thumb, and the network that knows it."""
        network = EXAMPLES[-1].network
        wanted = gr.update(choices=self.choices(network), value=index)
        return network, wanted, rung_weight(network, way)

    def change_network(self, network: str, way: str) -> tuple[Any, float]:
        """Offer the classes of another network, and its variation weight."""
        first = 0 if network == "vgg16_catdog" else EXAMPLES[-1].class_index
        return gr.update(choices=self.choices(network), value=first), rung_weight(network, way)

    def choices(self, network: str) -> list[tuple[str, int]]:
        """The classes of a network by the names that a person reads."""
        if network == "vgg16_catdog":
            return [(self.texts(f"catdog.{name}"), index) for index, name in enumerate(("cat", "dog"))]
        return imagenet_choices()

    def _recipes(
        self, network: str, wanted: int, way: str, steps: object, weight: object, seed: object
    ) -> list[Recipe]:
        """What the dials ask for: one rung, or all four with the weight that each has by itself."""
        texts = self.texts
        dials: dict[str, Any] = {
            "network": network,
            "class_index": wanted,
            "steps": round(number_between(steps, *Settings.STEPS_RANGE, field=texts("steps"))),
            "seed": round(number_between(seed, *Settings.SEED_RANGE, field=texts("seed"))),
        }
        if way == LADDER:
            return [Recipe(rung=name, variation_weight=rung_weight(network, name), **dials) for name in RUNGS]
        weight = number_between(weight, *Settings.VARIATION_RANGE, field=texts("variation_weight"))
        return [Recipe(rung=way, variation_weight=weight, **dials)]

    def _stream(self, recipes: list[Recipe], session: str) -> Iterator[Shown]:
        """What the page shows of one run, all recipes advancing together; only shown frames are encoded."""
        network, wanted = recipes[0].network, recipes[0].class_index
        film = Film(
            texts=self.texts,
            run=next(self.runs),
            recipes=recipes,
            name=self._class_name(network, wanted),
            drawer=BACKBONES[network].title,
            judge=BACKBONES[JUDGES[network]].title,
        )
        yield film.waiting()
        backbone, judge = load_backbone(network), load_backbone(JUDGES[network])
        classes = judged_classes(network, wanted)
        with ExitStack() as stack:
            drawings = [
                stack.enter_context(
                    closing(run_steps(ideal_image_steps, backbone, wanted, each.settings, session=session))
                )
                for each in recipes
            ]
            for steps in zip(*drawings, strict=True):
                for recipe, step in zip(recipes, steps, strict=True):
                    film.add(recipe.rung, step)
                    if film.wants_opinion(step):
                        seen = run_once(second_opinion, session, judge, step.image, classes)
                        film.add_opinion(recipe.rung, step, seen)
                if film.is_due(steps[0]):
                    yield film.shown(steps)

    def _class_name(self, network: str, wanted: int) -> str:
        if network == "vgg16_catdog":
            return self.choices(network)[wanted][0]
        return short_name(imagenet_classes()[wanted])


def rung_weight(network: str, way: str) -> float:
    """Where the variation slider goes when another rung is chosen; all four at once keep their own."""
    return rung(RUNGS[-1] if way == LADDER else way, network).variation_weight
