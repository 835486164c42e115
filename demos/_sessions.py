"""What a page keeps on the server: values and a folder of its own, gone a while after the page is gone."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context as GradioContext

from demos._shared import page_of, session_of

GRACE_SECONDS = 60.0
MOST_SESSIONS = 256


@dataclass(eq=False)
class _Session:
    values: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    on_end: list[Callable[[], None]] = field(default_factory=list)
    ending: threading.Timer | None = None


@dataclass(eq=False)
class Sessions:
    """Values by session and name. Safe to use from many threads.

    A session begins with `open`, which is for what a user does; `get`, `put` and `folder` serve whatever
    follows from it. So a job that outlives its page cannot bring the session back.
    """

    grace: float = GRACE_SECONDS
    most: int = MOST_SESSIONS  # beyond it, the session unused for longest ends
    _sessions: OrderedDict[str, _Session] = field(default_factory=OrderedDict)
    _pages: dict[str, str] = field(default_factory=dict)  # those that are open, and the session of each
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _root: tempfile.TemporaryDirectory[str] | None = None  # removed when the process ends

    def open(self, session: str) -> None:
        """Begin a session or, where its page had seemed to be gone, carry it on."""
        with self._lock:
            found = self._sessions.setdefault(session, _Session())
            self._sessions.move_to_end(session)
            self._carry_on(found)
            oldest = list(self._sessions)[: max(0, len(self._sessions) - self.most)]
        for name in oldest:
            self.end_now(name)

    def get(self, session: str, name: str, default: Any = None) -> Any:
        """What was put under `name`."""
        with self._lock:
            found = self._sessions.get(session)
            return found.values.get(name, default) if found else default

    def put(self, session: str, name: str, value: Any) -> None:
        """Keep `value`, if the session has not ended."""
        with self._lock:
            if session in self._sessions:
                self._sessions[session].values[name] = value

    def advance(self, session: str, name: str, turn: int) -> bool:
        """Put `turn` under `name` unless a later one stands there; whether it does now."""
        with self._lock:
            if turn < self.get(session, name, 0):
                return False
            self.put(session, name, turn)
            return True

    def folder(self, session: str) -> Path:
        """A folder of the session's own, removed with all that is in it when the session ends.

        Raises:
            KeyError: when the session has ended, or never began.
        """
        with self._lock:
            found = self._sessions[session]
            if found.folder is None:
                self._root = self._root or tempfile.TemporaryDirectory(prefix="whiskers-")
                found.folder = Path(tempfile.mkdtemp(dir=self._root.name))
            return found.folder

    def when_ended(self, session: str, callback: Callable[[], None]) -> None:
        """Call `callback` once when the session ends; at once if it has."""
        with self._lock:
            found = self._sessions.get(session)
            if found:
                found.on_end.append(callback)
                return
        callback()

    def page_opened(self, session: str, page: str) -> None:
        """A page of the session is there, perhaps in place of one that was loaded again."""
        with self._lock:
            self._pages[page] = session
            if session in self._sessions:
                self._carry_on(self._sessions[session])

    def page_closed(self, page: str) -> None:
        """A page is gone: with the last one its session ends after the grace."""
        with self._lock:
            session = self._pages.pop(page, page)
            if session not in self._pages.values():
                self.end(session)

    def _carry_on(self, found: _Session) -> None:
        if found.ending:
            found.ending.cancel()
            found.ending = None

    def end(self, session: str) -> None:
        """The page is gone: end its session after the grace, unless `open` or another page comes first."""
        with self._lock:
            found = self._sessions.get(session)
            if not found or found.ending:
                return
            found.ending = threading.Timer(self.grace, self._end_if_still_gone, (session, found))
            found.ending.daemon = True
            found.ending.start()

    def _end_if_still_gone(self, session: str, found: _Session) -> None:
        with self._lock:
            gone = self._sessions.get(session) is found and found.ending is threading.current_thread()
        if gone:
            self.end_now(session)

    def count(self) -> int:
        """How many sessions hold something."""
        return len(self._sessions)

    def end_all(self) -> None:
        """End every session, and remove the folder in which theirs were."""
        for session in list(self._sessions):
            self.end_now(session)
        with self._lock:
            if self._root:
                self._root.cleanup()
                self._root = None

    def end_now(self, session: str) -> None:
        """End a session: its values and files are gone when this returns."""
        with self._lock:
            found = self._sessions.pop(session, None)
            if found is None:
                return
            if found.ending:
                found.ending.cancel()
        if found.folder:
            shutil.rmtree(found.folder, ignore_errors=True)
        for callback in found.on_end:
            callback()


SESSIONS = Sessions()


def end_with_page() -> None:
    """Let every session of the page that is being built end after its page is closed; once is enough."""
    page = GradioContext.root_block
    if page is not None and not any(block.fn is _page_gone for block in page.fns.values()):
        page.load(_page_here, None, None, queue=False, show_progress="hidden")
        page.unload(_page_gone)


def _page_here(request: gr.Request) -> None:
    SESSIONS.page_opened(session_of(request), page_of(request))


def _page_gone(request: gr.Request) -> None:
    SESSIONS.page_closed(page_of(request))  # it says no more than the page's name
