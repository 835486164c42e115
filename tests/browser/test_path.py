"""The path through the app in a real Chromium: one visitor walks it from the first page to the last tab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.finetune import texture_tiles
from demos._lesson import PATH
from tests.browser.conftest import one_page

SECONDS = 1000
GUESSES = ("blurred", "blur", "unknown", "shows", "cat")  # wrong ones, in the order of PATH


@pytest.fixture(scope="module")
def page(browser, server: str) -> Iterator[Page]:
    with one_page(browser, first_visit=True) as page:
        page.sent = []
        page.on("request", lambda request: page.sent.append(f"{request.url} {request.post_data or ''}"))
        page.goto(server)
        yield page


def lesson(page: Page, tab: str):
    return page.locator(f"#{tab.replace('_', '-')}-lesson")


def expect_done(page: Page, tab: str, *places: int) -> None:
    """These of a tab's tasks are ticked, and no others."""
    items = lesson(page, tab).locator(".tasks li")
    for place in range(3):
        expected = "done" if place in places else ""
        expect(items.nth(place)).to_have_class(expected, timeout=60 * SECONDS)


def guess(page: Page, tab: str) -> None:
    lesson(page, tab).locator(f".before [data-option={GUESSES[PATH.index(tab)]}]").click()
    expect(lesson(page, tab).locator(".before .guess")).to_contain_text("Your guess")
    expect(lesson(page, tab).locator(".after .option")).to_have_count(0)
    lesson(page, tab).get_by_role("button", name="Back up").click()
    expect(page.locator(f"#{tab.replace('_', '-')}-task .next")).to_be_focused()
    expect(page.locator(f"#{tab.replace('_', '-')}-task .next")).to_be_in_viewport()


def answer_and_go_on(page: Page, tab: str) -> None:
    """All tasks are done: the question is asked again, and what is right is told, then the next tab opens."""
    after = lesson(page, tab).locator(".after")
    expect(after.locator(".guess")).to_contain_text("Your guess was")
    after.locator(f"[data-option={GUESSES[PATH.index(tab)]}]").click()
    expect(after.locator(".verdict")).to_contain_text("Not this one")
    after.locator("[data-option=right]").click()
    expect(after.locator(".verdict.right")).to_contain_text("You have changed your mind")
    after.locator(".next").click()


def expect_open(page: Page, tab: str) -> None:
    expect(page.locator(f"button[data-tab-id={tab}]").first).to_have_attribute("aria-selected", "true")


def squares(page: Page):
    """The pixels under the kernel and its numbers, as the arithmetic shows them."""
    return [page.locator("#kernel .sums .numbers").nth(place).locator("span") for place in (0, 1)]


def number(shown: str) -> float:
    return float(shown.replace("\u2212", "-"))


def test_a_first_visit_begins_with_the_way_through_the_app(page):
    expect_open(page, "start")
    expect(page.locator("#start .card")).to_have_count(len(PATH))
    expect(page.locator("#start .forget")).to_be_hidden()
    page.wait_for_function("[...document.querySelectorAll('#start img')].every((each) => each.naturalWidth)")
    page.locator("#start .card").first.focus()
    page.keyboard.press("Enter")
    expect_open(page, "kernels")


def test_kernels(page):
    page.wait_for_selector("#kernel .histogram[aria-label]")
    guess(page, "kernels")
    expect_done(page, "kernels")
    page.locator("#kernel .preset[data-name=sobel_y]").click()
    expect_done(page, "kernels", 0)
    expect(page.locator("#kernels-lesson .said")).to_have_text("Task 1 is done.")
    cells = page.locator("#kernel .grid input")
    cells.nth(3).fill("-4")
    expect(page.locator(".task:visible .next")).to_contain_text("add up to 0")
    cells.nth(4).fill("4")
    expect_done(page, "kernels", 0, 1)
    page.get_by_role("button", name="Guess a pixel").click()
    pixels, kernel = ([number(each) for each in grid.all_inner_texts()] for grid in squares(page))
    page.get_by_label("Your answer").fill(str(sum(a * b for a, b in zip(pixels, kernel, strict=True))))
    page.get_by_role("button", name="Check").click()
    expect_done(page, "kernels", 0, 1, 2)
    answer_and_go_on(page, "kernels")


def test_feature_maps(page):
    expect_open(page, "feature_maps")
    maps = page.locator("#feature-maps")
    guess(page, "feature_maps")
    for layer in ("conv1_1", "conv5_3"):
        maps.locator(f".block.here[data-layer={layer}]").click(timeout=60 * SECONDS)
        expect(maps.locator("canvas.tiles")).to_have_attribute("aria-label", re.compile(layer))
    expect_done(page, "feature_maps", 0)
    maps.locator("canvas.overlay").click()
    expect(maps.locator(".early")).to_be_hidden()  # the layer knows parts
    maps.get_by_role("button", name="What it wants").click()
    expect_done(page, "feature_maps", 0, 1)
    maps.locator(".toolbar select").select_option("share")
    page.wait_for_function("document.querySelector('#feature-maps .maps').dataset.sorted === 'share'")
    maps.get_by_role("button", name="Switch off", exact=True).click()
    tiles = maps.locator("canvas.tiles")
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 5, steps=60)
    page.mouse.up()
    expect_done(page, "feature_maps", 0, 1, 2)
    answer_and_go_on(page, "feature_maps")


