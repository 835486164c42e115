"""The dials of the Fine-tune tab: what they are, how they become settings, and how they stand in a link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.finetune import PUBLISHED, SETS, FitSettings, bytes_to_fetch
from core.finetune.learner import DEPTHS, TuneSettings
from core.texts import load_section
from demos._links import Asked, LinkFormat, Read, one_of, real, whole, yes_or_no
from demos._shared import number_between
from demos.finetune_work import Dials, Work

NETWORKS = (
    "efficientnet_lite0",
    "vgg16",
    "mobilenet_v3_large",
    "resnet18",
    "resnet50",
    "vgg19",
)
FIRST_SET = "textures"
CHOICES_OF_DEPTH = ("new_layer", *DEPTHS)
FIRST = Dials(network=NETWORKS[0], settings=FitSettings(), tune=None)
# In the order in which the page has them
NAMES = ("network", "held_out", "epochs", "seed", "depth", "rounds", "rate", "batch", "augment")


def dials_of(*values: Any) -> Dials:
    """The settings from the values of the dials, in the order of `NAMES`.

    Raises:
        UserError: naming a field that is empty or out of range.
    """
    given, texts = dict(zip(NAMES, values, strict=True)), load_section("finetune")
    _require(given["network"], NETWORKS)
    _require(given["depth"], CHOICES_OF_DEPTH)
    _require(given["rate"], TuneSettings.RATES)
    _require(given["batch"], TuneSettings.BATCHES)

    def number(name: str, limits: tuple[float, float]) -> float:
        return number_between(given[name], *limits, texts(name))

    settings = FitSettings(
        held_out_share=number("held_out", FitSettings.HELD_OUT_RANGE),
        epochs=round(number("epochs", FitSettings.EPOCHS_RANGE)),
        seed=round(number("seed", FitSettings.SEED_RANGE)),
    )
    tune = TuneSettings(
        depth=given["depth"],
        epochs=round(number("rounds", TuneSettings.EPOCHS_RANGE)),
        rate=given["rate"],
        batch=given["batch"],
        augment=bool(given["augment"]),
    )
    return Dials(network=given["network"], settings=settings, tune=tune if tune.depth in DEPTHS else None)


def values_of(dials: Dials) -> tuple[Any, ...]:
    """What each dial is set to, in the order of `NAMES`."""
    settings, tune = dials.settings, dials.tune or TuneSettings()
    return (
        dials.network,
        settings.held_out_share,
        settings.epochs,
        settings.seed,
        tune.depth if dials.tune else CHOICES_OF_DEPTH[0],
        tune.epochs,
        tune.rate,
        tune.batch,
        tune.augment,
    )


def _require(value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"expected one of {', '.join(map(str, choices))}; got {value!r}")


def _number_of(choices: tuple[float, ...]) -> Read:
    by_word = {f"{each:g}": each for each in choices}

    def read(text: str) -> float:
        return by_word[one_of(by_word)(text)]

    return read


LINK = LinkFormat(
    tab="finetune",
    fields={
        "set": one_of((*SETS, *PUBLISHED)),
        "network": one_of(NETWORKS),
        "held_out": real(*FitSettings.HELD_OUT_RANGE),
        "epochs": whole(*FitSettings.EPOCHS_RANGE),
        "seed": whole(*FitSettings.SEED_RANGE),
        "depth": one_of(CHOICES_OF_DEPTH),
        "rounds": whole(*TuneSettings.EPOCHS_RANGE),
        "rate": _number_of(TuneSettings.RATES),
        "batch": _number_of(TuneSettings.BATCHES),
        "augment": yes_or_no,
    },
)


def link_value(work: Work, told: str | None = None) -> str:
    """The link to the set and the settings of the last run, as JSON; photos of one's own have no place in it.

    As JSON, for Gradio's client would edit an object into the skip that follows.
    """
    if work.example is None or work.dials is None:
        return json.dumps({"told": load_section("finetune")("link.own")})
    usual = values_of(FIRST)
    changed = {
        name: value
        for name, value, first in zip(NAMES, values_of(work.dials), usual, strict=True)
        if value != first
    }
    return json.dumps(LINK.value({"set": work.example, **changed}, told))


def asked_for(asked: Asked) -> tuple[str, Dials, str | None]:
    """The set and the settings that a link asks for, and a sentence about what it does not get.

    A set that is still to be fetched is not fetched for a link: that is for a person to decide.
    """
    name = asked.settings.get("set", FIRST_SET)
    told = asked.told()
    if name in PUBLISHED and bytes_to_fetch(name):
        texts = load_section("finetune")
        told = " ".join(filter(None, [told, texts("link.absent", name=texts(f"sets.names.{name}"))]))
        name = FIRST_SET
    return name, _dials(asked.settings), told


def _dials(settings: Mapping[str, Any]) -> Dials:
    usual = dict(zip(NAMES, values_of(FIRST), strict=True))
    return dials_of(*[settings.get(name, value) for name, value in usual.items()])
