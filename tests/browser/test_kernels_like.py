"""What is this kernel like: its waves against numpy's FFT, its relatives against core's, and kernels sent."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from core.kernels import PRESETS
from core.relatives import first_filters, nearest_relatives
from tests.browser.conftest import one_page
from tests.browser.kernels_tab import Tab

SIDE = 65  # pixels of the map of waves: the last repeats the first, as π and -π are the same wave
ODD_KERNEL = np.array([[0.3, -1.7, 0.2], [2.1, 0.4, -0.6], [-0.9, 0.8, 1.1]])


@pytest.fixture(scope="module")
def like(browser, server):
    """One page with the section open, for all comparisons."""
    with one_page(browser) as page:
        tab = Tab(page, server)
        page.locator("#kernel .like summary").click()
        page.wait_for_selector("#kernel .relative[data-index]")
        yield tab


@pytest.fixture
def live(page, server):
    """The tab as a user opens it."""
    return Tab(page, server)


def spectrum_shown(like: Tab) -> np.ndarray:
    pixels = like.page.locator("#kernel .spectrum canvas").evaluate(
        "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    return np.array(pixels).reshape(SIDE, SIDE, 4)[:, :, 0]


def by_fft(weights: np.ndarray) -> np.ndarray:
    gain = np.fft.fftshift(np.abs(np.fft.fft2(weights, (SIDE - 1, SIDE - 1))))
    return np.pad(gain, ((0, 1), (0, 1)), mode="wrap")


@pytest.mark.parametrize("name", ["sobel_x", "gaussian_blur", "motion_blur", "emboss", "odd"])
def test_the_map_of_waves_equals_numpys_fft(like, name):
    weights = PRESETS[name].weights if name in PRESETS else ODD_KERNEL
    kernel = name if name in PRESETS else {"size": 3, "cells": ODD_KERNEL.ravel().tolist()}
    like.call("setKernel", kernel)
    gain = by_fft(weights)
    np.testing.assert_allclose(spectrum_shown(like), 255 * gain / gain.max(), rtol=0, atol=1)
    assert (
        f"{gain.max():.2f}".rstrip("0").rstrip(".") in like.page.locator(".like-waves > p").last.inner_text()
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("identity", "Slow changes and fast ones come through alike"),
        ("box_blur", "fast ones fade, which is what blurring means"),
        ("motion_blur", "fade, except those that run from lower left to upper right"),
        ("sharpen", "Slow changes come through, and waves of about 1.4 pixels come out stronger"),
        ("sobel_x", "only waves that run from left to right count, most of all at about 4 pixels"),
        ("sobel_y", "only waves that run from top to bottom count, most of all at about 4 pixels"),
        ("diagonal_falling", "only waves that run from lower left to upper right count"),
        ("outline", "the faster the change, the stronger the answer"),
        ("line_horizontal", "only changes that run from top to bottom count, the faster the more"),
    ],
)
def test_one_sentence_says_what_the_map_says(like, name, said):
    like.call("setKernel", name)
    assert said in like.page.locator("#kernel .nature").inner_text()


def test_pointing_at_a_wave_tells_what_becomes_of_it(like):
    like.call("setKernel", "gaussian_blur")
    wave = like.page.locator("#kernel .wave-said")
    expect(wave).to_have_text("4 pixels from crest to crest: comes out × 0.25")
    like.call("setKernel", "box_blur")
    frame = like.page.locator("#kernel .spectrum .frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    column = 32 + 8  # an eighth of a turn for each pixel
    like.page.mouse.move(box["x"] + (column + 0.5) * box["width"] / SIDE, box["y"] + box["height"] / 2)
    expect(wave).to_have_text("8 pixels from crest to crest: comes out × 0.8")
    frame.focus()
    like.page.keyboard.press("Shift+ArrowRight")
    expect(wave).to_have_text("4 pixels from crest to crest: comes out × 0.33")
    for _ in range(2):
        like.page.keyboard.press("Shift+ArrowLeft")
    expect(wave).to_have_text("Flat, no wave at all: comes out × 1")


@pytest.mark.parametrize("whatever_sign", [False, True])
def test_the_five_relatives_are_cores(like, whatever_sign):
    page = like.page
    like.call("setKernel", "sobel_x")
    page.get_by_label("Whatever the sign").set_checked(whatever_sign)
    kernels = {
        name: PRESETS[name].weights for name in ("sobel_x", "sobel_y", "emboss", "outline", "line_falling")
    }
    for name, weights in (kernels | {"odd": ODD_KERNEL, "turned": -ODD_KERNEL}).items():
        like.call("setKernel", {"size": 3, "cells": (-2 * weights).ravel().tolist(), "divide": -2})
        expected = nearest_relatives(weights, first_filters(), whatever_sign=whatever_sign)
        shown = page.locator("#kernel .relative").evaluate_all(
            "(all) => all.map((each) => [Number(each.dataset.index), each.textContent.replace('−', '-')])"
        )
        assert [index for index, _ in shown] == [each.index for each in expected], name
        assert [cosine for _, cosine in shown] == [f"{each.cosine:.2f}" for each in expected], name


def test_a_relative_is_shown_in_its_colours_and_a_click_loads_its_grey_sum(like):
    page = like.page
    like.call("setKernel", "sobel_y")
    tile = page.locator("#kernel .relative").first
    index = int(tile.get_attribute("data-index"))
    own = first_filters()[index]
    pixels = tile.locator("canvas").evaluate("(c) => [...c.getContext('2d').getImageData(0, 0, 3, 3).data]")
    expected = 127.5 * (1 + own.transpose(1, 2, 0) / np.abs(own).max())
    np.testing.assert_allclose(np.reshape(pixels, (3, 3, 4))[:, :, :3], expected, rtol=0, atol=1)
    tile.click()
    expect(page.locator("#kernel .kernel-name")).to_have_text(f"VGG-16's filter {index}")
    cells = page.locator("#kernel .grid input").evaluate_all("(all) => all.map((each) => each.value)")
    shown = np.array([float(cell.replace("−", "-")) for cell in cells])
    np.testing.assert_allclose(shown, own.sum(axis=0).ravel(), rtol=0, atol=0.006)
    expect(page.locator("#kernel .grid")).to_be_in_viewport(ratio=1)


def test_what_cannot_be_compared_is_said_and_mended(like):
    page, said = like.page, like.page.locator("#kernel .relatives-said")
    like.call("setKernel", "gaussian_blur")
    expect(said).to_contain_text("this kernel is 5 × 5")
    page.get_by_role("button", name="Keep the middle 3 × 3").click()
    expect(page.locator("#kernel .relative").first).to_be_visible()
    like.call("setKernel", {"size": 3, "cells": [0] * 9})
    expect(said).to_contain_text("so it is like nothing")
    assert (
        page.locator("#kernel .nature").inner_text() == "All its numbers are zero, so nothing comes through."
    )
    assert spectrum_shown(like).max() == 0


def test_missing_weights_are_a_sentence_and_are_asked_for_again(live):
    page, problem = live.page, "The weights of VGG-16 are not on this machine."

    def refuse(route):
        if "vgg_filters" in (route.request.post_data or ""):
            route.fulfill(json={"problem": problem})
        else:
            route.continue_()

    page.route("**/component_server/", refuse)
    summary = page.locator("#kernel .like summary")
    summary.click()
    expect(page.locator("#kernel .relatives-said")).to_have_text(problem)
    page.unroute("**/component_server/")
    summary.click()
    summary.click()
    expect(page.locator("#kernel .relative").first).to_be_visible()


def test_a_closed_section_computes_nothing_and_asks_for_nothing(live):
    asked = []
    live.page.on("request", lambda request: asked.append(request.post_data or ""))
    live.call("setKernel", "emboss")
    live.page.wait_for_timeout(300)
    assert spectrum_shown(live).max() == 0
    assert not any("vgg_filters" in each for each in asked)


SEND = """(detail) => document.querySelector("#kernel .kernel-tab")
  .dispatchEvent(new CustomEvent("wk-kernel", {detail}))"""


def test_a_kernel_sent_from_elsewhere_comes_into_view_and_is_one_change(live):
    page = live.page
    page.get_by_role("button", name="A bank of 48 filters").scroll_into_view_if_needed()
    cells = [0.1234567, -1, 0, 0.5, 0, 0, 0, 0, 0.001]
    page.evaluate(SEND, {"size": 3, "cells": cells, "divide": 2, "title": "Filter 3 of the small network"})
    expect(page.locator("#kernel .grid input").first).to_have_value("0.12")
    expect(page.locator("#kernel .kernel-name")).to_have_text("Filter 3 of the small network")
    expect(page.locator("#kernel .grid")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.activeElement.className") == "kernel-name"
    page.keyboard.press("Control+z")
    expect(page.locator("#kernel .grid input").first).to_have_value("−1")
    expect(page.locator("#kernel .kernel-name")).to_have_text("Vertical edges")