def swapped(folder: Path) -> Path:
    """Bricks and gravel to learn from, tested on with their names swapped: all answers are wrong."""
    texture_tiles(folder / "whole")
    for part, names in (("train", ("brick", "gravel")), ("test", ("gravel", "brick"))):
        for label, name in zip(("one", "other"), names, strict=True):
            given = folder / "given" / part / label
            given.mkdir(parents=True)
            for path in sorted((folder / "whole" / part / name).iterdir())[:5]:
                path.rename(given / path.name)
    return folder / "given"


def test_finetune(page, tmp_path):
    guess(page, "finetune")
    expect(page.locator("#finetune-overview .title")).to_contain_text("textures", timeout=60 * SECONDS)
    expect_done(page, "finetune")
    page.locator("#finetune-folder input[data-way=folder]").set_input_files(swapped(tmp_path))
    expect(page.locator("#finetune-overview .title")).to_contain_text("20 photos", timeout=60 * SECONDS)
    page.get_by_role("button", name="Start", exact=True).locator("visible=true").click()
    expect_done(page, "finetune", 0)
    page.locator("#finetune-trust .cell.wrong:enabled").first.click()
    expect_done(page, "finetune", 0, 1)
    page.locator("#finetune-photos [data-name=coffee]").click()
    expect_done(page, "finetune", 0, 1, 2)
    answer_and_go_on(page, "finetune")


def test_ideal_image(page):
    frames = "#ideal-frames .frames"
    guess(page, "ideal_image")
    page.wait_for_selector(f"{frames}[data-run]", timeout=60 * SECONDS)
    steps = page.get_by_role("spinbutton", name="number input for Steps")
    steps.fill("16")
    steps.press("Enter")
    panel = page.get_by_role("tabpanel")
    panel.get_by_label("Pixels alone").check()
    panel.get_by_role("button", name="Start", exact=True).click()
    expect_done(page, "ideal_image", 1)
    page.locator("#ideal-frames .place").fill("0")
    expect_done(page, "ideal_image", 0, 1)
    panel.get_by_label("All four, side by side").check()
    panel.get_by_role("button", name="Start", exact=True).click()
    expect_done(page, "ideal_image", 0, 1, 2)
    answer_and_go_on(page, "ideal_image")


def test_adversarial(page):
    guess(page, "adversarial")
    expect(page.locator("#adversarial-verdict")).to_contain_text("It worked", timeout=60 * SECONDS)
    expect_done(page, "adversarial")
    page.get_by_role("button", name="Tabby", exact=True).locator("visible=true").click()
    expect(page.get_by_label("It should say")).to_have_value(re.compile("tabby"))
    page.get_by_role("button", name="Start", exact=True).locator("visible=true").click()
    expect_done(page, "adversarial", 0)
    page.locator("#adversarial-controls-section button.label-wrap").click()
    expect_done(page, "adversarial", 0, 1)
    defend = page.locator("#adversarial-defend-section")
    defend.locator("button.label-wrap").click()
    expect(defend.locator("tr", has_text="through the defence")).to_be_visible(timeout=30 * SECONDS)
    expect_done(page, "adversarial", 0, 1)
    defend.get_by_label("Blur").click()
    expect_done(page, "adversarial", 0, 1, 2)
    answer_and_go_on(page, "adversarial")


def test_a_reload_opens_the_tab_that_was_open_and_the_progress_is_there_until_it_is_forgotten(page):
    expect_open(page, "start")
    page.locator("button[data-tab-id=kernels]").first.click()
    page.reload()
    expect_open(page, "kernels")
    expect_done(page, "kernels", 0, 1, 2)
    expect(lesson(page, "kernels").locator(".verdict.right")).to_be_visible()
    page.locator("button[data-tab-id=start]").first.click()
    expect(page.locator("#start .count")).to_have_text(["3 of 3 tasks"] * len(PATH))
    assert not [each for each in page.sent if "whiskers-progress" in each or '"before"' in each]
    page.locator("#start .forget").click()
    expect(page.locator("#start .count")).to_have_text(["0 of 3 tasks"] * len(PATH))
    expect(page.locator("#start .go")).to_have_text("Begin with Kernels")
    assert page.evaluate("localStorage.getItem('whiskers-progress')") == "{}"
    assert page.console_errors == []
