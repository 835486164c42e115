"""Fair turns on the device: many long jobs advance together, one step per session in rotation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ParamSpec, TypeVar

from core import zero_gpu
from core.limits import RefusedError, limits
from core.metrics import JOBS, REFUSALS, STEP_SECONDS, WAIT_SECONDS
from core.threads import use_all

Step = TypeVar("Step")
Arguments = ParamSpec("Arguments")

REMEMBERED_SESSIONS = 1024
QUICK_IN_A_ROW = 2  # short turns before a long job's step, where both wait


class SupersededError(Exception):
    """A session began the same job anew, so the former one ends; nobody needs to be told."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a session stands."""

    ahead: int  # other sessions with work on the device
    seconds: float  # expected wait until this session's next turn


@dataclass(eq=False)
class _Ticket:
    session: str
    arrival: int
    quick: bool


@dataclass
class Turns:
    """A lock whose next holder is the session served longest ago.

    A session that runs two jobs gets no more turns than a session that runs one; within a session,
    first come is first served. Quick work, which is one turn, goes before the steps of long jobs, but not
    for ever: after `QUICK_IN_A_ROW` turns of it a step comes.
    """

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Ticket] = field(default_factory=list)
    _jobs: dict[str, int] = field(default_factory=dict)
    _served: dict[str, int] = field(default_factory=dict)
    _latest: dict[tuple[str, str], object] = field(default_factory=dict)
    _long: int = 0  # long jobs under way
    _quick_in_a_row: int = 0
    _busy: bool = False
    _clock: Iterator[int] = field(default_factory=count)
    _step_seconds: float = 0.05

    @contextmanager
    def job(self, session: str, name: str | None = None) -> Iterator[Callable[[], bool]]:
        """Count a job of `session` for as long as the block lasts.

        Args:
            name: of its kind; of each kind a session has one job, the latest.

        Yields:
            A function that tells whether a later job has taken this one's place.
        """
        mark, key = object(), (session, name or "")
        with self._changed:
            self._jobs[session] = self._jobs.get(session, 0) + 1
            if name:
                self._latest[key] = mark
        try:
            yield lambda: name is not None and self._latest.get(key) is not mark
        finally:
            with self._changed:
                self._jobs[session] -= 1
                if not self._jobs[session]:
                    del self._jobs[session]
                if self._latest.get(key) is mark:
                    del self._latest[key]

    @contextmanager
    def long_job(self) -> Iterator[None]:
        """Count a long job for as long as the block lasts.

        Raises:
            RefusedError: when as many as `limits().jobs` are under way.
        """
        with self._changed:
            if self._long >= limits().jobs:
                REFUSALS.labels("too_many_jobs").inc()
                raise RefusedError("refused.busy", jobs=self._long)
            self._long += 1
            JOBS.set(self._long)
        try:
            yield
        finally:
            with self._changed:
                self._long -= 1
                JOBS.set(self._long)

    @contextmanager
    def turn(self, session: str, *, quick: bool = False) -> Iterator[None]:
        """Hold the device for the length of the block, after waiting for one's turn."""
        kind, asked = "quick" if quick else "long", time.monotonic()
        with self._changed:
            ticket = _Ticket(session, next(self._clock), quick)
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: not self._busy and self._next() is ticket)
            finally:
                self._waiting.remove(ticket)
            self._busy = True
            self._quick_in_a_row = self._quick_in_a_row + 1 if quick else 0
        started = time.monotonic()
        WAIT_SECONDS.labels(kind).observe(started - asked)
        use_all()
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            STEP_SECONDS.labels(kind).observe(seconds)
            with self._changed:
                self._busy = False
                self._remember(session)
                if not quick:
                    self._step_seconds += 0.2 * (seconds - self._step_seconds)
                self._changed.notify_all()

    @property
    def long_jobs(self) -> int:
        """How many are under way."""
        return self._long

    def place(self, session: str) -> Place:
        """How many other sessions are at work, and how long one rotation past them takes."""
        with self._changed:
            ahead = sum(1 for other in self._jobs if other != session)
            return Place(ahead=ahead, seconds=ahead * self._step_seconds)

    def _remember(self, session: str) -> None:
        """Note that `session` was served now; forget the sessions served longest ago."""
        self._served.pop(session, None)
        self._served[session] = next(self._clock)
        if len(self._served) > REMEMBERED_SESSIONS:
            del self._served[next(iter(self._served))]

    def _next(self) -> _Ticket:
        quick = [ticket for ticket in self._waiting if ticket.quick]
        steps = [ticket for ticket in self._waiting if not ticket.quick]
        first = steps if steps and (not quick or self._quick_in_a_row >= QUICK_IN_A_ROW) else quick
        return min(first, key=lambda ticket: (self._served.get(ticket.session, -1), ticket.arrival))


TURNS = Turns()


def run_steps(
    steps_function: Callable[..., Iterator[Step]],
    *args: Any,
    session: str,
    job: str | None = None,
    quick: bool = False,
    **kwargs: Any,
) -> Generator[Step, None, None]:
    """Run a step generator, waiting for this session's turn before every step.

    Closing the returned generator closes the steps; nothing of the job runs after that. On ZeroGPU jobs that
    go to the GPU wait for its turns, not for ours.

    Args:
        steps_function: called as `steps_function(*args, **kwargs)`; gives the iterator of steps.
        session: whose turns to use.
        job: what kind of job it is; a session that begins the same kind anew ends the former one.
        quick: for few and short steps that someone waits for, such as the layers of one pass: they go
            ahead of the steps of other jobs, as `run_once` does.

    Raises:
        SupersededError: before the next step, once the session has begun the same job anew.
        RefusedError: at the start, when too many jobs are under way; before a step, when the job has had the
            device for as long as one job may.
    """
    used = 0.0
    with TURNS.job(session, job) as is_superseded, TURNS.long_job():
        away = zero_gpu.takes(steps_function, args, kwargs)
        steps = zero_gpu.steps(steps_function, args, kwargs) if away else steps_function(*args, **kwargs)
        try:
            while True:
                with nullcontext() if away else TURNS.turn(session, quick=quick):
                    if is_superseded():
                        raise SupersededError
                    started = time.monotonic()
                    try:
                        step = next(steps)
                    except StopIteration:
                        return
                    used += time.monotonic() - started
                yield step
                if used > limits().seconds:
                    REFUSALS.labels("too_long").inc()
                    raise RefusedError("refused.too_long", seconds=limits().seconds)
        finally:
            close = getattr(steps, "close", None)
            if close:
                close()


def latest_job(session: str, name: str) -> AbstractContextManager[Callable[[], bool]]:
    """A job made of several step generators, for as long as the block lasts.

    Gives a function that tells whether the session has begun the same job anew, so that this one is to end.
    """
    return TURNS.job(session, name)


def run_once(
    function: Callable[Arguments, Step], session: str, *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Step:
    """Run a short function (a forward pass) in one turn on the device, ahead of the steps of long jobs."""
    with TURNS.job(session), TURNS.turn(session, quick=True):
        return function(*args, **kwargs)


def place(session: str) -> Place:
    """Where `session` stands in the rotation now."""
    return TURNS.place(session)


def long_jobs() -> int:
    """How many long jobs are under way, of all sessions."""
    return TURNS.long_jobs
