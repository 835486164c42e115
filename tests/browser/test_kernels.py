"""The Kernels tab in a real Chromium: the same numbers as core.kernels, and a picture that keeps up."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.kernels import PADDINGS, PRESETS, convolve
from core.samples import sample_path

GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)
WITHIN = 1 / 255


def pixels_of(name: str, side: int) -> np.ndarray:
    """A sample as (H, W, 3) uint8, at most `side` pixels along a side."""
    with Image.open(sample_path(name)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((side, side))
    return np.asarray(picture)


class Tab:
    """The tab through its documented test entry, `element.whiskers`."""

    def __init__(self, page, address: str, query: str = "") -> None:
        self.page = page
        page.goto(f"{address}/{query}")
        page.wait_for_function("document.querySelector('#kernel .histogram[aria-label]')")
        self.element = page.evaluate_handle("document.querySelector('#kernel .kernel-tab').parentElement")

    def call(self, method: str, *arguments):
        return self.element.evaluate("(e, [m, a]) => e.whiskers[m](...a)", [method, list(arguments)])

    def load(self, pixels: np.ndarray) -> None:
        height, width, _ = pixels.shape
        self.call("setImage", pixels.ravel().tolist(), width, height)

    def response(self) -> np.ndarray:
        read = self.call("readResponse")
        return np.array(read["data"], np.float32).reshape(read["height"], read["width"], read["channels"])

    def canvas(self) -> np.ndarray:
        read = self.call("readCanvas")
        return np.array(read["data"], np.float32).reshape(read["height"], read["width"], 4)[:, :, :3] / 255


@pytest.fixture(params=["WebGLRenderer", "CanvasRenderer"])
def tab(request, page, server):
    opened = Tab(page, server, "?renderer=canvas" if request.param == "CanvasRenderer" else "?renderer=webgl")
    assert opened.call("renderer") == request.param
    return opened


@pytest.mark.parametrize(("sample", "side"), [("cat", 48), ("digit_7", 28)])
def test_every_preset_equals_core(tab, sample, side):
    pixels = pixels_of(sample, side)
    image = pixels.astype(np.float32) / 255
    tab.load(pixels)
    for name, kernel in PRESETS.items():
        tab.call("setKernel", name)
        tab.call("setOptions", {"colour": "rgb", "view": "picture", "border": "zero"})
        expected = convolve(image, kernel.weights)
        np.testing.assert_allclose(tab.response(), expected, rtol=0, atol=1e-4, err_msg=name)
        np.testing.assert_allclose(tab.canvas(), expected.clip(0, 1), rtol=0, atol=WITHIN, err_msg=name)
        tab.call("setOptions", {"colour": "grey", "view": "offset"})
        expected = convolve(image @ GREY, kernel.weights)[:, :, None]
        np.testing.assert_allclose(tab.response(), expected, rtol=0, atol=1e-4, err_msg=name)
        shown = np.broadcast_to((expected + 128 / 255).clip(0, 1), (*expected.shape[:2], 3))
        np.testing.assert_allclose(tab.canvas(), shown, rtol=0, atol=WITHIN, err_msg=name)


@pytest.mark.parametrize("padding", PADDINGS)
def test_every_border_stride_and_dilation_equals_core(tab, padding):
    pixels = pixels_of("dalmatian", 40)[:, :33]
    image = pixels.astype(np.float32) / 255
    tab.load(pixels)
    for name in ("emboss", "unsharp", "motion_blur"):
        tab.call("setKernel", name)
        for stride in (1, 2, 3):
            for dilation in (1, 2, 3):
                for flip in (False, True):
                    steps = {"stride": stride, "dilation": dilation, "flip": flip}
                    tab.call("setOptions", {"colour": "rgb", "border": padding, **steps})
                    expected = convolve(image, PRESETS[name].weights, padding=padding, **steps)
                    np.testing.assert_allclose(tab.response(), expected, rtol=0, atol=1e-4)


def test_relu_and_pooling(tab):
    pixels = pixels_of("cat", 64)[:41, :63]
    tab.load(pixels)
    tab.call("setKernel", "sobel_x")
    tab.call("setOptions", {"border": "zero", "relu": True, "pool": True})
    expected = convolve((pixels.astype(np.float32) / 255) @ GREY, PRESETS["sobel_x"].weights).clip(0)
    expected = expected[:40, :62].reshape(20, 2, 31, 2).max((1, 3))
    np.testing.assert_allclose(tab.response()[:, :, 0], expected, rtol=0, atol=1e-4)
