"""What the dials of the Ideal image tab may hold."""

from __future__ import annotations

import gradio as gr
import pytest

from core.texts import load_section
from demos._drawer import Drawer, knowing


@pytest.mark.parametrize(
    ("steps", "weight", "seed"),
    [(None, 200.0, 1), (48, float("nan"), 1), (48, 200.0, None), (10**9, 200.0, 1)],
)
def test_an_emptied_or_impossible_field_gives_a_sentence(steps, weight, seed):
    drawer = Drawer(load_section("ideal_image"))
    with pytest.raises(gr.Error, match="needs a number from"):
        next(drawer.draw("efficientnet_lite0", 284, "fourier", steps, weight, seed, None))


def test_no_class_gives_a_sentence():
    drawer = Drawer(load_section("ideal_image"))
    with pytest.raises(gr.Error) as shown:
        next(drawer.draw("efficientnet_lite0", None, "fourier", 48, 200.0, 1, None))
    assert shown.value.message == load_section("errors")("ideal_image.no_class")


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
    choices = dict(map(reversed, Drawer(load_section("ideal_image")).choices(network)))
    assert choices[wanted] == {1: "dog", 342: "zebra", 340: "zebra"}[wanted]
