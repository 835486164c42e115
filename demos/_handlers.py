"""How handlers run: who asks, errors turned into sentences, and of one kind only the latest."""

from __future__ import annotations

import functools
import hashlib
import inspect
import logging
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
from core.texts import OTHER_LANGUAGES, load_section

log = logging.getLogger("whiskers")

SESSION_HEADER = "x-whiskers-session"
LANGUAGE_HEADER = "x-whiskers-language"
SESSION_KEY = re.compile(r"[0-9a-f]{32}")

Handler = TypeVar("Handler", bound=Callable[..., Any])


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
