"""The sets of pictures that come with the app, chosen in a real Chromium."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from core.finetune import texture_tiles

SECONDS = 1000
TRUST, OVERVIEW = "#finetune-trust", "#finetune-overview"


def choice(page: Page, name: str) -> Locator:
    return page.locator(f"#finetune-sets [data-set={name}]")


def expect_shown(page: Page, name: str, title: str, classes: int) -> None:
    """The set is what the page is about, and its button says so."""
    expect(page.locator(f"{OVERVIEW} .title")).to_have_text(title, timeout=30 * SECONDS)
    expect(page.locator(f"{OVERVIEW} .group h4")).to_have_count(classes)
    expect(page.locator("#finetune-sets [aria-pressed=true]")).to_have_attribute("data-set", name)


def expect_tested_on(page: Page, photos: int) -> None:
    expect(page.locator(f"{TRUST} .interval")).to_contain_text(f"of {photos} photos", timeout=60 * SECONDS)


def test_one_set_after_another_then_photos_of_ones_own(new_page, server, tmp_path):
    page = new_page(390, 844)
    page.goto(server)
    page.get_by_role("tab", name="Fine-tune").click()
    expect_shown(page, "textures", "An example: 75 pieces of 3 textures", 3)
    choice(page, "textures").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # in the middle of training on the textures
    expect_shown(page, "digits", "An example: 240 handwritten digits, 10 classes", 10)
    expect_tested_on(page, 80)
    expect(page.locator("#finetune-answer .row")).to_have_count(10)

    choice(page, "shapes").click()
    expect_shown(page, "shapes", "An example: 160 drawings of 4 shapes", 4)
    expect(page.locator(f"{TRUST} .cell")).to_have_count(0)
    share = page.get_by_role("slider", name="Held out for the test")
    expect(share).to_be_enabled()
    choice(page, "textures").click()  # in the middle of training on the shapes
    expect_shown(page, "textures", "An example: 75 pieces of 3 textures", 3)
    expect_tested_on(page, 30)
    expect(share).to_be_disabled()  # the set has a split of its own
    expect(page.locator(f"{OVERVIEW} .title")).to_be_in_viewport()  # a choice shows what it brings
    page.get_by_role("button", name="Settings", exact=True).locator("visible=true").click()
    expect(page.get_by_text("Nothing to set here.")).to_be_in_viewport()

    texture_tiles(tmp_path / "photos")
    page.locator("#finetune-folder input[data-way=folder]").set_input_files(tmp_path / "photos")
    expect(page.locator(f"{OVERVIEW} .title")).to_have_text("Your folder: 75 photos in 3 classes")
    expect(page.locator("#finetune-sets [aria-pressed=true]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.console_errors == []
