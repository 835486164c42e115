"""Settings survive the PNG, and nothing but a recipe is taken for one."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import ImageError
from core.featurevis import RUNGS, Goal, Recipe, Settings, read_recipe, rung, write_png
from core.featurevis.recipe import KEY
from core.images import open_image, to_tensor

IMAGE = torch.rand(1, 3, 9, 7, generator=torch.Generator().manual_seed(0))
RECIPE = Recipe(network="efficientnet_lite0", goals=(Goal(index=284),), rung="fourier")
TOLD = json.loads(json.dumps(asdict(RECIPE)))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Anything that the page's dials can be set to."""
    name = draw(st.sampled_from(RUNGS))
    dials = {
        dial: draw(
            st.integers(*map(int, limits)) if isinstance(getattr(Settings, dial), int) else st.floats(*limits)
        )
        for dial, limits in Settings.RANGES.items()
        if dial != "size"
    }
    chosen = {
        dial: draw(st.sampled_from(choices))
        for dial, choices in Settings.CHOICES.items()
        if dial not in ("parametrization", "transforms")
    }
    goals = (
        Goal(index=draw(st.integers(0, 999)), weight=draw(st.floats(0.05, 1))),
        Goal(kind="channel", layer="block5_1", index=draw(st.integers(0, 99))),
    )
    settings = replace(rung(name), size=32 * draw(st.integers(4, 16)), **dials, **chosen)
    return replace(
        RECIPE, rung=name, goals=goals, start=draw(st.sampled_from(["noise", "cat"])), settings=settings
    )


@given(recipes())
def test_a_recipe_survives_the_png_exactly(recipe):
    assert read_recipe(write_png(IMAGE, recipe)) == recipe


def test_the_picture_is_exact_too():
    again = to_tensor(open_image(write_png(IMAGE, RECIPE)))
    torch.testing.assert_close(again, IMAGE, atol=0.5 / 255 + 1e-6, rtol=0)


def with_text(text: str) -> bytes:
    info, file = PngInfo(), io.BytesIO()
    info.add_text(KEY, text)
    Image.new("RGB", (2, 2)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"rung": "x"},
        {"rung": "pixels"},  # its settings are those of another rung
        {"goals": []},
        {"goals": [{"kind": "organ", "index": 1, "layer": "", "weight": 1.0}]},
        {"goals": [{"kind": "class", "index": -1, "layer": "", "weight": 1.0}]},
        {"goals": None},
        {"settings": TOLD["settings"] | {"steps": 10**9}},
        {"settings": TOLD["settings"] | {"seed": -1}},
        {"settings": TOLD["settings"] | {"size": 200}},
        {"settings": TOLD["settings"] | {"rate": "nan"}},
        {"settings": TOLD["settings"] | {"range": "stretch"}},
        {"settings": {}},
    ],
)
def test_a_recipe_that_no_dial_allows_is_refused(change):
    assert read_recipe(with_text(json.dumps(TOLD))) == RECIPE
    with pytest.raises(ImageError, match="no settings"):
        read_recipe(with_text(json.dumps(TOLD | change)))


@pytest.mark.parametrize(
    "source", [b"", b"no picture", with_text("{"), with_text("[]"), with_text('{"settings": NaN}')]
)
def test_what_is_no_recipe_is_refused_with_a_sentence(source):
    with pytest.raises(ImageError, match="no settings"):
        read_recipe(source)
