"""The live engine draws the same numbers as core.kernels, with WebGL and without."""

from __future__ import annotations

import base64
import itertools

import numpy as np
import pytest

from core.kernels import PADDINGS, PRESETS, convolve
from tests.browser.conftest import one_page
from tests.browser.kernels_tab import GREY, PLAIN, Tab, pixels_of

WITHIN = 1 / 255


@pytest.fixture(scope="module", params=["WebGLRenderer", "CanvasRenderer"])
def tab(request, browser, server):
    """One page for all comparisons with core, once with each renderer."""
    query = "?renderer=canvas" if request.param == "CanvasRenderer" else "?renderer=webgl"
    with one_page(browser) as page:
        opened = Tab(page, server, query)
        assert opened.call("renderer") == request.param
        yield opened


# Draws every kernel with all of these options; brings home, for each, the sizes and a sheet of canvases
SWEEP = """(component, [kernels, options, [width, height]]) => {
  const shown = component.querySelector(".response canvas");
  const sheet = Object.assign(document.createElement("canvas"), {width, height: height * options.length});
  const context = sheet.getContext("2d", {willReadFrequently: true});
  return kernels.map((kernel) => {
    component.whiskers.setKernel(kernel);
    const sizes = options.map((wanted, place) => {
      component.whiskers.setOptions(wanted);
      context.drawImage(shown, 0, height * place);
      return [shown.height, shown.width];
    });
    const {data} = context.getImageData(0, 0, sheet.width, sheet.height);
    return {sizes, sheet: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""))};
  });
}"""
STEPS = list(itertools.product(PADDINGS, (1, 2, 3), (1, 2, 3)))  # border, stride, dilation


@pytest.mark.parametrize("sample", ["photo", "digit"])
def test_every_preset_border_stride_and_dilation_equals_core(tab, sample):
    photo = sample == "photo"
    pixels = pixels_of("dalmatian", 64)[:32, :40] if photo else pixels_of("digit_7", 28)
    image = pixels.astype(np.float32) / 255 if photo else (pixels.astype(np.float32) / 255 @ GREY)[:, :, None]
    look = {"colour": "rgb", "view": "stretched"} if photo else {"colour": "grey", "view": "offset"}
    tab.load(pixels)
    tab.call("setOptions", PLAIN | look)
    height, width, _ = pixels.shape
    options = [
        {"border": border, "stride": stride, "dilation": dilation} for border, stride, dilation in STEPS
    ]
    drawn = tab.element.evaluate(SWEEP, [list(PRESETS), options, [width, height]])
    for (name, kernel), of_kernel in zip(PRESETS.items(), drawn, strict=True):
        sheet = np.frombuffer(base64.b64decode(of_kernel["sheet"]), np.uint8)
        canvases = sheet.reshape(len(STEPS), height, width, 4)[:, :, :, :3] / 255
        for place, (border, stride, dilation) in enumerate(STEPS):
            which = f"{name}, {border}, stride {stride}, dilation {dilation}"
            expected = convolve(image, kernel.weights, padding=border, stride=stride, dilation=dilation)
            assert of_kernel["sizes"][place] == list(expected.shape[:2]), which
            low, span = expected.min(), np.ptp(expected) or 1
            shown = (expected - low) / span if photo else (expected + 128 / 255).clip(0, 1)
            difference = np.abs(canvases[place, : shown.shape[0], : shown.shape[1]] - shown).max()
            assert difference <= WITHIN, f"{which}: the canvas is off by {255 * difference:.2f} of 255"


@pytest.mark.parametrize("name", ["emboss", "motion_blur", "diagonal_rising"])
def test_the_numbers_themselves_equal_core_turned_and_not(tab, name):
    pixels = pixels_of("cat", 48)
    image = pixels.astype(np.float32) / 255
    tab.load(pixels)
    tab.call("setKernel", name)
    for border, flip in itertools.product(PADDINGS, (False, True)):
        tab.call("setOptions", PLAIN | {"colour": "rgb", "border": border, "flip": flip, "dilation": 2})
        expected = convolve(image, PRESETS[name].weights, padding=border, dilation=2, flip=flip)
        np.testing.assert_allclose(tab.response(), expected, rtol=0, atol=1e-4, err_msg=f"{border}, {flip}")


def test_relu_and_pooling(tab):
    pixels = pixels_of("cat", 64)[:41, :63]
    tab.load(pixels)
    tab.call("setKernel", "sobel_x")
    tab.call("setOptions", PLAIN | {"relu": True, "pool": True})
    expected = convolve((pixels.astype(np.float32) / 255) @ GREY, PRESETS["sobel_x"].weights).clip(0)
    expected = expected[:40, :62].reshape(20, 2, 31, 2).max((1, 3))
    np.testing.assert_allclose(tab.response()[:, :, 0], expected, rtol=0, atol=1e-4)


def test_kernels_in_a_row_equal_one_after_the_other(tab):
    image = pixels_of("cat", 40).astype(np.float32) / 255
    tab.load((image * 255).round().astype(np.uint8))
    tab.call("setOptions", PLAIN | {"relu": True})
    tab.call("setKernel", "sharpen", "sobel_y", "box_blur")
    expected = image @ GREY
    for name in ("sharpen", "sobel_y", "box_blur"):
        expected = convolve(expected, PRESETS[name].weights).clip(0)
    np.testing.assert_allclose(tab.response()[:, :, 0], expected, rtol=0, atol=1e-4)


def test_a_border_wider_than_the_picture_gets_a_sentence(tab):
    tab.load(np.zeros((5, 9, 3), np.uint8))
    tab.call("setKernel", "motion_blur")
    tab.call("setOptions", PLAIN | {"border": "valid"})
    problem = tab.page.locator("#kernel .problem")
    assert "only 5 pixels across" in problem.inner_text()
    tab.call("setOptions", {"border": "replicate"})
    assert problem.is_hidden()
