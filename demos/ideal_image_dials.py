"""The dials of the Ideal image tab: what they are, and how they become a recipe and come from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from core.backbone import Backbone
from core.errors import UserError
from core.featurevis import NOISE, OTHER_START, RUNGS, Goal, Recipe, Settings, goals_from_text, rung
from core.samples import available_samples
from core.texts import Section
from demos._links import LinkFormat, Read, one_of, real, whole
from demos._shared import number_between

LADDER = "ladder"  # all rungs at once
WAYS = (*RUNGS, LADDER)
PHOTO, SHOWN = "photo", "shown"  # to start from, beside NOISE
STARTS = (NOISE, PHOTO, SHOWN)
NOTHING = -1  # in place of a second class
KINDS = ("class", "channel", "neuron")
NETWORKS = (
    "efficientnet_lite0",
    "vgg16_catdog",
    "efficientnet_lite2",
    "vgg16",
    "resnet18",
    "resnet50",
    "mobilenet_v3_large",
)
FIRST = Recipe(
    network="efficientnet_lite0",
    goals=(Goal(index=284),),
    rung="fourier",
    settings=Settings(steps=64, size=192, rate=0.2, seed=80),  # less than four seconds on two cores
)
STEPS = {  # of a slider
    "steps": 8,
    "size": Settings.SIZE_STEP,
    "seed": 1,
    "variation_weight": 10,
    "rotation": 1,
    "statistics_weight": 5,
    "certainty": 0.5,
}
# The sliders behind "More dials", in their order on the page
MORE = (
    "variation_weight",
    "decay",
    "rate",
    "size",
    "nearest",
    "jitter",
    "rotation",
    "noise",
    "certainty",
    "temperature",
    "statistics_weight",
    "branch_share",
    "coarse",
)
GOAL_DIALS = ("kind", "wanted", "second", "balance", "layer", "channel")
DIALS = (
    "network",
    *GOAL_DIALS,
    "way",
    "start",
    "photo",
    "steps",
    *MORE,
    "variation_power",
    "range",
    "decorrelated",
    "seed",
)
_SETTINGS = tuple(name for name in DIALS if name in Settings.names())


@dataclass(frozen=True, kw_only=True)
class Dials:
    """What the page's dials say, by name; anything may stand in a field."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Dials:
        """The values in the order of `DIALS`."""
        return cls(values=dict(zip(DIALS, values, strict=True)))

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def goals(self, backbone: Backbone) -> tuple[Goal, ...]:
        """What is to be drawn.

        Raises:
            UserError: when nothing is chosen, or the network has no such channel.
        """
        if self["kind"] != "class":
            return (self._channel(backbone),)
        if self["wanted"] is None:
            raise UserError("ideal_image.no_class")
        first, second = int(self["wanted"]), self["second"]
        if second in (None, NOTHING, first):
            return (Goal(index=first),)
        share = number_between(self["balance"], 5, 95, field="%") / 100
        return Goal(index=first, weight=1 - share), Goal(index=int(second), weight=share)

    def _channel(self, backbone: Backbone) -> Goal:
        from core.featurevis import drawable_layers

        channels = drawable_layers(backbone)
        if self["layer"] not in channels:
            raise UserError("ideal_image.no_layer")
        highest = channels[self["layer"]] - 1
        index = number_between(self["channel"], 0, highest, field=self["layer"])
        return Goal(kind=self["kind"], layer=self["layer"], index=round(index))

    def recipes(self, backbone: Backbone, texts: Section) -> list[Recipe]:
        """One rung, or all four with what each has by itself."""
        goals, way = self.goals(backbone), self["way"]
        told: dict[str, Any] = {
            "network": backbone.name,
            "goals": goals,
            "start": self._start_word(),
        }
        if way == LADDER:
            shared: dict[str, Any] = {name: self._number(name, texts) for name in ("steps", "size", "seed")}
            return [
                Recipe(rung=name, settings=replace(usual_settings(backbone.name, name), **shared), **told)
                for name in RUNGS
            ]
        return [Recipe(rung=way, settings=self._settings(way, backbone.name, texts), **told)]

    def _start_word(self) -> str:
        if self["start"] == PHOTO:
            photo = self["photo"] if isinstance(self["photo"], dict) else {}
            sample = photo.get("sample")
            return sample if sample in available_samples("photo") else OTHER_START
        return NOISE if self["start"] == NOISE else OTHER_START

    def _settings(self, way: str, network: str, texts: Section) -> Settings:
        numbers: dict[str, Any] = {
            name: self._number(name, texts) for name in _SETTINGS if name in Settings.RANGES
        }
        chosen: dict[str, Any] = {name: self[name] for name in _SETTINGS if name in Settings.CHOICES}
        return replace(rung(way, network), **numbers, **chosen)

    def _number(self, name: str, texts: Section) -> float | int:
        found = number_between(self[name], *Settings.RANGES[name], field=texts(f"dials.{name}"))
        if name == "size":
            return Settings.SIZE_STEP * round(found / Settings.SIZE_STEP)
        return round(found) if isinstance(getattr(Settings, name), int) else found


