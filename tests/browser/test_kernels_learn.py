"""What the Kernels tab has below the live engine: the filter bank."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def kernels(page, server):
    """The Kernels tab with its picture."""
    page.goto(server)
    page.wait_for_function("document.querySelector('#kernel .histogram[aria-label]')")
    return page


@pytest.fixture
def bank(kernels):
    """The bank, opened, with its first answer."""
    assert kernels.locator("#bank").count() == 0, "nothing of a closed section may cost anything"
    kernels.locator("#bank-section > button").click()
    shown = kernels.locator("#bank")
    expect(shown.locator(".caption")).to_contain_text("Edge at 90°, 2.0 pixels across, on Cat")
    return shown


def colours(bank) -> set:
    """The colours in the answer's middle row."""
    row = bank.locator(".answer canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, c.height >> 1, c.width, 1).data]"
    )
    return {tuple(row[i : i + 3]) for i in range(0, len(row), 4)}


def test_a_filter_of_the_bank_is_named_and_applied(bank):
    expect(bank.locator(".filter")).to_have_count(48)
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
