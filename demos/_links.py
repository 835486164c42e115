"""Links that carry a tab's settings, as `?tab=ideal_image&seed=3`.

A tab says once which settings stand in its link and what each may be; the component `link` shows the address
and, when the tab is first seen, tells what the page's own address asks for. That comes from outside, so
nothing of it is believed that a dial could not be set to. Back to the beginning is a link without settings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from core.qr import qr_svg
from core.texts import load_section
from demos._shared import Context
from demos.web import component

MOST_CHARACTERS = 200  # of one setting
LONGEST = 2000  # characters of an address that is shown as a QR code
Read = Callable[[str], Any]  # the value of a text; ValueError when no dial allows it

# Opens the tab that a link names, or after a reload the one that was open, as soon as its button is there
OPEN_LINKED_TAB = """() => {
  const name = whiskersProgress.tab;
  if (!name) return;
  const open = () => {
    const button = document.querySelector(`button[data-tab-id="${CSS.escape(name)}"]`);
    button?.click();
    return button;
  };
  if (open()) return;
  const waiting = new MutationObserver(() => open() && waiting.disconnect());
  waiting.observe(document.body, { childList: true, subtree: true });
}"""


def whole(low: int, high: int) -> Read:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        return int(_within(int(text), low, high))

    return read


def real(low: float, high: float) -> Read:
    """A number from `low` to `high`."""

    def read(text: str) -> float:
        return _within(float(text), low, high)

    return read


def one_of(names: Collection[str]) -> Read:
    """One of some names."""

    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"{text!r} is none of {', '.join(names)}")
        return text

    return read


def yes_or_no(text: str) -> bool:
    """A tick: 1 or 0."""
    return bool(whole(0, 1)(text))


def _within(number: float, low: float, high: float) -> float:
    if not (math.isfinite(number) and low <= number <= high):
        raise ValueError(f"{number} is not from {low} to {high}")
    return number


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a link asks for: the settings that a dial allows, and the names of those that none does."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    given: bool = False  # whether the page was opened by a link to this tab

    def told(self, language: str = "en") -> str | None:
        """A sentence about what was refused; None when all was understood."""
        if not self.refused:
            return None
        return load_section("common", language)("link.refused", names=", ".join(self.refused))


@dataclass(frozen=True, kw_only=True)
class LinkFormat:
    """Which settings stand in a tab's link, and how each is read back."""

    tab: str  # its name in demos.TABS
    fields: Mapping[str, Read]

    def component(self, context: Context, *, elem_id: str) -> gr.HTML:
        """The link on the page; its `opened` and `anew` events carry what `read` takes."""
        return link_component(context, self.tab, elem_id=elem_id)

    def value(self, settings: Mapping[str, Any], told: str | None = None) -> dict[str, Any]:
        """What the component shows: the link to these settings, and a sentence.

        Raises:
            ValueError: when a setting has no place in the link, or could not be read back.
        """
        words = {name: _word(value) for name, value in settings.items() if value is not None}
        for name, word in words.items():
            if name not in self.fields:
                raise ValueError(f"{name} is none of {', '.join(self.fields)}")
            self.fields[name](word)
        return {"settings": words, "told": told}

    def read(self, event: gr.EventData) -> Asked:
        """What an `opened` event asks for."""
        data = event._data if isinstance(event._data, dict) else {}
        asked = data.get("asked")
        if not isinstance(asked, dict):
            return Asked()
        settings, refused = {}, []
        for name, read in self.fields.items():
            if name not in asked:
                continue
            try:
                settings[name] = read(str(asked[name])[:MOST_CHARACTERS])
            except (ValueError, OverflowError):
                refused.append(name)
        return Asked(settings=settings, refused=tuple(refused), given=True)


def link_component(context: Context, tab: str, *, elem_id: str) -> gr.HTML:
    """The link of a tab, its QR code, and the button back to the beginning."""
    return component(
        "link",
        value={},
        texts=context.section("common").tree("link"),
        tab=tab,
        server_functions=[code],
        elem_id=elem_id,
    )


def code(address: object) -> str:
    """The QR code of an address, as SVG; empty for what is no text or too long to be read from a screen."""
    return qr_svg(address) if isinstance(address, str) and 0 < len(address) <= LONGEST else ""


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
