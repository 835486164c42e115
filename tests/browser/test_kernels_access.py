"""The Kernels tab without a mouse, and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.kernels_tab import Tab, cell


@pytest.fixture
def live(page, server):
    """The tab as a user opens it."""
    return Tab(page, server)


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
    for part in (".photo", ".response", ".tile >> nth=0", ".grid"):
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
