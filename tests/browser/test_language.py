"""The page in Dutch: for a Dutch browser, by the switch, whole, and without losing what one has done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.texts import catalogue
from demos import TABS

ENGLISH = r"\b(the|and|with|your|what|this|picture|which)\b"

# Texts and names on the page, but for those that stand there in each language or are a user's own
SHOWN = """() => {
  const names = ["title", "aria-label", "placeholder", "alt"];
  const found = [], apart = "script, style, textarea, .wk-words, [translate=no], [lang=en]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest(apart)) continue;
    if (node !== element) found.push(node.data.trim());
    else found.push(...names.map((name) => node.getAttribute(name) ?? ""));
  }
  return [...new Set(found)].filter(Boolean);
}"""


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


def test_a_dutch_browser_gets_every_tab_in_dutch(new_page, server):
    page = opened(new_page(locale="nl-NL"), server)
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    for name in TABS:
        page.click(f'button[data-tab-id="{name}"]')
        expect(page.locator(".wk-head:visible h2").first).to_be_visible()
        page.evaluate(
            "document.querySelectorAll('button.label-wrap:not(.open)').forEach((each) => each.click())"
        )
        page.wait_for_function(f"() => !({SHOWN})().some((text) => /{ENGLISH}/i.test(text))", timeout=30_000)
    shown = page.evaluate(SHOWN)
    assert len(shown) > 500
    again = page.evaluate("(texts) => texts.map((text) => whiskersLanguage.translated(text))", shown)
    assert [pair for pair in zip(shown, again, strict=True) if pair[0] != pair[1]] == []


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
