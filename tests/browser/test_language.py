"""The page in Dutch: for a Dutch browser, by the switch, and without losing what one has done.

That every tab is in Dutch, and nothing left in English, is looked at in test_accessibility.py, where all
sections are open.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.texts import catalogue, load_section
from demos import TABS


def opened(page, server: str):
    page.goto(server)
    page.wait_for_selector(".wk-head:visible h2")
    return page


def search(page, field, words: str) -> None:
    """Type into a list that can be searched, in place of what stands there."""
    field.blur()
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


def test_a_dutch_browser_gets_the_page_in_dutch(new_page, server):
    page = opened(new_page(locale="nl-NL"), server)
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator(".wk-head:visible h2").first).to_have_text(load_section("kernels", "nl")("title"))
    for name in TABS:
        expect(page.locator(f'button[data-tab-id="{name}"]')).to_have_text(load_section(name, "nl")("tab"))


def test_the_switch_keeps_what_one_has_done_and_is_kept(new_page, server):
    page = opened(new_page(), server)
    title = page.locator(".wk-head:visible h2")
    english = title.inner_text()
    cell = page.locator("#kernel .grid input").nth(4)
    cell.fill("7")
    cell.press("Enter")
    page.get_by_role("button", name="Nederlands").click()
    expect(title).not_to_have_text(english)
    expect(page.get_by_role("tab", name="Kenmerkkaarten")).to_be_visible()
    expect(cell).to_have_value("7")
    page.reload()
    expect(page.get_by_role("tab", name="Kenmerkkaarten")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(title).to_have_text(english)
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_class_is_found_by_its_english_and_by_its_dutch_name(new_page, server):
    page = opened(new_page(locale="nl-NL"), f"{server}/?tab=ideal_image")
    field = page.locator("input[role=combobox]:visible").nth(1)
    for typed, offered in (("theepot", "theepot (teapot)"), ("teapot", "theepot (teapot)")):
        search(page, field, typed)
        expect(page.get_by_role("option", name=offered)).to_be_visible()
    page.get_by_role("button", name="English").click()
    search(page, field, "theepot")
    expect(page.get_by_role("option", name="teapot", exact=True)).to_be_visible()


@pytest.mark.parametrize("language", ["nl"])
def test_every_sentence_is_recognised_with_its_values_filled_in(new_page, server, language):
    page = opened(new_page(locale=language), server)
    pairs = [
        [re.sub(r"\{(\w+)[^}]*\}", r"\1-7", sentence) for sentence in pair]
        for pair in catalogue(language)
        if "\n" not in pair[0] and re.search(r"[^\W\d]{2}", re.sub(r"\{\w+[^}]*\}", "", pair[0]))
    ]
    given = page.evaluate("(all) => all.map(([text]) => whiskersLanguage.translated(text))", pairs)
    wrong = [(text, found) for (text, _), found in zip(pairs, given, strict=True)]
    wrong = [(*pair, other) for pair, (_, other) in zip(wrong, pairs, strict=True) if pair[1] != other]
    assert wrong == []
    decimals = [
        "2.5\u202f%",
        "\u22121.98",
        "0.25 \u00d7 3",
        "Step 1.5 of 80",
        "http://192.168.1.5:80/?rate=0.3",
        "x-1.5.png",
    ]
    given = page.evaluate("(all) => all.map((text) => whiskersLanguage.translated(text))", decimals)
    assert given == ["2,5\u202f%", "\u22121,98", "0,25 \u00d7 3", "Stap 1,5 van 80", *decimals[-2:]]
