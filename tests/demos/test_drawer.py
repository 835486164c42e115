"""What the dials of the Ideal image tab may hold, and what a drawing keeps."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from core.featurevis import OTHER_START, Goal, Recipe, read_recipe, rung
from core.featurevis.settings import RUNGS
from core.images import from_data_uri
from core.texts import load_section
from demos._dial_setter import DialSetter, knowing, network_that_draws
from demos._drawer import FIRST, Drawer
from demos._sessions import SESSIONS
from demos.ideal_image_dials import (
    DIALS,
    LADDER,
    LINK,
    NOTHING,
    SHOWN,
    Dials,
    link_of,
    recipe_of_link,
    values_of,
)
from demos.ideal_image_take import gif_file, mp4_file, side_by_side
from demos.ideal_image_work import work_of

PAGE = SimpleNamespace(session_hash="page of a drawer")
ASKED = SimpleNamespace(_data=None)
TEXTS = load_section("ideal_image")
SMALL = Recipe(
    network="efficientnet_lite0",
    goals=(Goal(index=284),),
    rung="fourier",
    settings=replace(rung("fourier"), steps=16, size=128, seed=3),
)


@pytest.fixture
def page():
    """An open page; it is closed after the test."""
    SESSIONS.open(PAGE.session_hash)
    yield
    SESSIONS.end_now(PAGE.session_hash)


def dials(recipe: Recipe = SMALL, **changed: object) -> list[object]:
    usual = {"second": NOTHING, "balance": 50, "layer": None, "channel": 0, "photo": {"sample": "cat"}}
    values = dict.fromkeys(DIALS) | usual | values_of(recipe) | changed
    return [values[name] for name in DIALS]


@pytest.mark.parametrize(
    "changed",
    [{"steps": None}, {"variation_weight": float("nan")}, {"seed": None}, {"steps": 10**9}, {"size": 4096}],
)
def test_an_emptied_or_impossible_field_gives_a_sentence(page, changed):
    with pytest.raises(gr.Error, match="needs a number from"):
        next(Drawer(TEXTS).draw(PAGE, *dials(**changed)))


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"wanted": None}, "no_class"),
        ({"kind": "channel", "layer": None}, "no_layer"),
        ({"start": "shown"}, "nothing_drawn"),
    ],
)
def test_what_is_missing_is_said(page, changed, key):
    with pytest.raises(gr.Error) as shown:
        next(Drawer(TEXTS).draw(PAGE, *dials(**changed)))
    assert shown.value.message == load_section("errors")(f"ideal_image.{key}")


@pytest.mark.parametrize(
    ("network", "wanted", "known"),
    [
        ("vgg16_catdog", 1, ("vgg16_catdog", 1)),
        ("vgg16_catdog", 2 + 340, ("efficientnet_lite0", 340)),
        ("efficientnet_lite0", 340, ("efficientnet_lite0", 340)),
    ],
)
def test_a_class_is_drawn_by_the_network_that_knows_it(network, wanted, known):
    assert knowing(network, wanted) == known
    choices = dict(map(reversed, DialSetter(TEXTS).choices(network)))
    assert choices[wanted] == {1: "dog", 342: "zebra", 340: "zebra"}[wanted]


@pytest.mark.parametrize(
    "recipe",
    [
        SMALL,
        replace(SMALL, goals=(Goal(index=281, weight=0.25), Goal(index=340, weight=0.75)), start="cat"),
        replace(SMALL, goals=(Goal(kind="neuron", layer="block3_1", index=3),)),
        *(
            Recipe(
                network="vgg16_catdog", goals=(Goal(index=1),), rung=name, settings=rung(name, "vgg16_catdog")
            )
            for name in RUNGS
        ),
    ],
)
def test_a_link_and_the_dials_bring_a_recipe_back(recipe):
    words = LINK.value(link_of([recipe]))["settings"]
    asked = LINK.read(SimpleNamespace(_data={"asked": words}))
    assert asked.refused == ()
    assert recipe_of_link(asked.settings, FIRST) == (recipe, recipe.rung)
    backbone, known = network_that_draws(Dials.of(dials(recipe)), PAGE)
    assert known.recipes(backbone, TEXTS) == [recipe]


def test_the_ladder_has_a_link_too():
    backbone, known = network_that_draws(Dials.of(dials(way=LADDER)), PAGE)
    recipes = known.recipes(backbone, TEXTS)
    assert [each.rung for each in recipes] == list(RUNGS)
    words = LINK.value(link_of(recipes))["settings"]
    assert words["way"] == LADDER
    assert (words["steps"], words["seed"], words["size"]) == ("16", "3", "128")


def test_a_drawing_is_ended_taken_up_branched_from_and_filmed(page):
    drawer = Drawer(TEXTS)
    running = drawer.draw(PAGE, *dials(steps=16))
    shown = [next(running)[0] for _ in range(3)]
    running.close()
    assert [each["state"] for each in shown] == ["waiting", "running", "running"]
    assert shown[1]["title"] == "Siamese cat, as EfficientNet-Lite0 sees it"
    resumed = [frame[0] for frame in drawer.go_on(ASKED, PAGE)]
    assert {each["run"] for each in resumed} == {shown[0]["run"]}
    assert resumed[0]["leg"] > shown[0]["leg"]
    last = next(each for each in resumed if each["state"] == "done" and "pictures" in each)
    assert read_recipe(from_data_uri(last["pictures"][0]["image"])) == SMALL
    work = work_of(PAGE.session_hash)
    assert not work.film.unjudged()
    steps = sorted(work.film.kept)
    assert (steps[0], steps[-1]) == (0, 16)
    more = [frame[0] for frame in drawer.go_on(ASKED, PAGE)]
    assert more[-1]["steps"] == 16 + 64
    assert work.recipes[0].start == OTHER_START  # the settings alone would not draw this picture
    again = SimpleNamespace(_data={"leg": more[-1]["leg"] - 1})
    assert list(drawer.go_on(again, PAGE)) == []
    branch = drawer.branch(SimpleNamespace(_data={"step": 16}), PAGE, *dials(steps=16, way="variation"))
    first, second = next(branch)[0], next(branch)[0]
    assert (first.get("step"), second["step"]) == (None, 0)
    assert second["title"].endswith("(drawn on from step 16)")
    branch.close()
    assert work_of(PAGE.session_hash).recipes[0].start == OTHER_START
    begun = work_of(PAGE.session_hash).film.kept[0][0]
    assert np.abs(begun.astype(int) - work.film.kept[16][0]).mean() < 4
    with Image.open(gif_file(PAGE)["value"]) as film:
        assert film.size == (384, 384)  # three times as large, to be seen
    assert mp4_file(PAGE)["value"].endswith(".mp4")


def test_the_link_follows_the_dials_and_what_a_link_draws_ticks_no_task(page):
    setter, drawer = DialSetter(TEXTS), Drawer(TEXTS)
    followed = setter.follow_link({"told": "refused"}, PAGE, *dials(wanted=340))
    assert (followed["settings"]["goal"], followed["told"]) == ("340", "refused")
    assert "settings" not in setter.follow_link(None, PAGE, *dials(steps=None))  # being typed in
    begins = setter.follow_link(None, PAGE, *dials(start=SHOWN))
    assert begins["told"] == TEXTS("link_begins")
    assert setter.tell_gone_on(followed)["told"] == TEXTS("link_gone_on")
    assert setter.follow_link(begins, PAGE, *dials())["told"] is None  # noise again
    for frames, ticks in (
        (drawer.draw(PAGE, *dials(steps=16)), True),
        (drawer.open(True, PAGE, *dials(steps=16)), False),
    ):
        assert any("did" in frame[0] for frame in frames) == ticks


def test_four_pictures_are_filmed_side_by_side():
    grey = np.full((8, 8, 3), 100, np.uint8)
    assert side_by_side([grey]).shape == (8, 8, 3)
    assert side_by_side([grey] * 4).shape == (22, 22, 3)


def test_the_last_picture_of_the_ladder_is_drawn_as_that_rung_alone():
    backbone, alone = network_that_draws(Dials.of(dials(FIRST)), PAGE)
    _, ladder = network_that_draws(Dials.of(dials(FIRST, way=LADDER)), PAGE)
    assert ladder.recipes(backbone, TEXTS)[-1] == alone.recipes(backbone, TEXTS)[0]
