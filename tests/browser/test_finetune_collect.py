"""Photos class by class in a real Chromium: bursts from the camera while a button is held, and files."""

from __future__ import annotations

from playwright.sync_api import expect

from core.samples import sample_path
from tests.browser.test_finetune import OVERVIEW, SECONDS, TRUST, open_tab, train


def test_bursts_and_files_become_a_classifier(page, server):
    open_tab(page, server, finished=True)
    page.get_by_role("button", name="Class by class").click()
    dialog = page.locator("dialog.collect")
    use = dialog.get_by_role("button", name="Use these photos")
    expect(use).to_be_disabled()
    dialog.locator(".name").first.fill("../mug/cup")
    hold = dialog.locator(".hold").first
    hold.hover()
    page.mouse.down()
    page.wait_for_function("document.querySelectorAll('.card:first-child .shot').length >= 4")
    page.mouse.up()
    page.wait_for_timeout(500)  # the last photo may still be on its way
    taken = dialog.locator(".card").first.locator(".shot").count()
    page.wait_for_timeout(600)
    assert dialog.locator(".card").first.locator(".shot").count() == taken  # let go, and it ends
    dialog.locator(".card").first.locator(".shot").first.click()
    expect(dialog.locator(".card").first.locator(".count")).to_have_text(f"{taken - 1} photos")
    files = [sample_path(name) for name in ("cat", "mastiff", "lion", "eagle")]
    dialog.locator(".card").nth(1).locator("input[type=file]").set_input_files(files)
    expect(dialog.locator(".card").nth(1).locator(".count")).to_have_text("4 photos")
    page.evaluate("window.track = document.querySelector('dialog.collect video').srcObject.getTracks()[0]")
    use.click()
    expect(dialog).to_have_count(0)
    assert page.evaluate("window.track.readyState") == "ended"
    expect(page.locator(f"{OVERVIEW} .title")).to_have_text(
        f"Your folder: {taken + 3} photos in 2 classes", timeout=60 * SECONDS
    )
    names = page.locator(f"{OVERVIEW} .group h4 span:first-child").all_inner_texts()
    assert names == ["Class 2", "\u2013mug\u2013cup"]
    train(page)
    assert page.locator(f"{TRUST} .margin").count() == 4

    page.get_by_label("The last block too").click()
    page.get_by_role("button", name="Start").locator("visible=true").click()
    rounds = page.locator("#finetune-accuracy").get_by_text("6", exact=True)  # the end of the axis
    expect(rounds).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator(f"{TRUST} .cell").first).to_be_visible(timeout=60 * SECONDS)
    page.get_by_text("How many photos do I need?").click()
    expect(page.get_by_text("the network itself has learnt from all photos")).to_be_visible()
    assert page.console_errors == []