def slider(texts: Section, name: str, value: float) -> gr.Slider:
    """The slider of a dial, with its reason."""
    low, high = Settings.RANGES[name]
    step = STEPS.get(name, 0.01)
    reason = texts(f"reasons.{name}")
    return gr.Slider(low, high, value=value, step=step, label=texts(f"dials.{name}"), info=reason)


def values_of(recipe: Recipe) -> dict[str, Any]:
    """What every dial is set to by a recipe; the choices of a network's classes are not touched."""
    first, *more = recipe.goals
    of_class = first.kind == "class"
    found: dict[str, Any] = {
        "network": recipe.network,
        "kind": first.kind,
        "way": recipe.rung,
        **{name: getattr(recipe.settings, name) for name in _SETTINGS},
    }
    if recipe.start in (NOISE, OTHER_START):
        found |= {"start": NOISE}
    else:
        found |= {"start": PHOTO, "photo": {"sample": recipe.start}}
    if of_class:
        found |= {"wanted": first.index, "second": more[0].index if more else NOTHING}
        found |= {"balance": round(100 * more[0].weight / (first.weight + more[0].weight))} if more else {}
    else:
        found |= {"layer": first.layer, "channel": first.index}
    return found


def _goals_word(text: str) -> str:
    goals_from_text(text)
    return text


def _numbers() -> dict[str, Read]:
    defaults = Settings()
    return {
        name: whole(int(low), int(high)) if isinstance(getattr(defaults, name), int) else real(low, high)
        for name, (low, high) in Settings.RANGES.items()
    }


def _choices() -> dict[str, Read]:
    return {name: _one(choices) for name, choices in Settings.CHOICES.items() if name in _SETTINGS}


def _one(choices: Sequence[Any]) -> Read:
    by_word = {str(int(each)) if isinstance(each, bool) else str(each): each for each in choices}

    def read(text: str) -> Any:
        return by_word[one_of(by_word)(text)]

    return read


def _start_read(text: str) -> str:
    read: str = one_of((NOISE, *available_samples("photo")))(text)
    return read


LINK = LinkFormat(
    tab="ideal_image",
    fields={
        "network": one_of(NETWORKS),
        "goal": _goals_word,
        "way": one_of(WAYS),
        "start": _start_read,
        **_numbers(),
        **_choices(),
    },
)


def link_of(recipes: Sequence[Recipe]) -> dict[str, Any]:
    """The settings in the link of a drawing: what is drawn, the rung, and all dials that it has otherwise."""
    first = recipes[-1]
    way = first.rung if len(recipes) == 1 else LADDER
    usual = rung(first.rung, first.network)
    told: dict[str, Any] = {
        "network": first.network if first.network in NETWORKS else None,
        "goal": "+".join(str(goal) for goal in first.goals),
        "way": way,
        "start": None if first.start == OTHER_START else first.start,
        "steps": first.settings.steps,
        "seed": first.settings.seed,
    }
    for name in _SETTINGS:
        if getattr(first.settings, name) != getattr(usual, name):
            told[name] = getattr(first.settings, name)
    return told


def recipe_of_link(settings: Mapping[str, Any], usual: Recipe) -> tuple[Recipe, str]:
    """The recipe that a link asks for, and the way (a rung or all); what it leaves open is as in `usual`."""
    network, way = settings.get("network", usual.network), settings.get("way", usual.rung)
    base = rung(RUNGS[-1] if way == LADDER else way, network)
    dials = {name: value for name, value in settings.items() if name in Settings.names()}
    recipe = Recipe(
        network=network,
        goals=goals_from_text(settings["goal"]) if "goal" in settings else usual.goals,
        rung=base_rung(way),
        start=settings.get("start", NOISE),
        settings=replace(base, **dials),
    )
    return recipe, way


def base_rung(way: str) -> str:
    """The rung whose dials the page shows for a way."""
    return RUNGS[-1] if way == LADDER else way


def usual_settings(network: str, way: str) -> Settings:
    """What the dials are set to for a rung of a network; those of the first one are quick enough to watch.

    Fewer steps need larger ones to get anywhere.
    """
    usual, quick = rung(base_rung(way), network), FIRST.settings
    if network != FIRST.network:
        return usual
    rate = quick.rate if base_rung(way) == FIRST.rung else usual.rate
    return replace(usual, steps=quick.steps, size=quick.size, rate=rate)
