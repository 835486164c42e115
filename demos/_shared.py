"""What the tabs share: the context they are built with, page furniture, and errors turned into sentences."""

from __future__ import annotations

import functools
import html
import inspect
import logging
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import gradio as gr

from core.errors import UserError
from core.runner import SupersededError
from core.texts import Section, load_section

log = logging.getLogger("whiskers")

# On a phone the pictures stand above the dials: after Start they are what one wants to see
SHOW_PICTURES = """() => {
  if (innerWidth > 760) return;
  const pictures = [...document.querySelectorAll(".wk-pictures")].find((each) => each.offsetParent);
  pictures?.scrollIntoView({ behavior: "smooth", block: "start" });
}"""

# How events are wired whose outputs move while one watches: nothing flickers, and everybody may run at once,
# for the turns on the device are core.runner's
LIVE: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64, "trigger_mode": "multiple"}

SESSION_HEADER = "x-whiskers-session"
SESSION_KEY = re.compile(r"[0-9a-f]{32}")

Handler = TypeVar("Handler", bound=Callable[..., Any])


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
        gr.Markdown(texts("explanation"))


def start_stop(context: Context) -> tuple[gr.Button, gr.Button]:
    """The Start and Stop buttons, in the same order and size in every tab."""
    common = context.section("common")
    with gr.Row(elem_classes=["wk-startstop"]):
        start = gr.Button(common("start"), variant="primary", scale=2, min_width=90)
        stop = gr.Button(common("stop"), variant="secondary", scale=1, min_width=70)
    start.click(None, js=SHOW_PICTURES)
    return start, stop


def tell(selector: str, failed: str) -> str:
    """JavaScript telling a component, by a DOM event `wk-failed`, that what it asked for will not come."""
    return f"""() => document.querySelector("{selector}")
      ?.dispatchEvent(new CustomEvent("wk-failed", {{ detail: "{failed}" }}))"""


def session_of(request: gr.Request | None) -> str:
    """The key of the session that asks; one key shares all direct calls.

    The browser keeps the key over a reload (assets/session.js). A caller that sends none, or one of another
    form, has a session for as long as its page is there.
    """
    headers = getattr(request, "headers", None) or {}
    key = str(headers.get(SESSION_HEADER, ""))
    return key if SESSION_KEY.fullmatch(key) else page_of(request)


def page_of(request: gr.Request | None) -> str:
    """The page that asks: Gradio gives each a name of its own, another one after a reload."""
    return (request.session_hash if request else None) or "direct"


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


def explained(handler: Handler) -> Handler:
    """Show a handler's errors as a sentence; the outputs keep what they had.

    A `UserError` shows its own sentence. Anything else is logged and shown as one general sentence.
    """

    def sentence(error: Exception) -> gr.Error:
        if isinstance(error, UserError):
            return gr.Error(error.message(), duration=10, print_exception=False)
        log.error("a handler failed", exc_info=error)
        return gr.Error(load_section("errors")("unexpected"), duration=10, print_exception=False)

    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from handler(*args, **kwargs)
            except SupersededError:
                return
            except gr.Error:
                raise
            except Exception as error:
                raise sentence(error) from error

        return cast(Handler, steps)

    @functools.wraps(handler)
    def once(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            raise sentence(error) from error

    return cast(Handler, once)
