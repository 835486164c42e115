"""Tab 5 in a real browser: attack, read the verdict, stop, start again, save and judge the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.backbone import load_backbone
from core.images import to_tensor
from tests.browser.conftest import one_page, slowed

SIAMESE = 284


@pytest.fixture(scope="module")
def shared(browser, server: str) -> Iterator[Page]:
    with one_page(browser) as page:
        page.goto(f"{server}?tab=adversarial")
        expect(verdict(page)).to_contain_text("It worked", timeout=60_000)
        yield page


@pytest.fixture
def tab(page: Page, server: str) -> Page:
    page.goto(server)
    page.get_by_role("tab", name="Adversarial").click()
    expect(verdict(page)).to_contain_text("It worked", timeout=60_000)
    return page


def verdict(page: Page):
    return page.locator("#adversarial-verdict")


def judged(page: Page):
    """What stands in the verdict once there is one."""
    return verdict(page).locator("table")


def share(page: Page, group: int, label: str) -> str:
    row = page.locator("#adversarial-bars .group").nth(group).locator(".row", has_text=label)
    return row.locator(".share").inner_text()


MOST_FOUND = 5  # of a search that is specific


def choose(page: Page, label: str, search: str, option: str) -> None:
    page.get_by_label(label).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(search)
    options = page.get_by_role("option")
    expect(options.nth(MOST_FOUND)).to_have_count(0)  # the list has closed up
    options.filter(has_text=option).first.click()


def set_slider(page: Page, label: str, value: float) -> None:
    page.get_by_role("spinbutton", name=re.compile(label)).fill(str(value))
    page.keyboard.press("Enter")


def open_section(page: Page, name: str):
    section = page.locator(f"#adversarial-{name}-section")
    section.locator("button.label-wrap").click()
    return section


def test_it_opens_with_a_dog_that_became_a_cat(shared: Page):
    assert share(shared, 0, "bull mastiff").startswith("70")
    assert share(shared, 1, "Siamese cat").startswith(">")
    control = verdict(shared).locator("tr", has_text="shuffled")
    expect(control).to_contain_text("bull mastiff")
    expect(control).to_contain_text("no")
    assert not shared.console_errors


def test_the_handle_wipes_between_the_two_and_a_lens_shows_single_pixels(shared: Page):
    slider = shared.get_by_role("slider", name="Compare the photo")
    slider.focus()
    for _ in range(10):
        shared.keyboard.press("ArrowRight")
    split = shared.locator("#adversarial-wipe .stage").evaluate(
        "stage => stage.style.getPropertyValue('--split')"
    )
    assert split == "60%"
    shared.get_by_role("button", name="Lens").click()
    shared.locator("#adversarial-wipe .stage").hover(position={"x": 120, "y": 150})
    apart = shared.locator("#adversarial-wipe .lens").evaluate(
        """lens => { const [a, b] = [...lens.querySelectorAll("canvas")].map((canvas) =>
          canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
          return Math.max(...a.map((value, i) => Math.abs(value - b[i]))); }"""
    )
    assert apart == 2
    shared.get_by_role("button", name="Which pixels").click()
    expect(shared.locator("#adversarial-wipe .change figcaption")).to_contain_text(
        "of the pixels are changed"
    )


def test_what_is_below_answers_when_it_is_opened(shared: Page):
    open_section(shared, "closer")
    expect(shared.locator("#adversarial-maps img")).to_have_count(2, timeout=60_000)
    expect(shared.locator("#adversarial-sizes")).to_contain_text("2 of 255")
    open_section(shared, "controls")
    expect(shared.locator("#adversarial-noise figure", has_text="Noise")).to_contain_text(
        "bull mastiff", timeout=60_000
    )
    expect(shared.locator("#adversarial-transfer tr", has_text="Lite2")).to_be_visible()
    expect(shared.locator("#adversarial-line polyline")).to_have_count(2)
    defence = open_section(shared, "defend").locator("#adversarial-defence")
    expect(defence).to_contain_text("held, until the attacker knew it", timeout=60_000)
    expect(defence.locator("tr", has_text="the first attack")).to_contain_text("no")
    expect(defence.locator("tr", has_text="through the defence")).to_contain_text("yes")
    assert not shared.console_errors


def test_the_blind_test_ends_with_a_threshold(shared: Page):
    open_section(shared, "blind")
    test = shared.locator("#adversarial-blind")
    expect(test.locator(".choices img")).to_have_count(2, timeout=60_000)

    def click(right: bool) -> None:
        left = test.locator(".choices").get_attribute("data-changed") == "left"
        test.locator(f"[data-side={'left' if left == right else 'right'}]").click()

    click(right=False)
    for _ in range(4):
        expect(test.locator(".ask")).to_contain_text("budget 2 of 255")
        click(right=True)
    expect(test.locator(".result")).to_have_text("You see it from 2 of 255 levels on.")
    expect(test.locator("tbody tr")).to_have_count(2)


def test_saved_and_loaded_again_the_answer_is_the_same(shared: Page, tmp_path):
    shared.locator("#adversarial-wipe .pair").hover()
    with shared.expect_download() as saved:
        shared.locator("#adversarial-wipe .pair").get_by_role("button", name="Save picture").click()
    path = tmp_path / "saved.png"
    saved.value.save_as(path)
    network = load_backbone("efficientnet_lite0", "cpu")
    probabilities = network.logits(to_tensor(Image.open(io.BytesIO(path.read_bytes())))).softmax(1)[0]
    assert int(probabilities.argmax()) == SIAMESE
    before = verdict(shared).locator("table").inner_text()
    shared.get_by_role("button", name="Take it with you").click()
    shared.locator("#adversarial input[type=file][accept='.png']").set_input_files(path)
    expect(shared.get_by_text("Loaded, and judged again")).to_be_visible(timeout=60_000)
    expect(shared.locator("#adversarial-curve polyline")).to_have_count(0)
    assert verdict(shared).locator("table").inner_text() == before


def test_a_link_opens_the_smallest_change_and_says_what_it_refused(new_page, server: str):
    page = slowed(new_page())
    page.goto(f"{server}?tab=adversarial&photo=dalmatian&question=smallest&norm=l2&passes=20&steps=1000")
    expect(page.get_by_text("no dial here allows (steps)")).to_be_visible(timeout=60_000)
    expect(verdict(page)).to_contain_text("saved file", timeout=60_000)
    expect(page.locator("#adversarial-photos [aria-checked=true]")).to_have_attribute(
        "data-name", "dalmatian"
    )
    expect(page.locator("#adversarial-link input")).to_have_value(re.compile("question=smallest"))
    expect(page.get_by_label("Budget (epsilon)")).to_have_count(0)
    assert not page.console_errors


def test_another_target_by_search_and_another_network(tab: Page):
    open_section(tab, "closer")
    top = tab.locator("#adversarial-top .group").last
    expect(top).to_contain_text("Siamese cat", timeout=60_000)
    choose(tab, "It should say", "zebra", "zebra")
    tab.get_by_role("button", name="Start").click()
    expect(verdict(tab)).to_contain_text("“zebra”", timeout=60_000)
    expect(top).to_contain_text("zebra", timeout=60_000)  # an open section follows
    expect(tab.locator(".wk-questions.wk-stale")).to_have_count(0)
    choose(tab, "Network that is attacked", "VGG", "VGG-16")
    expect(tab.locator("#adversarial-bars .group").first).to_contain_text("dog", timeout=60_000)
    expect(judged(tab)).to_have_count(0)
    expect(tab.locator("#adversarial-sizes")).to_contain_text("Nothing to ask about yet")
    expect(top).to_have_count(0)
    choose(tab, "Network that is attacked", "ResNet-18", "47 MB")
    expect(tab.get_by_text("47 MB to download. The networks without a size work now.")).to_be_visible()
    expect(tab.get_by_role("button", name="Download")).to_be_visible()


POINTS = "document.querySelector('#adversarial-curve polyline').getAttribute('points').split(' ').length"


def curve_points(page: Page) -> int:
    points = page.locator("#adversarial-curve polyline").first.get_attribute("points")
    return len(points.split())


def test_stop_ends_a_run_and_a_second_start_begins_anew(tab: Page):
    set_slider(tab, "Steps", 100)
    start = tab.get_by_role("button", name="Start")
    start.click()
    expect(judged(tab)).to_have_count(0, timeout=30_000)
    tab.get_by_role("button", name="Stop").click()
    reached, before = curve_points(tab), 0
    while reached != before:  # what was on its way when Stop was clicked may still arrive
        tab.wait_for_timeout(1000)
        reached, before = curve_points(tab), reached
    assert reached < 101
    expect(judged(tab)).to_have_count(0)
    expect(verdict(tab)).to_contain_text(re.compile(r"Stopped at step \d+ of 100"))
    start.click()
    expect(verdict(tab)).to_contain_text(re.compile(r"The attack runs: step \d+ of 100"))
    tab.wait_for_function(f"{POINTS} > 1 && {POINTS} !== {reached}")
    set_slider(tab, "Steps", 10)
    start.click()
    expect(verdict(tab)).to_contain_text("saved file", timeout=60_000)
    tab.wait_for_function(f"{POINTS} === 11")
    tab.wait_for_timeout(1000)
    assert curve_points(tab) == 11
    choose(tab, "It should say", "bull mast", "bull mastiff")
    start.click()
    expect(tab.get_by_text("already calls this photo “bull mastiff”")).to_be_visible(timeout=30_000)
    expect(verdict(tab)).to_contain_text("It worked")


def test_stop_ends_the_opening_example_too(page: Page, server: str):
    page.goto(f"{server}?tab=adversarial&steps=100&survive=1")
    page.wait_for_function("document.querySelector('#adversarial-curve polyline')", timeout=60_000)
    page.get_by_role("button", name="Stop").dispatch_event("click")  # at once, while all moves
    reached, before = curve_points(page), 0
    while reached != before:
        page.wait_for_timeout(1000)
        reached, before = curve_points(page), reached
    assert reached < 101
    expect(judged(page)).to_have_count(0)


def test_on_a_phone_nothing_overflows_and_start_is_at_hand(new_page, server: str):
    page = new_page(width=390, height=844)
    page.goto(server)
    page.get_by_role("tab", name="Adversarial").click()
    expect(verdict(page)).to_contain_text("It worked", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("button", name="Start")).to_be_in_viewport()
    page.get_by_role("button", name="Settings", exact=True).locator("visible=true").click()
    expect(page.locator("#adversarial-photos [aria-checked=true]")).to_be_in_viewport()
