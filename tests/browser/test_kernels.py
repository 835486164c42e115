"""The Kernels tab in a real Chromium, as a student uses it: a picture that keeps up with every touch."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.kernels_tab import Tab, pixels_of


@pytest.fixture
def live(page, server):
    """The tab as a user opens it."""
    return Tab(page, server)


def cell(live, place=4):
    return live.page.locator("#kernel .grid input").nth(place)


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


def requests_from_now_on(page, *, besides: str = "") -> list[str]:
    """What the page asks of the server once it is quiet; requests that hold `besides` do not count."""
    asked: list[str] = []

    def note(request):
        if request.url.startswith("http") and not (besides and besides in (request.post_data or "")):
            asked.append(request.url)

    page.on("request", note)
    before = -1
    while before != len(asked):
        before = len(asked)
        page.wait_for_timeout(500)
    asked.clear()
    return asked


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


def test_photos_are_there_before_they_are_chosen(live):
    asked = requests_from_now_on(live.page)
    live.page.get_by_role("button", name="Stained glass").click()
    expect(live.page.locator("#kernel .photo-caption")).to_contain_text("Stained glass")
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
        ("sobel_x", "signed colours, because flat areas give nothing"),
        ("box_blur", "a picture, because no number of the kernel is below zero"),
        ("sharpen", "a picture, because flat areas stay bright"),
        ({"size": 3, "cells": [0, 0, 0, 0, -1, 0, 0, 0, 0]}, "signed colours, because flat areas fall below"),
        ({"size": 3, "cells": [-1, 0, 1, -2, 0.5, 2, -1, 0, 1]}, "still signed colours. Flat areas give 50"),
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


def test_ones_own_picture_is_upright_and_shrunk_and_a_text_is_explained(live, tmp_path):
    page = live.page
    picture = Image.new("RGB", (1200, 600), "red")
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    picture.save(tmp_path / "turned.jpg", exif=exif)
    (tmp_path / "letter.png").write_text("Dear cat,")
    page.locator("#kernel input[type=file]").set_input_files(tmp_path / "turned.jpg")
    page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.includes('256 × 512')"
    )
    page.locator("#kernel input[type=file]").set_input_files(tmp_path / "letter.png")
    page.wait_for_selector("#kernel .problem:not([hidden])")
    assert "letter.png could not be read as a picture" in page.locator("#kernel .problem").inner_text()


def test_a_picture_is_pasted(live):
    live.page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 30});
          canvas.getContext("2d").fillRect(0, 0, 9, 9);
          const blob = await new Promise((done) => canvas.toBlob(done));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([blob], "pasted.png", {type: "image/png"}));
          document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, cancelable: true}));
        }"""
    )
    live.page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.includes('40 × 30')"
    )


def test_drawing_answers_the_pen_and_the_keyboard(live):
    page = live.page
    page.get_by_role("button", name="Draw").click()
    page.wait_for_function("document.querySelector('#kernel .photo-caption').textContent.includes('84 × 84')")
    assert np.abs(live.response()).max() == 0
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    drawn = np.abs(live.response()).sum()
    assert drawn > 0
    frame = page.locator("#kernel .photo .frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 90, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert np.abs(live.response()).sum() > drawn


def test_camera_is_mirrored_live_and_off_when_the_tab_is_left(live):
    page = live.page
    page.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => (window.stream = await ask(wish));
        }"""
    )
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.startsWith('Camera')"
    )
    first = live.call("readResponse")["data"]
    page.wait_for_timeout(500)
    assert live.call("readResponse")["data"] != first
    assert page.evaluate("stream.getTracks()[0].readyState") == "live"
    page.get_by_role("tab").nth(1).click()
    page.wait_for_function("stream.getTracks()[0].readyState === 'ended'")


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


def focus_by_tab(page, selector: str) -> None:
    """Press Tab until what `selector` names has the focus."""
    for _ in range(60):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {selector}")


def test_everything_works_by_keyboard_alone(live):
    page, where = live.page, live.page.locator("#kernel .where")
    focus_by_tab(page, "#kernel .preset[aria-pressed=true]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#kernel .kernel-name")).to_have_text("Horizontal edges")
    focus_by_tab(page, "#kernel .tile")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator("#kernel .photo-caption")).to_contain_text("Handwritten 9, 28 × 28")
    focus_by_tab(page, "#kernel .grid input")
    page.keyboard.press("ArrowUp")
    expect(cell(live, 0)).to_have_value("−0.9")
    focus_by_tab(page, "#kernel .response .frame")
    before = where.inner_text()
    page.keyboard.press("ArrowDown")
    assert where.inner_text() != before
    focus_by_tab(page, "#kernel .tasks .wk-button")
    page.keyboard.press("Enter")
    expect(page.locator("#kernel .veil")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#kernel .tasks .wk-button").first).to_have_text("Go on")
    focus_by_tab(page, "#kernel .tasks .wk-button:last-child")
    page.keyboard.press("Enter")
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    expect(page.locator("#kernel .guess-verdict")).to_contain_text("it is", ignore_case=True)
    for section in ("options", "like", "stack"):
        focus_by_tab(page, f"#kernel .{section} summary")
        page.keyboard.press("Enter")
    expect(page.locator("#kernel details[open]")).to_have_count(3)


def test_on_a_phone_rows_fade_where_they_go_on_and_thumbnails_follow_the_photo(new_page, server):
    live = Tab(new_page(390, 844), server)
    presets, tops = live.page.locator("#kernel .presets"), []
    expect(presets).to_have_class("presets more-left more-right")
    expect(presets.locator("[aria-pressed=true]")).to_be_in_viewport(ratio=1)
    presets.evaluate("(row) => row.scrollTo({left: 1e6})")
    expect(presets).to_have_class("presets more-left")
    for part in (".photo", ".tile >> nth=0", ".response", ".grid"):
        tops.append(live.page.locator(f"#kernel {part}").bounding_box()["y"])
    assert tops == sorted(tops)


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_overflows_and_every_canvas_is_labelled(new_page, server, width):
    live = Tab(new_page(width, 844), server)
    live.page.locator("#kernel details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    live.page.wait_for_selector("#kernel .relative[data-index]")
    for size in ("sobel_x", "gaussian_blur", "motion_blur"):
        live.call("setKernel", size)
        assert live.page.evaluate("document.scrollingElement.scrollWidth") <= width
    canvases = live.page.locator("#kernel canvas")
    assert canvases.count() == live.page.locator("#kernel canvas[role=img][aria-label]").count() >= 12
