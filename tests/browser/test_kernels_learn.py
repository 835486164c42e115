"""What the Kernels tab has below the live engine: the filter bank, and a kernel that is learnt.

One page goes through all of it, in the order of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import one_page


@pytest.fixture(scope="module")
def kernels(browser, server) -> Iterator:
    """The Kernels tab with its picture."""
    with one_page(browser) as page:
        page.goto(server)
        page.wait_for_function("document.querySelector('#kernel .histogram[aria-label]')")
        yield page


@pytest.fixture(scope="module")
def bank(kernels):
    """The bank, opened, with its first answer."""
    assert kernels.locator("#bank").count() == 0, "nothing of a closed section may cost anything"
    kernels.locator("#bank-section > button").click()
    shown = kernels.locator("#bank")
    montage = shown.locator(".montage")
    at_first = montage.evaluate("each => each.offsetHeight")
    expect(shown.locator(".caption")).to_contain_text("Edge at 90°, 2.0 pixels across, on Cat")
    assert montage.evaluate("each => each.offsetHeight") == at_first, "nothing below may be pushed down"
    return shown


def colours(bank) -> set:
    """The colours in the answer's middle row."""
    row = bank.locator(".answer canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, c.height >> 1, c.width, 1).data]"
    )
    return {tuple(row[i : i + 3]) for i in range(0, len(row), 4)}


def test_a_filter_of_the_bank_is_named_and_applied(bank):
    expect(bank.locator(".filter")).to_have_count(48)
    expect(bank.locator(".filter canvas[width='49']")).to_have_count(48)
    before = colours(bank)
    line = bank.get_by_role("button", name="Line at 0°, 1.4 pixels across")
    line.hover()
    expect(bank.locator(".filter-name")).to_have_text("Line at 0°, 1.4 pixels across")
    line.click()
    expect(bank.locator(".caption")).to_contain_text("Line at 0°, 1.4 pixels across, on Cat")
    expect(line).to_have_attribute("aria-pressed", "true")
    assert len(colours(bank)) > 20
    assert colours(bank) != before


def test_the_bank_by_keyboard_on_another_picture(kernels, bank):
    kernels.locator("#kernel .tile").nth(1).click()
    expect(kernels.locator("#kernel .photo-caption")).to_contain_text("mastiff")
    bank.get_by_role("button", name="Edge at 90°, 2.0 pixels across").focus()
    kernels.keyboard.press("ArrowRight")
    kernels.keyboard.press("Enter")
    expect(bank.locator(".caption")).to_have_text(re.compile("Edge at 120°, 2.0 .*mastiff"))


def test_directions_have_six_colours_and_a_wheel(bank):
    bank.get_by_role("button", name="Colour by direction").click()
    expect(bank.locator(".wheel line")).to_have_count(6)
    expect(bank.locator(".caption")).to_contain_text("strongest of six angles")
    expect(bank.locator(".wheel")).to_be_visible()
    assert len(colours(bank)) > 20


@pytest.fixture(scope="module")
def learning(kernels):
    """The section where a kernel is learnt, opened, its example done."""
    assert kernels.locator("#learn").count() == 0, "nothing of a closed section may cost anything"
    kernels.locator("#learn-section > button").click()
    expect(kernels.locator("#learn .state")).to_contain_text("Done after 300 steps", timeout=30_000)
    return kernels


def start(learning) -> None:
    learning.locator("#learn-section").get_by_role("button", name="Start").click()


def set_number(learning, name: str, value: str) -> None:
    field = learning.locator("#learn-section").get_by_role("spinbutton", name=name)
    field.fill(value)
    field.blur()


def test_the_example_is_learnt(learning):
    learnt = learning.locator("#learn .learnt-pair .cells span")
    hidden = learning.locator("#learn .hidden-pair .cells span")
    expect(hidden).to_have_text(["−1.00", "0.00", "1.00", "−2.00", "0.00", "2.00", "−1.00", "0.00", "1.00"])
    assert learnt.all_text_contents() == hidden.all_text_contents()
    expect(learning.locator("#learn .kernel-error")).to_have_text("<\u202f0.1\u202f%")
    expect(learning.locator("#learn-chart polyline")).to_have_count(3)


def test_stop_and_a_second_start(learning):
    state = learning.locator("#learn .state")
    start(learning)
    expect(state).to_have_text(re.compile("Step"))
    learning.locator("#learn-section").get_by_role("button", name="Stop").click()
    expect(state).to_contain_text("Stopped at step")
    stopped_at = state.inner_text()
    learning.wait_for_timeout(400)
    assert state.inner_text() == stopped_at
    start(learning)
    expect(state).to_have_text(re.compile("Step"))
    start(learning)
    expect(state).to_contain_text("Done after 300 steps", timeout=30_000)


def test_without_decorrelating_it_stalls_and_a_large_rate_diverges(learning):
    learning.get_by_label("Decorrelate").uncheck()
    start(learning)
    expect(learning.locator("#learn .state")).to_have_text(re.compile("Step"))
    expect(learning.locator("#learn .state")).to_contain_text("Done", timeout=30_000)
    assert float(learning.locator("#learn .kernel-error").inner_text().split()[0].rstrip("%")) > 20
    expect(learning.locator("#learn .condition")).to_contain_text("times more slowly")
    set_number(learning, "Learning rate", "2.5")
    start(learning)
    expect(learning.locator("#learn .state")).to_contain_text(
        "Choose a smaller learning rate", timeout=30_000
    )
