"""What a page keeps on the server: values and a folder of its own, gone a while after the page is gone.

What all sessions hold is counted, and has a limit: beyond it, those unused for longest end.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context as GradioContext
from gradio.state_holder import StateHolder

from core.backbone import loaded_backbones
from core.limits import limits
from core.memory import Held, give_back
from core.metrics import HELD_BYTES, REFUSALS
from demos._handlers import page_of, session_of

MOST_SESSIONS = 256
IDLE_SECONDS = 600.0  # after its last use a session ends of which no page is known, such as a program's
WEIGH_SECONDS = 10.0  # between two times that what is held is added up
MEGA = 1024 * 1024


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

    grace: float = field(default_factory=lambda: limits().grace)  # seconds
    most: int = MOST_SESSIONS  # beyond it, the session unused for longest ends
    most_bytes: float = field(default_factory=lambda: limits().held_megabytes * MEGA)  # of memory and files
    _sessions: OrderedDict[str, _Session] = field(default_factory=OrderedDict)
    _pages: dict[str, str] = field(default_factory=dict)  # those that are open, and the session of each
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _root: tempfile.TemporaryDirectory[str] | None = None  # removed when the process ends
    _weighed: float = field(default_factory=time.monotonic)

    def open(self, session: str) -> None:
        """Begin a session or, where its page had seemed to be gone, carry it on."""
        with self._lock:
            found = self._sessions.setdefault(session, _Session())
            self._sessions.move_to_end(session)
            self._carry_on(found)
            if session not in self._pages.values():
                self._end_after(session, found, max(self.grace, IDLE_SECONDS))
            oldest = list(self._sessions)[: max(0, len(self._sessions) - self.most)]
        for name in oldest:
            self.end_now(name)
        if time.monotonic() - self._weighed > WEIGH_SECONDS:
            self.weigh()

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

    def page_closed(self, page: str) -> str:
        """A page is gone: with the last one its session, which is returned, ends after the grace."""
        with self._lock:
            session = self._pages.pop(page, page)
            if session not in self._pages.values():
                self.end(session)
        return session

    def _carry_on(self, found: _Session) -> None:
        if found.ending:
            found.ending.cancel()
            found.ending = None

    def end(self, session: str) -> None:
        """The page is gone: end its session after the grace, unless `open` or another page comes first."""
        with self._lock:
            found = self._sessions.get(session)
            if found:
                self._carry_on(found)
                self._end_after(session, found, self.grace)

    def _end_after(self, session: str, found: _Session, seconds: float) -> None:
        found.ending = threading.Timer(seconds, self._end_if_still_gone, (session, found))
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

    def weigh(self) -> None:
        """Add up what is held; sessions unused for longest end where all together are over the limit."""
        self._weighed = time.monotonic()
        with self._lock:
            latest_first = list(reversed(self._sessions.items()))
        held, memory, files = Held(loaded_backbones()), 0, 0
        for place, (name, session) in enumerate(latest_first):
            more, more_files = held.add(session.values), _size(session.folder)
            if place and memory + files + more + more_files > self.most_bytes:
                REFUSALS.labels("held_too_much").inc()
                self.end_now(name)
                continue
            memory, files = memory + more, files + more_files
        HELD_BYTES.labels("memory").set(memory)
        HELD_BYTES.labels("files").set(files)

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
        give_back()


def _size(folder: Path | None) -> int:
    """The bytes of all files in a folder; one that is removed meanwhile counts for what is left."""
    total = 0
    for file in folder.rglob("*") if folder else ():
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


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
    page = page_of(request)  # it says no more than the page's name
    session = SESSIONS.page_closed(page)
    if request.request is not None:
        SESSIONS.when_ended(session, functools.partial(_forget, request.request.app.state_holder, page))


def _forget(state_holder: StateHolder, page: str) -> None:
    """Let go of Gradio's own record of a page, 0.6 MB, of which it keeps ten thousand."""
    state_holder.session_data.pop(page, None)
    state_holder.time_last_used.pop(page, None)
