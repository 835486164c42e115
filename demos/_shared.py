"""What the tabs share: the context they are built with, page furniture, and how events are wired."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import UserError
from core.texts import OTHER_LANGUAGES, Section, load_section

# After Start nothing points at it any more. On a phone the pictures stand above the dials: they are what one
# wants to see then
SHOW_PICTURES = """() => {
  document.querySelectorAll(".wk-next").forEach((each) => each.classList.remove("wk-next"));
  if (innerWidth > 760) return;
  const pictures = [...document.querySelectorAll(".wk-pictures")].find((each) => each.offsetParent);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  pictures?.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "start" });
}"""

# On a phone: from the pictures down to the dials
SHOW_DIALS = """() => {
  const isSeen = (each) => each.offsetParent;
  const columns = [...document.querySelectorAll(".wk-controls")];
  const controls = columns.find((each) => [...each.children].some(isSeen));
  const below = controls?.parentElement.querySelector(".wk-pictures")?.getBoundingClientRect().bottom - 1;
  const isBelow = (each) => isSeen(each) && each.getBoundingClientRect().top >= below;
  const hasBox = controls?.getClientRects().length;  // else its parts stand around the pictures
  const dials = hasBox ? controls : [...(controls?.children ?? [])].find(isBelow);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  dials?.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "start" });
}"""

# After a choice that changes nothing by itself, Start is what comes next
POINT_AT_START = """() => {
  const starts = [...document.querySelectorAll(".wk-startstop .primary")];
  starts.find((each) => each.offsetParent)?.classList.add("wk-next");
}"""

# A Start waits while the server sets dials (see assets/dials.js)
DIALS_ASKED, DIALS_SET = "() => whiskersDials.asked()", "() => whiskersDials.set()"
SETS_DIALS = "wk-sets-dials"  # the class of buttons and choices that ask by themselves

# How events are wired whose outputs move while one watches: nothing flickers, and everybody may run at once,
# for the turns on the device are core.runner's
LIVE: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64, "trigger_mode": "multiple"}

# How events are wired that take no time. They go past the queue: its stream of events closes when the last
# one ends, and one that begins in this very moment, such as a second event of the same click, could be lost
AT_ONCE: dict[str, Any] = {"show_progress": "hidden", "queue": False}


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a tab needs to build itself."""

    language: str = "en"

    def section(self, name: str) -> Section:
        """The texts of one tab."""
        return load_section(name, self.language)


def heading(texts: Section) -> gr.HTML:
    """A tab's title and its one sentence."""
    title, idea = html.escape(texts("title")), html.escape(texts("idea"))
    return gr.HTML(f"<h2>{title}</h2><p>{idea}</p>", elem_classes=["wk-head"], apply_default_css=False)


def notes(context: Context, texts: Section) -> gr.HTML:
    """The two short notes beside the pictures: a thing to try, a thing to notice."""
    common = context.section("common")
    parts = [
        f'<div class="wk-note {kind}"><b>{html.escape(common(kind))}</b>'
        f"<p>{html.escape(texts(kind))}</p></div>"
        for kind in ("try_this", "notice")
    ]
    return gr.HTML(
        f'<div class="wk-notes">{"".join(parts)}</div>', elem_classes=["wk"], apply_default_css=False
    )


def explanation(context: Context, texts: Section) -> None:
    """The long explanation, opened on demand."""
    with gr.Accordion(context.section("common")("more"), open=False):
        formatted(texts, "explanation")


def formatted(texts: Section, key: str) -> None:
    """A text with marks of emphasis and links: in each language, of which the page shows the chosen one."""
    for language in ("en", *OTHER_LANGUAGES):
        gr.Markdown(texts.in_language(language)(key), elem_classes=["wk-words", f"wk-words-{language}"])


def start_stop(context: Context) -> tuple[gr.Button, gr.Button]:
    """Start and Stop, in the same order and size in every tab; on a phone also a way to the dials."""
    common = context.section("common")
    with gr.Row(elem_classes=["wk-startstop"]):
        start = gr.Button(common("start"), variant="primary", scale=2, min_width=90)
        stop = gr.Button(common("stop"), variant="secondary", scale=1, min_width=70)
        dials = gr.Button(common("to_dials"), variant="secondary", elem_classes=["wk-to-dials"], min_width=70)
    dials.click(None, js=SHOW_DIALS)
    start.click(None, js=SHOW_PICTURES)
    return start, stop


def tell(selector: str, failed: str) -> str:
    """JavaScript telling a component, by a DOM event `wk-failed`, that what it asked for will not come."""
    return f"""() => document.querySelector("{selector}")
      ?.dispatchEvent(new CustomEvent("wk-failed", {{ detail: "{failed}" }}))"""


def save_file(elem_id: str) -> str:
    """JavaScript that saves the file which a `gr.File` was given by the click before."""
    return f"""async () => {{
      const pause = (time) => new Promise((done) => setTimeout(done, time));
      const file = () => document.querySelector("#{elem_id} a[download]");
      await pause(200);  // until the former file is gone
      for (let tries = 0; tries < 50 && !file(); tries++) await pause(100);
      file()?.click();
    }}"""


def probability(share: float) -> str:
    """A probability as people read it, never a false 0 or 100; the same as in demos/web/common.js."""
    if share < 0.0005:
        return "<\u202f0.1\u202f%"
    if share > 0.9995:
        return ">\u202f99.9\u202f%"
    return f"{100 * share:.{0 if 0.0995 < share < 0.9005 else 1}f}\u202f%"


def number_between(value: object, low: float, high: float, field: str) -> float:
    """A number from a field of the page, which may be empty, not a number, or out of range.

    Raises:
        UserError: naming the field and its range.
    """
    number = float(value) if isinstance(value, int | float) else math.nan
    if not low <= number <= high:
        raise UserError("field.number", field=field, low=f"{low:g}", high=f"{high:g}")
    return number
