"""Tab 1, Kernels: a convolution that answers under the finger, entirely in the browser.

Below it, closed at first, what needs the server: `demos/kernels_bank.py`,
`demos/kernels_learn.py` and `demos/kernels_digits.py`.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache

from PIL import Image, ImageOps

from core.errors import UserError
from core.kernels import PRESETS
from core.samples import available_samples, sample_path
from demos._lesson import lesson, next_task
from demos._links import link_component
from demos._shared import Context, explanation, heading
from demos.kernels_bank import build_bank
from demos.kernels_digits import build_digits
from demos.kernels_learn import build_learn
from demos.web import component

FIRST_PHOTO = "cat"
FIRST_PRESET = "sobel_x"
LONGEST_SIDE = 512  # pixels; also the browser's limit for pictures of one's own
THUMBNAIL_SIDE = 80  # pixels


def build(context: Context) -> None:
    """The tab; every change after the first paint happens in the browser."""
    texts = context.section("kernels")
    heading(texts)
    next_task(context, texts)
    component(
        "kernel",
        value={"name": FIRST_PHOTO, "picture": photo(FIRST_PHOTO), "preset": FIRST_PRESET},
        texts=_component_texts(context),
        presets={name: {"cells": kernel.cells, "divide": kernel.divisor} for name, kernel in PRESETS.items()},
        photos=available_samples("photo"),
        digits=available_samples("digit"),
        server_functions=[thumbnails, photo, vgg_filters],
        elem_id="kernel",
    )
    link_component(context, "kernels", elem_id="kernels-link")
    lesson(context, texts)
    build_bank(context)
    build_learn(context)
    build_digits(context)
    explanation(context, texts)


def _component_texts(context: Context) -> dict[str, object]:
    texts = context.section("kernels")
    return {
        **texts.tree("component"),
        "presets": texts.tree("presets"),
        "photos": context.section("common").tree("photos"),
        "border_problems": context.section("errors").tree("kernel"),
    }


@lru_cache(maxsize=64)
def photo(name: str) -> str:
    """A sample as a data URI, at most 512 pixels along its longer side; digits keep their exact bytes."""
    with Image.open(sample_path(name)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _data_uri(picture, lossless=picture.width < THUMBNAIL_SIDE)


def thumbnails(_: object = None) -> dict[str, str]:
    """A small square picture of every sample on this machine, by name; the browser sends an empty list."""
    return {name: _thumbnail(name) for name in available_samples()}


@lru_cache(maxsize=64)
def _thumbnail(name: str) -> str:
    with Image.open(sample_path(name)) as opened:
        opened.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        picture = opened.convert("RGB")
    return _data_uri(ImageOps.fit(picture, (THUMBNAIL_SIDE, THUMBNAIL_SIDE)), lossless=False)


def vgg_filters(_: object = None) -> dict[str, object]:
    """VGG-16's 64 first filters, 27 numbers each, red's nine first; or the problem, as a sentence."""
    from core.relatives import first_filters

    try:
        filters = first_filters()
    except UserError as error:
        return {"problem": error.message()}
    return {
        "filters": [
            [float(f"{each:.6g}") for each in numbers] for numbers in filters.reshape(len(filters), -1)
        ]
    }


def _data_uri(picture: Image.Image, *, lossless: bool) -> str:
    encoded = io.BytesIO()
    if lossless:
        picture.save(encoded, "PNG")
    else:
        picture.save(encoded, "JPEG", quality=90)
    kind = "png" if lossless else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(encoded.getvalue()).decode()}"
