"""Settings survive the PNG, and nothing but a recipe is taken for one."""

from __future__ import annotations

import io
import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import ImageError
from core.featurevis import RUNGS, Recipe, Settings, read_recipe, write_png
from core.featurevis.recipe import KEY
from core.images import open_image, to_tensor

IMAGE = torch.rand(1, 3, 9, 7, generator=torch.Generator().manual_seed(0))
TOLD = {
    "network": "efficientnet_lite0",
    "class_index": 284,
    "rung": "fourier",
    "steps": 128,
    "variation_weight": 20.0,
    "seed": 3,
}


@given(
    class_index=st.integers(0, 999),
    rung=st.sampled_from(RUNGS),
    steps=st.integers(*Settings.STEPS_RANGE),
    variation_weight=st.floats(*Settings.VARIATION_RANGE),
    seed=st.integers(*Settings.SEED_RANGE),
)
def test_a_recipe_survives_the_png_exactly(**dials):
    recipe = Recipe(network="efficientnet_lite0", **dials)
    back = read_recipe(write_png(IMAGE, recipe))
    assert back == recipe
    assert back.settings == recipe.settings
    assert back.settings.seed == dials["seed"]


def test_the_picture_is_exact_too():
    again = to_tensor(open_image(write_png(IMAGE, Recipe(**TOLD))))
    torch.testing.assert_close(again, IMAGE, atol=0.5 / 255 + 1e-6, rtol=0)


def with_text(text: str) -> bytes:
    info, file = PngInfo(), io.BytesIO()
    info.add_text(KEY, text)
    Image.new("RGB", (2, 2)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"network": "resnet50"},
        {"class_index": 1000},
        {"rung": "x"},
        {"steps": 10**9},
        {"seed": -1},
        {"seed": None},
    ],
)
def test_a_recipe_that_no_dial_allows_is_refused(change):
    assert read_recipe(with_text(json.dumps(TOLD))) == Recipe(**TOLD)
    with pytest.raises(ImageError, match="no settings"):
        read_recipe(with_text(json.dumps(TOLD | change)))


@pytest.mark.parametrize(
    "source", [b"", b"no picture", with_text("{"), with_text("[]"), with_text('{"steps": NaN}')]
)
def test_what_is_no_recipe_is_refused_with_a_sentence(source):
    with pytest.raises(ImageError, match="no settings"):
        read_recipe(source)
