"""The handlers of the Ideal image tab: what the dials ask for, and what is drawn of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from typing import Any

import gradio as gr

from core.architectures import imagenet_classes
from core.backbone import BACKBONES, is_present, load_backbone
from core.errors import UserError
from core.featurevis import (
    JUDGES,
    RUNGS,
    Recipe,
    Settings,
    ideal_image_steps,
    judged_classes,
    read_recipe,
    rung,
    second_opinion,
)
from core.runner import SupersededError, latest_job, run_once, run_steps
from core.texts import Section
from demos._classes import imagenet_choices, short_name
from demos._film import Film, Shown
from demos._shared import explained, number_between, session_of

EXAMPLES = (  # the first one whose network is on this machine
    Recipe(network="vgg16_catdog", class_index=0, rung="fourier", steps=48, variation_weight=200.0, seed=1),
    Recipe(
        network="efficientnet_lite0",
        class_index=284,
        rung="fourier",
        steps=128,
        variation_weight=200.0,
        seed=0,
    ),
)
CATDOG = ("cat", "dog")
LADDER = "ladder"  # all rungs at once
REPLAY_SECONDS = 1 / 24


class Drawer:
    """Draws what a page asks for, and tells of it in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.first = next((each for each in EXAMPLES if is_present(each.network)), EXAMPLES[-1])
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server
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
        recipes = self._recipes(*knowing(network, wanted), way, steps, weight, seed)
        yield from self._stream(recipes, session_of(request))

    @explained
    def load(self, path: str) -> tuple[Any, ...]:
        """Set every dial to what a saved picture says."""
        recipe = read_recipe(path)
        wanted = gr.update(choices=self.choices(recipe.network), value=recipe.class_index)
        return recipe.network, wanted, recipe.rung, recipe.steps, recipe.variation_weight, recipe.seed

    def choose(self, index: int, way: str) -> tuple[Any, ...]:
        """One of the ImageNet classes under the thumb, and the network that knows it, with its dials."""
        network = EXAMPLES[-1].network
        wanted, weight, steps = self.change_network(network, way)
        return network, wanted | {"value": index}, weight, steps

    def choose_class(self, network: str, wanted: int | None, way: str) -> tuple[Any, ...]:
        """The class that was searched for; it may need the network that knows it."""
        if wanted is None or knowing(network, wanted)[0] == network:
            return (gr.skip(),) * 4
        return self.choose(knowing(network, wanted)[1], way)

    def change_network(self, network: str, way: str) -> tuple[Any, float, int]:
        """The classes of another network, its variation weight, and the steps that it needs."""
        usual = next(each for each in EXAMPLES if each.network == network)
        wanted = gr.update(choices=self.choices(network), value=usual.class_index)
        return wanted, rung_weight(network, way), usual.steps

    def choices(self, network: str) -> list[tuple[str, int]]:
        """What can be drawn, by the names that a person reads: a network's classes, then what others know."""
        if network == "vgg16_catdog":
            own = [(self.texts(f"catdog.{name}"), index) for index, name in enumerate(CATDOG)]
            return own + [(name, len(CATDOG) + index) for name, index in imagenet_choices()]
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
        with latest_job(session, "ideal_image") as is_superseded, ExitStack() as stack:
            drawings = [
                stack.enter_context(
                    closing(run_steps(ideal_image_steps, backbone, wanted, each.settings, session=session))
                )
                for each in recipes
            ]
            for steps in zip(*drawings, strict=True):
                if is_superseded():
                    raise SupersededError
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


def knowing(network: str, wanted: int) -> tuple[str, int]:
    """The network that knows a choice, and its index there: VGG-16 offers its own classes, then others."""
    if network == "vgg16_catdog" and wanted >= len(CATDOG):
        return EXAMPLES[-1].network, wanted - len(CATDOG)
    return network, wanted


def rung_weight(network: str, way: str) -> float:
    """Where the variation slider goes when another rung is chosen; all four at once keep their own."""
    return rung(RUNGS[-1] if way == LADDER else way, network).variation_weight
