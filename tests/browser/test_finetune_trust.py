"""How far to trust a classifier, in a real Chromium: beside the accuracy, and in the closed sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import one_page

SECONDS = 1000


@pytest.fixture(scope="module")
def trained(browser: Browser, server: str) -> Iterator[Page]:
    """The tab with its example trained: one page for all tests of its sections."""
    with one_page(browser) as page:
        page.goto(server)
        page.get_by_role("tab", name="Fine-tune").click()
        expect(page.locator("#finetune-trust .cell").first).to_be_visible(timeout=60 * SECONDS)
        yield page
        assert not page.console_errors


def open_section(page: Page, name: str) -> None:
    page.locator(f"#finetune-{name}-section > button").click()


def test_beside_the_accuracy_and_what_more_photos_bring(trained: Page) -> None:
    shares = trained.locator("#finetune-baselines .share")
    expect(shares).to_have_count(3)
    expect(shares.first).to_have_text(trained.locator("#finetune-trust .large").inner_text())
    expect(shares.last).to_have_text("33\u202f%")

    open_section(trained, "photos-needed")
    words = trained.locator("#finetune-photos-needed-words")
    expect(words).to_contain_text("More photos like these")
    expect(trained.locator("#finetune-photos-needed circle")).to_have_count(5)
    expect(trained.locator("#finetune-photos-needed .band")).to_have_count(1)
    trained.locator("#finetune-photos-needed-start").click()
    expect(words).to_contain_text("More photos like these")

    trained.get_by_role("button", name="Start").locator("visible=true").click()
    expect(trained.locator("#finetune-photos-needed circle")).to_have_count(0)
    open_section(trained, "photos-needed")  # shut, and open again while it learns
    open_section(trained, "photos-needed")
    expect(trained.locator("#finetune-trust .cell").first).to_be_visible(timeout=60 * SECONDS)
    expect(words).to_contain_text("More photos like these", timeout=60 * SECONDS)  # by itself
    expect(trained.locator("#finetune-photos-needed circle")).to_have_count(5)


def test_a_photo_unlike_all_is_flagged_and_one_sees_where_it_looks(trained: Page) -> None:
    novelty, canvas = trained.locator("#finetune-seen .novelty"), trained.locator("#finetune-seen canvas")
    expect(novelty.locator("b")).to_have_text("Unlike anything it has learnt")
    expect(novelty.locator("img")).to_be_visible()
    trained.locator("#finetune-photos [data-name=bricks]").click()
    name = trained.locator("#finetune-answer .row.marked .name")
    expect(name).to_have_text("brick")
    expect(canvas).to_have_attribute("aria-label", "Where the network finds what speaks for brick")
    orange = canvas.evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4) count += data[i] > data[i + 2] + 40;
          return count / (data.length / 4);
        }"""
    )
    assert 0.02 < orange < 1


def test_the_map_shows_the_photo_that_one_points_at(trained: Page) -> None:
    open_section(trained, "map")
    # The event by which the tab Feature maps hears of another photo is not for this one
    trained.evaluate("document.addEventListener('wk-photo', () => { window.otherPhoto = true; })")
    canvas, picture = (
        trained.locator("#finetune-map .plot > canvas"),
        trained.locator("#finetune-map .reading img"),
    )
    expect(canvas).to_have_attribute("aria-label", "Map of 75 photos. The arrow keys go from photo to photo.")
    expect(trained.locator("#finetune-map .legend span")).to_have_count(3)
    canvas.focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        canvas.press(key)
        seen.add(trained.locator("#finetune-map .which").inner_text())
    assert len(seen) >= 2
    assert all(name.startswith(("brick:", "grass:", "gravel:")) for name in seen)
    expect(picture).to_have_attribute("src", re.compile("^data:image/jpeg"))
    assert not trained.evaluate("window.otherPhoto")


def test_the_same_network_without_its_training(trained: Page) -> None:
    open_section(trained, "gap")
    trained.locator("#finetune-gap-start").click()
    shares = trained.locator("#finetune-gap .share")
    expect(shares).to_have_count(2, timeout=60 * SECONDS)
    expect(shares.first).to_have_text(trained.locator("#finetune-trust .large").inner_text())
    expect(trained.locator("#finetune-gap-words")).to_contain_text("45 photos learnt from, 30 held out")
