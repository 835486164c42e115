"""Fair turns: rotation, closing, and place in the queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from core import runner
from core.limits import Limits, RefusedError
from core.runner import SupersededError, Turns, run_once, run_steps


@pytest.fixture(autouse=True)
def own_turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    turns = Turns()
    monkeypatch.setattr(runner, "TURNS", turns)
    return turns


def drain_together(jobs: list[tuple[str, str]], steps: int) -> list[str]:
    """Run jobs (name, session) at once; the names in the order in which their steps ran."""
    order: list[str] = []
    gate = threading.Barrier(len(jobs))

    def work(name: str) -> Iterator[int]:
        for step in range(steps):
            order.append(name)
            threading.Event().wait(0.002)
            yield step

    def drain(name: str, session: str) -> None:
        gate.wait()
        for _ in run_steps(work, name, session=session):
            pass

    threads = [threading.Thread(target=drain, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(order) == steps * len(jobs)
    return order


def test_sessions_advance_in_rotation():
    order = drain_together([("a", "A"), ("b", "B"), ("c", "C")], steps=20)
    middle = order[6:-6]
    for at in range(len(middle) - 3):
        assert len(set(middle[at : at + 3])) >= 2, "nobody is served twice while two others wait"
    halfway = order[: len(order) // 2]
    assert max(map(halfway.count, "abc")) - min(map(halfway.count, "abc")) <= 3


def test_two_jobs_of_one_session_share_its_turns():
    order = drain_together([("a1", "A"), ("a2", "A"), ("b", "B")], steps=20)
    until_b_ended = order[: len(order) - order[::-1].index("b")]
    a_steps = len(until_b_ended) - until_b_ended.count("b")
    assert a_steps <= 20 + 4, f"A took {a_steps} turns against B's 20"


def test_one_step_runs_at_a_time():
    running, most = 0, 0

    def work() -> Iterator[None]:
        nonlocal running, most
        for _ in range(10):
            running += 1
            most = max(most, running)
            threading.Event().wait(0.001)
            running -= 1
            yield

    threads = [
        threading.Thread(target=lambda name=str(i): list(run_steps(work, session=name))) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 1


def test_closing_ends_the_job_and_frees_its_place(own_turns: Turns):
    steps_run, closed = [], []

    def work() -> Iterator[int]:
        try:
            for step in range(100):
                steps_run.append(step)
                yield step
        finally:
            closed.append(True)

    steps = run_steps(work, session="A")
    assert next(steps) == 0
    assert own_turns.place("B").ahead == 1
    steps.close()
    assert steps_run == [0]
    assert closed == [True]
    assert own_turns.place("B").ahead == 0


def test_the_same_job_begun_anew_ends_the_former_before_its_next_step(own_turns: Turns):
    closed: list[str] = []

    def work(name: str) -> Iterator[str]:
        try:
            while True:
                yield name
        finally:
            closed.append(name)

    former = run_steps(work, "former", session="A", job="draw")
    other_kind = run_steps(work, "other kind", session="A", job="train")
    other_session = run_steps(work, "other session", session="B", job="draw")
    for job in (former, other_kind, other_session):
        next(job)
    anew = run_steps(work, "anew", session="A", job="draw")
    assert next(anew) == "anew"
    with pytest.raises(SupersededError):
        next(former)
    assert closed == ["former"]
    assert [next(job) for job in (anew, other_kind, other_session)] == ["anew", "other kind", "other session"]
    for job in (anew, other_kind, other_session):
        job.close()
    assert own_turns._latest == {}


def test_an_error_in_a_step_frees_the_device(own_turns: Turns):
    def work() -> Iterator[int]:
        yield 0
        raise ArithmeticError("no longer a number")

    steps = run_steps(work, session="A")
    next(steps)
    with pytest.raises(ArithmeticError):
        next(steps)
    assert run_once(lambda: 7, "B") == 7
    assert own_turns.place("C").ahead == 0


def test_a_newcomer_is_served_before_the_busy(own_turns: Turns):
    order: list[str] = []

    def busy() -> Iterator[None]:
        for _ in range(30):
            order.append("busy")
            threading.Event().wait(0.003)
            yield

    threads = [
        threading.Thread(target=lambda name=name: list(run_steps(busy, session=name))) for name in ("A", "B")
    ]
    for thread in threads:
        thread.start()
    while len(order) < 10:
        threading.Event().wait(0.001)
    before = len(order)
    run_once(lambda: order.append("quick"), "C")
    assert order.index("quick") - before <= 2
    for thread in threads:
        thread.join(20)


def test_the_expected_wait_grows_with_those_ahead(own_turns: Turns):
    def work() -> Iterator[int]:
        yield 0
        yield 1

    jobs = [run_steps(work, session=name) for name in "ABC"]
    for job in jobs:
        next(job)
    one, all_three = own_turns.place("A"), own_turns.place("D")
    assert (one.ahead, all_three.ahead) == (2, 3)
    assert 0 < one.seconds < all_three.seconds
    for job in jobs:
        job.close()


def test_memory_of_sessions_is_bounded(own_turns: Turns, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "REMEMBERED_SESSIONS", 10)
    for visitor in range(50):
        run_once(lambda: None, f"visitor {visitor}")
    assert len(own_turns._served) <= 10


def test_quick_work_goes_before_the_steps_of_long_jobs_but_not_for_ever():
    turns = runner.TURNS
    order: list[str] = []
    with turns.turn("holder"):
        threads = [
            threading.Thread(target=take, args=(turns, name, name.startswith("q"), order))
            for name in ("long1", "long2", "q1", "q2", "q3", "q4")
        ]
        for thread in threads:
            thread.start()
            while len(turns._waiting) < threads.index(thread) + 1:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join(20)
    assert order == ["q1", "q2", "long1", "q3", "q4", "long2"]


def test_quick_steps_wait_for_quick_turns(own_turns: Turns, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[str, bool]] = []
    turn = own_turns.turn

    def noted(session: str, *, quick: bool = False) -> AbstractContextManager[None]:
        asked.append((session, quick))
        return turn(session, quick=quick)

    monkeypatch.setattr(own_turns, "turn", noted)
    for name, quick in (("A", True), ("B", False)):
        assert list(run_steps(lambda: iter(["step"]), session=name, quick=quick)) == ["step"]
    assert asked == [("A", True), ("A", True), ("B", False), ("B", False)]


def take(turns: Turns, name: str, quick: bool, order: list[str]) -> None:
    with turns.turn(name, quick=quick):
        order.append(name)


def test_more_long_jobs_than_the_server_takes_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "limits", lambda: Limits(jobs=1))
    first = run_steps(lambda: iter(range(3)), session="A")
    next(first)
    with pytest.raises(RefusedError, match="as much as this server takes on"):
        next(run_steps(lambda: iter(range(3)), session="B"))
    assert run_once(lambda: "quick", "B") == "quick"
    first.close()
    assert list(run_steps(lambda: iter(range(3)), session="B")) == [0, 1, 2]


def test_a_job_that_has_the_device_for_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "limits", lambda: Limits(seconds=0.02))
    closed = []

    def work() -> Iterator[int]:
        try:
            for step in range(1000):
                threading.Event().wait(0.015)
                yield step
        finally:
            closed.append(True)

    seen = []
    with pytest.raises(RefusedError, match="longer than the 0 seconds"):
        seen += run_steps(work, session="A")
    assert closed == [True]
