"""The Kernels tab in a real Chromium, as a student uses it: a picture that keeps up with every touch."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.kernels_tab import Tab, cell, pixels_of, requests_from_now_on


@pytest.fixture
def live(page, server):
    """The tab as a user opens it."""
    return Tab(page, server)


def test_opens_on_the_cat_with_vertical_edges_and_one_pixel_worked_out(live):
    page = live.page
    assert page.locator("#kernel .kernel-name").inner_text() == "Vertical edges"
    assert page.locator("#kernel .photo-caption").inner_text() == "Cat (Chelsea), 451 × 300 pixels"
    numbers = [cell(live, place).input_value() for place in range(9)]
    assert numbers == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    products = [
        float(said.replace("−", "-")) for said in page.locator(".products .numbers span").all_inner_texts()
    ]
    shown = float(page.locator(".step.final b").inner_text().replace("−", "-"))
    assert sum(products) == pytest.approx(shown, abs=0.05)
    assert np.abs(live.response()).max() > 1
    assert page.console_errors == []


def test_dragging_a_number_far_from_the_server_asks_it_for_nothing(slow_page, server):
    live, page = Tab(slow_page, server), slow_page
    asked = requests_from_now_on(page, besides='"fn_name":"photo"')  # photos are fetched ahead meanwhile
    drawn = page.locator("#kernel .response canvas")
    before = drawn.evaluate("(canvas) => canvas.toDataURL()")
    box = cell(live).bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 20, steps=5)
    assert cell(live).input_value() == "1"
    page.wait_for_function(
        "(before) => document.querySelector('#kernel .response canvas').toDataURL() !== before", arg=before
    )
    page.mouse.up()
    page.get_by_role("button", name="Undo").click()
    expect(cell(live)).to_have_value("0")
    page.get_by_role("button", name="Box blur").click()
    page.locator("#kernel .options summary").click()
    page.get_by_label("ReLU: negative becomes zero").check()
    expect(page.locator("#kernel .kernel-name")).to_have_text("Box blur")
    assert asked == []


def test_what_rounding_does_to_the_sum_is_told_and_a_number_tells_its_digits(live):
    page, remark = live.page, live.page.locator("#kernel .remark")
    pixels = np.full((9, 9, 3), 101, np.uint8)
    pixels[:, 5:] = 133  # of 255
    live.load(pixels)
    live.call("setOptions", {"colour": "grey"})
    page.locator("#kernel .response .frame").focus()
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    shown = page.locator(".products .numbers span").all_inner_texts()
    assert shown == ["−0.40", "0", "0.52", "−0.79", "0", "1.04", "−0.40", "0", "0.52"]
    assert "would add up to 0.49; unrounded they give 0.50" in remark.inner_text()
    assert page.locator(".step.final b").inner_text() == "0.50"
    page.locator(".products .numbers span").nth(5).hover()
    assert remark.inner_text() == "0.5216 × 2 = 1.0431"
    page.mouse.move(0, 0)
    page.locator(".products .numbers").focus()
    page.keyboard.press("ArrowDown")
    assert remark.inner_text() == "0.3961 × −2 = −0.7922"


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ("sobel_x", "signed colours, because flat areas give next to nothing"),
        ("box_blur", "a picture, because no number of the kernel is below zero"),
        ("sharpen", "a picture, because flat areas stay bright"),
        (
            {"size": 3, "cells": [0, 0, 0, 0, -1, 0, 0, 0, 0]},
            "signed colours, because flat areas come out below zero",
        ),
        (
            {"size": 3, "cells": [-1, 0, 1, -2, 0.5, 2, -1, 0, 1]},
            "still signed colours; flat areas keep only 50",
        ),
    ],
)
def test_the_automatic_view_gives_its_reason(live, kernel, said):
    reason = live.page.locator("#kernel .view-reason")
    live.call("setKernel", kernel)
    assert reason.inner_text().startswith(f"Automatic: {said}")
    live.call("setOptions", {"view": "stretched"})
    assert reason.inner_text() == ""


def test_automatic_view_waits_until_the_kernel_keeps_brightness(live):
    legend = live.page.locator("#kernel .legend-text")
    for centre, said in (
        (0.5, "Blue is below zero"),
        (1, "Each colour channel"),
        (0.5, "Each colour"),
        (0, "Blue"),
    ):
        cells = [-1, 0, 1, -2, centre, 2, -1, 0, 1]
        live.call("setKernel", {"size": 3, "cells": cells})
        live.page.wait_for_function(
            "(s) => document.querySelector('#kernel .legend-text').textContent.startsWith(s)", arg=said
        )
    assert "True range" in legend.inner_text()


def test_numbers_are_typed_stepped_and_undone_by_keyboard(live):
    page = live.page
    cell(live).focus()
    page.keyboard.type("1/4")
    page.keyboard.press("Tab")
    expect(cell(live)).to_have_value("0.25")
    cell(live).focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(cell(live)).to_have_value("1.3")
    page.keyboard.press("Control+z")
    expect(cell(live)).to_have_value("0.25")
    page.locator("#kernel .response .frame").focus()
    where = page.locator("#kernel .where").inner_text()
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#kernel .where").inner_text() != where


def test_hovering_shows_the_pixel_under_the_pointer(live):
    page = live.page
    pixels = pixels_of("digit_7", 28)
    live.load(pixels)
    page.wait_for_timeout(200)
    box = page.locator("#kernel .response canvas").bounding_box()
    column, row = 14, 9
    page.mouse.move(
        box["x"] + (column + 0.5) * box["width"] / 28, box["y"] + (row + 0.5) * box["height"] / 28
    )
    expected = pixels[row - 1 : row + 2, column - 1 : column + 2, 0].ravel() / 255
    shown = page.locator(".pixels .numbers span").all_inner_texts()
    np.testing.assert_allclose([float(said) for said in shown], expected, atol=0.006)
    assert f"column {column + 1}, row {row + 1}" in page.locator("#kernel .where").inner_text()


def test_a_click_holds_the_pixel_until_it_is_let_go(live):
    page, where = live.page, live.page.locator("#kernel .where")
    box = page.locator("#kernel .photo canvas").bounding_box()
    place = box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]
    page.mouse.click(*place)
    assert where.inner_text().startswith("Held")
    held = where.inner_text()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"])
    assert where.inner_text() == held
    page.keyboard.press("Escape")
    assert where.inner_text().startswith("Response")
    page.mouse.click(*place)
    assert where.inner_text() == held
    page.mouse.click(*place)
    assert where.inner_text().startswith("Response")
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    assert where.inner_text() not in held


def test_a_pixel_to_guess_stays_and_sliding_ends_the_guess(live):
    page, where = live.page, live.page.locator("#kernel .where")
    page.get_by_role("button", name="Guess a pixel").click()
    asked = where.inner_text()
    page.locator("#kernel .photo canvas").click(position={"x": 40, "y": 40})
    assert where.inner_text() == asked
    page.get_by_role("button", name="Watch it slide").click()
    assert page.locator("#kernel form.guess").is_hidden()
    assert "?" not in page.locator("#kernel .products .numbers").inner_text()


def test_slide_reveals_the_response_step_by_step(live):
    page = live.page
    page.get_by_role("button", name="Watch it slide").click()
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Pause").click()
    where = page.locator("#kernel .where").inner_text()
    page.wait_for_timeout(200)
    assert page.locator("#kernel .where").inner_text() == where
    page.get_by_role("button", name="Step", exact=True).click()
    assert page.locator("#kernel .where").inner_text() != where
    assert page.locator("#kernel .veil").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert page.locator("#kernel .veil").is_hidden()


def test_the_readout_gives_the_response_and_leads_to_its_arithmetic(live):
    page, readout = live.page, live.page.locator("#kernel .readout")
    assert page.locator(".step.final b").inner_text() in readout.inner_text()
    readout.click()
    page.wait_for_function(
        "document.querySelector('#kernel .sums').getBoundingClientRect().bottom <= innerHeight"
    )
    page.get_by_role("button", name="Guess a pixel").click()
    assert "?" in readout.inner_text()


@pytest.mark.parametrize(("factor", "said"), [(1, "Right"), (-1, "Mind the sign")])
def test_guess_the_pixel(live, factor, said):
    page = live.page
    page.get_by_role("button", name="Guess a pixel").click()
    assert page.locator(".step.final b").inner_text() == "?"
    assert set(page.locator(".products .numbers span").all_inner_texts()) == {"?"}
    words = page.locator("#kernel .where").inner_text().replace(",", "").replace(".", "").split()
    column, row = int(words[words.index("column") + 1]) - 1, int(words[words.index("row") + 1]) - 1
    page.get_by_label("Your answer").fill(str(factor * round(float(live.response()[row, column, 0]), 2)))
    page.get_by_role("button", name="Check").click()
    assert said in page.locator("#kernel .guess-verdict").inner_text()
    assert page.locator(".step.final b").inner_text() != "?"


def test_two_kernels_are_replaced_by_the_one_they_amount_to(live):
    page = live.page
    live.call("setKernel", "box_blur", "sobel_y")
    page.locator("#kernel .stack summary").click()
    body = page.locator("#kernel .stack-body")
    body.get_by_text("what one 5 × 5 kernel does").wait_for()
    assert "18 multiplications a pixel, the one kernel takes 25" in body.inner_text()
    before = live.response()[4:-4, 4:-4]
    page.get_by_role("button", name="Use that one kernel instead").click()
    page.wait_for_function("document.querySelectorAll('#kernel .grid input').length === 25")
    np.testing.assert_allclose(live.response()[4:-4, 4:-4], before, rtol=0, atol=1e-4)
