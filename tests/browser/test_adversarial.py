"""Tab 5 in a real browser: attack, read the verdict, stop, start again, save and judge the file."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.backbone import load_backbone
from core.images import to_tensor

SIAMESE = 284


@pytest.fixture
def tab(page: Page, server: str) -> Page:
    page.goto(server)
    page.get_by_role("tab", name="Adversarial").click()
    expect(verdict(page)).to_contain_text("It worked", timeout=60_000)
    return page


def verdict(page: Page):
    return page.locator("#adversarial-verdict")


def judged(page: Page):
    """What stands in the verdict once there is one; Gradio keeps an unseen status of its own beside it."""
    return verdict(page).locator(".headline, table")


def share(page: Page, group: int, label: str) -> str:
    row = page.locator("#adversarial-bars .group").nth(group).locator(".row", has_text=label)
    return row.locator(".share").inner_text()


def choose(page: Page, label: str, search: str, option: str) -> None:
    page.get_by_label(label).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(search)
    page.get_by_role("option", name=option).first.click()


def set_slider(page: Page, label: str, value: float) -> None:
    page.get_by_role("spinbutton", name=re.compile(label)).fill(str(value))
    page.keyboard.press("Enter")


def test_it_opens_with_a_dog_that_became_a_cat(tab: Page):
    assert share(tab, 0, "bull mastiff").startswith("70")
    assert share(tab, 1, "Siamese cat").startswith(">")
    control = verdict(tab).locator("tr", has_text="shuffled")
    expect(control).to_contain_text("bull mastiff")
    expect(control).to_contain_text("no")
    assert not tab.console_errors


def test_the_saved_picture_is_the_file_that_was_judged(tab: Page):
    tab.locator("#adversarial-wipe .pair").hover()
    with tab.expect_download() as saved:
        tab.locator("#adversarial-wipe .pair").get_by_role("button", name="Save picture").click()
    data = saved.value.path().read_bytes()
    pixels = to_tensor(Image.open(io.BytesIO(data)))
    network = load_backbone("efficientnet_lite0", "cpu")
    probabilities = network.logits(pixels).softmax(1)[0]
    assert int(probabilities.argmax()) == SIAMESE
    assert float(probabilities[SIAMESE]) > 0.99


def test_the_handle_wipes_between_the_two(tab: Page):
    slider = tab.get_by_role("slider", name="Compare the photo")
    slider.focus()
    for _ in range(10):
        tab.keyboard.press("ArrowRight")
    split = tab.locator("#adversarial-wipe .stage").evaluate(
        "stage => stage.style.getPropertyValue('--split')"
    )
    assert split == "60%"


def test_another_target_by_search_and_another_network(tab: Page):
    choose(tab, "It should say", "zebra", "zebra")
    tab.get_by_role("button", name="Start").click()
    expect(verdict(tab)).to_contain_text("“zebra”", timeout=60_000)
    choose(tab, "Network that is attacked", "VGG", "VGG-16")
    expect(tab.locator("#adversarial-bars .group").first).to_contain_text("dog", timeout=60_000)
    expect(judged(tab)).to_have_count(0)


def test_a_network_that_is_not_here_is_offered_with_its_size(tab: Page):
    choose(tab, "Network that is attacked", "ResNet-18", "47 MB")
    expect(tab.get_by_text("47 MB to download. The networks without a size work now.")).to_be_visible()
    expect(tab.get_by_role("button", name="Download")).to_be_visible()
    choose(tab, "Network that is attacked", "Lite0", "EfficientNet-Lite0")
    expect(tab.get_by_role("button", name="Download")).to_be_hidden()


def curve_points(page: Page) -> int:
    points = page.locator("#adversarial-curve polyline").first.get_attribute("points")
    return len(points.split())


def test_stop_ends_a_long_run(tab: Page):
    set_slider(tab, "Steps", 100)
    tab.get_by_role("button", name="Start").click()
    expect(judged(tab)).to_have_count(0, timeout=30_000)
    tab.get_by_role("button", name="Stop").click()
    reached, before = curve_points(tab), 0
    while reached != before:  # what was on its way when Stop was clicked may still arrive
        tab.wait_for_timeout(2000)
        reached, before = curve_points(tab), reached
    assert reached < 101
    expect(judged(tab)).to_have_count(0)


def test_a_second_start_begins_anew(tab: Page):
    set_slider(tab, "Steps", 100)
    start = tab.get_by_role("button", name="Start")
    start.click()
    expect(judged(tab)).to_have_count(0, timeout=30_000)
    set_slider(tab, "Steps", 10)
    start.click()
    expect(verdict(tab)).to_contain_text("saved file", timeout=60_000)
    points = "document.querySelector('#adversarial-curve polyline').getAttribute('points').split(' ').length"
    tab.wait_for_function(f"{points} === 11")
    tab.wait_for_timeout(2000)
    assert curve_points(tab) == 11


def test_a_target_that_is_already_reached_gets_a_sentence(tab: Page):
    choose(tab, "It should say", "bull mast", "bull mastiff")
    tab.get_by_role("button", name="Start").click()
    expect(tab.get_by_text("already calls this photo “bull mastiff”")).to_be_visible(timeout=30_000)
    expect(verdict(tab)).to_contain_text("It worked")


def test_on_a_phone_nothing_overflows_and_start_is_at_hand(new_page, server: str):
    page = new_page(width=390, height=844)
    page.goto(server)
    page.get_by_role("tab", name="Adversarial").click()
    expect(verdict(page)).to_contain_text("It worked", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("button", name="Start")).to_be_in_viewport()
