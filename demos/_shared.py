"""What the tabs share: the context they are built with, page furniture, and errors turned into sentences."""

from __future__ import annotations

import functools
import hashlib
import html
import inspect
import logging
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import gradio as gr

from core.errors import UserError, is_disk_full
from core.metrics import EVENTS
from core.runner import SupersededError, latest_job
from core.texts import OTHER_LANGUAGES, Section, load_section

log = logging.getLogger("whiskers")

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

SESSION_HEADER = "x-whiskers-session"
LANGUAGE_HEADER = "x-whiskers-language"
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


def session_of(request: gr.Request | None) -> str:
    """The key of the session that asks; one key shares all direct calls.

    The browser keeps the key over a reload (assets/session.js). A caller that sends none, or one of another
    form, has a session for as long as its page is there.
    """
    return session_key(getattr(request, "headers", None) or {}) or page_of(request)


def session_key(headers: Mapping[str, str]) -> str | None:
    """The key in a request's headers, if it has the form that our pages give it."""
    key = str(headers.get(SESSION_HEADER, ""))
    return key if SESSION_KEY.fullmatch(key) else None


def language_of(request: gr.Request | None) -> str:
    """The language of the page that asks, for files; what it shows, the page translates itself."""
    asked = (getattr(request, "headers", None) or {}).get(LANGUAGE_HEADER)
    return asked if asked in OTHER_LANGUAGES else "en"


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
    """Show a handler's errors as a sentence; the outputs keep what they had. Each call is a line in the log.

    A `UserError` shows its own sentence. Anything else is logged and shown as one general sentence.
    """
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with _noted(handler, args, kwargs) as note:
                try:
                    yield from handler(*args, **kwargs)
                except SupersededError:
                    note.outcome = "replaced"

        return cast(Handler, steps)

    @functools.wraps(handler)
    def once(*args: Any, **kwargs: Any) -> Any:
        with _noted(handler, args, kwargs):
            return handler(*args, **kwargs)

    return cast(Handler, once)


def latest_only(kind: str) -> Callable[[Handler], Handler]:
    """Of the generator handlers of one kind a page runs the latest: one that begins ends those before it.

    Gradio's own `cancels` will not do: its client then closes the stream of all events, and the server,
    noticing late, ends whatever the page has begun since.
    """

    def wrap(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
            session = session_of(_request(args, kwargs))
            end_steps(session, kind)
            with (
                latest_job(session, _handler_of(kind)) as is_superseded,
                closing(handler(*args, **kwargs)) as frames,
            ):
                for frame in frames:
                    if is_superseded():
                        raise SupersededError
                    yield frame

        return cast(Handler, steps)

    return wrap


def end_running(session: str, kind: str) -> None:
    """End the session's handlers of a kind before their next frame, and their work before its next step."""
    end_steps(session, kind)
    end_steps(session, _handler_of(kind))


def end_steps(session: str, job: str) -> None:
    """End the session's job of this name before its next step."""
    with latest_job(session, job):
        pass


def stopper(kind: str) -> Callable[[gr.Request], None]:
    """The handler of a Stop button."""

    def stop(request: gr.Request) -> None:
        end_running(session_of(request), kind)

    return stop


def _handler_of(kind: str) -> str:
    return f"handler of {kind}"


def _request(args: tuple[Any, ...], kwargs: dict[str, Any]) -> gr.Request | None:
    return next((each for each in (*args, *kwargs.values()) if hasattr(each, "session_hash")), None)


@dataclass
class _Note:
    """How a handler's call ended."""

    outcome: str = "done"


@contextmanager
def _noted(handler: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[_Note]:
    """Log and count one call: who (by a name that is no key), what, how long, and how it ended."""
    note, started = _Note(), time.monotonic()
    try:
        yield note
    except GeneratorExit:
        note.outcome = "stopped"
        raise
    except gr.Error:
        note.outcome = "refused"
        raise
    except UserError as error:
        note.outcome = f"refused ({error.key})"
        raise gr.Error(error.message(), duration=10, print_exception=False) from error
    except Exception as error:
        if is_disk_full(error):
            note.outcome = "refused (disk_full)"
            words = load_section("errors")("disk_full")
            raise gr.Error(words, duration=10, print_exception=False) from error
        note.outcome = "failed"
        log.error("a handler failed", exc_info=error)
        words = load_section("errors")("unexpected")
        raise gr.Error(words, duration=10, print_exception=False) from error
    finally:
        part = handler.__module__.rsplit(".", 1)[-1].lstrip("_").split("_")[0]
        EVENTS.labels(part, note.outcome.split(" ")[0]).inc()
        who = hashlib.sha256(session_of(_request(args, kwargs)).encode()).hexdigest()[:8]
        seconds = time.monotonic() - started
        log.info("event %s %s session=%s %.2fs %s", part, handler.__name__, who, seconds, note.outcome)
