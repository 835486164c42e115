"""For everyone: WCAG 2.2 AA as axe-core judges it, the keyboard alone, less motion, a projector and a phone.

One page goes through all of it, in the order of the tests: a tab is slow to open but quick to see again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect

from core.texts import load_section
from demos import TABS
from tests.browser.conftest import one_page

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}, "heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
}
# The example is worked, so that sections which need it do their own work and do not ask for it
WORKED = {"finetune": "#finetune-trust .done", "adversarial": ".wk-verdict table"}
MOST_STOPS = 250  # of the tab key on one tab, with all sections open

# axe-core takes what lies beneath Start, until one scrolls, for too small to hit
NOTHING_ABOVE = ".wk-startstop { position: static !important; }"

OPEN_SECTIONS = """() => {
  const closed = [...document.querySelectorAll("button.label-wrap:not(.open)")];
  for (const each of closed) if (each.offsetParent) each.click();
  for (const each of document.querySelectorAll("details")) each.open = true;
}"""

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

# What has the focus: a number of its own, its name, and what is wrong with it
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  window.stops ??= new Map();
  if (!stops.has(at)) stops.set(at, stops.size);
  const shown = at.closest("label") ?? at, box = shown.getBoundingClientRect();
  const ringed = (each, depth = 3) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    const own = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    return own || (depth && ringed(each.parentElement, depth - 1));
  };
  const wrong = [];
  if (box.width < 2 || box.height < 2) wrong.push("cannot be seen");
  if (box.bottom < 0 || box.top > innerHeight) wrong.push("outside the window");
  if (!ringed(at)) wrong.push("no ring");
  const name = at.getAttribute("aria-label") || shown.textContent.trim().slice(0, 40);
  return [stops.get(at), name, wrong.join(", ")];
}"""

# What moves by itself, but for the lists of searches, which Gradio lets fade in within a fifth of a second
MOVING = """() => document.getAnimations()
  .filter((each) => each.playState === "running" && !each.effect.target.matches(".options"))
  .map((each) => `${each.animationName ?? each.transitionProperty} of ${each.effect.target.className}`)"""

# What sticks out of the page to the right, and buttons whose words are cut off
MISFITS = """() => {
  const root = document.querySelector(".gradio-container"), found = [];
  const scrolls = (each) => getComputedStyle(each).overflowX !== "visible";
  for (const each of root.querySelectorAll("*")) {
    if (!each.checkVisibility() || !each.getBoundingClientRect().width) continue;
    let around = each.parentElement;
    while (around !== root && !scrolls(around)) around = around.parentElement;
    const name = `${each.tagName} ${each.textContent.trim().slice(0, 30)}`;
    const isOut = around === root && each.getBoundingClientRect().right > innerWidth + 1;
    const { scrollWidth, clientWidth } = each;
    const isCut = each.matches("button, label, h2, h3") && clientWidth && scrollWidth > clientWidth + 1;
    if (isOut) found.push(`sticks out: ${name}`);
    if (isCut && !scrolls(each)) found.push(`cut: ${name}`);
  }
  return [...new Set(found)];
}"""


@pytest.fixture(scope="module")
def page(browser, server) -> Iterator:
    with one_page(browser) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(server)
        page.wait_for_selector(".wk-head:visible h2")
        page.add_style_tag(content=NOTHING_ABOVE)
        yield page


def each_tab(page) -> Iterator[str]:
    """Every tab in turn, opened."""
    for name in TABS:
        page.evaluate("scrollTo(0, 0)")
        page.click(f'button[data-tab-id="{name}"]')
        page.wait_for_selector(".wk-head:visible h2")
        yield name


def violations(page, tab: str) -> set[str]:
    """What axe-core finds on the page as it is now."""
    found = Axe().run(page, options=AXE).response["violations"]
    return {
        f"{tab}, {rule['id']}: {node['html'][:160]} {[each['message'] for each in node['any'] + node['all']]}"
        for rule in found
        for node in rule["nodes"]
    }


def test_axe_finds_nothing_in_light_english_with_all_sections_open(page):
    wrong: set[str] = set()
    for name in each_tab(page):
        if name in WORKED:
            page.wait_for_selector(WORKED[name])
        page.evaluate(OPEN_SECTIONS)
        expect(page.locator("button.label-wrap:visible:not([aria-expanded=true])")).to_have_count(0)
        wrong |= violations(page, name)
    assert not wrong, "\n".join(wrong)


def test_axe_finds_nothing_in_dark_dutch_and_nothing_is_left_in_english(page):
    page.get_by_role("button", name="Nederlands").click()
    page.evaluate("document.body.classList.add('dark')")
    wrong: set[str] = set()
    for name in each_tab(page):
        title = page.locator(".wk-head:visible h2").first
        expect(title).to_have_text(load_section(name, "nl")("title"))
        wrong |= violations(page, name)
        page.wait_for_function(f"() => !({SHOWN})().some((text) => /{ENGLISH}/i.test(text))", timeout=30_000)
    page.evaluate("document.body.classList.remove('dark')")
    assert not wrong, "\n".join(wrong)
    shown = page.evaluate(SHOWN)
    assert len(shown) > 500
    again = page.evaluate("(texts) => texts.map((text) => whiskersLanguage.translated(text))", shown)
    assert [pair for pair in zip(shown, again, strict=True) if pair[0] != pair[1]] == []


def test_the_tab_key_reaches_everything_and_its_place_is_always_seen(page):
    for name in each_tab(page):
        page.focus(f'button[data-tab-id="{name}"]')
        met, wrong = set(), []
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            with suppress(TimeoutError):  # what is above may still be growing
                page.wait_for_function(f"() => !({FOCUSED})()?.[2]", timeout=2_000)
            stop = page.evaluate(FOCUSED)
            if stop is None:
                break
            wrong += [stop] if stop[2] or stop[0] in met else []
            met.add(stop[0])
        assert (wrong, stop) == ([], None), name
        assert page.evaluate(MOVING) == [], name


@pytest.mark.parametrize(("width", "height", "large"), [(1024, 768, True), (390, 844, False)])
def test_dutch_words_fit_a_projector_and_a_phone(page, width, height, large):
    if (page.locator("#bar .projector").get_attribute("aria-pressed") == "true") != large:
        page.locator("#bar .projector").click()
    page.set_viewport_size({"width": width, "height": height})
    assert {name: found for name in each_tab(page) if (found := page.evaluate(MISFITS))} == {}
