"""What a session keeps, and that it is gone afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from demos import _sessions as module
from demos._handlers import SESSION_HEADER, session_of
from demos._sessions import Sessions, end_with_page


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `condition` comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_sessions_do_not_see_each_other() -> None:
    sessions = Sessions()
    sessions.open("a")
    sessions.open("b")
    sessions.put("a", "photos", [1])
    assert sessions.get("a", "photos") == [1]
    assert sessions.get("b", "photos", "none") == "none"
    assert sessions.folder("a") != sessions.folder("b")


def test_files_and_values_are_gone_after_the_grace() -> None:
    sessions = Sessions(grace=0.05)
    sessions.open("a")
    sessions.put("a", "photos", [1])
    folder = sessions.folder("a")
    (folder / "photo.jpg").write_bytes(b"x")
    ended = threading.Event()
    sessions.when_ended("a", ended.set)
    sessions.end("a")
    assert ended.wait(10)
    assert not folder.exists()
    assert sessions.get("a", "photos") is None


def test_the_grace_is_given() -> None:
    sessions = Sessions(grace=30)
    sessions.open("a")
    folder = sessions.folder("a")
    sessions.end("a")
    assert folder.exists()
    sessions.end_now("a")
    assert not folder.exists()


def test_a_page_that_comes_back_keeps_what_it_had() -> None:
    sessions = Sessions(grace=0.2)
    sessions.open("a")
    sessions.put("a", "photos", [1])
    sessions.end("a")
    sessions.open("a")
    time.sleep(0.4)
    assert sessions.get("a", "photos") == [1]


def test_a_reload_carries_the_session_on_whichever_page_is_told_of_first() -> None:
    sessions = Sessions(grace=0.1)
    sessions.open("a")
    sessions.put("a", "photos", [1])
    sessions.page_opened("a", "before")
    sessions.page_closed("before")
    sessions.page_opened("a", "after")
    time.sleep(0.2)
    assert sessions.get("a", "photos") == [1]
    sessions.page_opened("a", "later")
    sessions.page_closed("after")  # told of late: another page of the session is open
    time.sleep(0.2)
    assert sessions.get("a", "photos") == [1]
    sessions.page_closed("later")
    assert until(lambda: sessions.get("a", "photos") is None)


def test_a_key_from_the_browser_must_have_its_form() -> None:
    key = "0123456789abcdef" * 2
    for sent, session in [({SESSION_HEADER: key}, key), ({SESSION_HEADER: "../x"}, "page"), ({}, "page")]:
        assert session_of(SimpleNamespace(session_hash="page", headers=sent)) == session  # type: ignore[arg-type]
    assert session_of(None) == "direct"


def test_a_job_that_outlives_its_page_leaves_nothing() -> None:
    sessions = Sessions()
    sessions.open("a")
    sessions.end_now("a")
    sessions.put("a", "photos", [1])
    assert sessions.get("a", "photos") is None
    with pytest.raises(KeyError):
        sessions.folder("a")
    called = []
    sessions.when_ended("a", lambda: called.append(True))
    assert called == [True]


def test_the_session_unused_for_longest_makes_room() -> None:
    sessions = Sessions(most=2)
    for name in ("a", "b"):
        sessions.open(name)
    folder = sessions.folder("b")
    sessions.open("a")
    sessions.open("c")
    assert not folder.exists()
    sessions.put("b", "photos", [1])
    assert sessions.get("b", "photos") is None
    sessions.put("a", "photos", [1])
    assert sessions.get("a", "photos") == [1]


def test_what_is_held_has_a_limit_and_the_latest_stays() -> None:
    sessions = Sessions(most_bytes=250)
    for name in ("a", "b", "c"):
        sessions.open(name)
        sessions.put(name, "photos", bytes(100))
    (sessions.folder("c") / "photo.jpg").write_bytes(bytes(100))
    sessions.open("a")
    sessions.weigh()
    assert [sessions.get(name, "photos") is not None for name in "abc"] == [True, True, False]
    sessions.put("b", "more", bytes(1000))
    sessions.open("b")
    sessions.weigh()
    assert sessions.get("b", "more"), "who is at work is not ended"
    assert sessions.get("a", "photos") is None


def test_without_a_page_a_session_ends_when_it_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    sessions = Sessions(grace=0.05)
    sessions.page_opened("a", "page")
    for name in ("a", "b"):
        sessions.open(name)
        sessions.put(name, "photos", [1])
    assert until(lambda: sessions.get("b", "photos") is None)
    time.sleep(0.1)
    assert sessions.get("a", "photos") == [1]


def test_gradios_record_of_a_page_ends_with_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(grace=0.05)
    monkeypatch.setattr(module, "SESSIONS", sessions)
    records = SimpleNamespace(session_data={"page": 1, "other": 2}, time_last_used={"page": 1})
    app = SimpleNamespace(state_holder=records)
    request = SimpleNamespace(session_hash="page", headers={}, request=SimpleNamespace(app=app))
    sessions.open("page")
    module._page_here(request)  # type: ignore[arg-type]
    module._page_gone(request)  # type: ignore[arg-type]
    assert until(lambda: records.session_data == {"other": 2})
    assert not records.time_last_used


def test_many_threads_leave_it_whole() -> None:
    sessions = Sessions(grace=0.0, most=8)

    def work(number: int) -> None:
        for turn in range(60):
            name = f"s{(number + turn) % 12}"
            sessions.open(name)
            sessions.put(name, "x", turn)
            try:
                sessions.folder(name)
            except KeyError:
                continue
            (sessions.end, sessions.end_now)[turn % 2](name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    for number in range(12):
        sessions.end_now(f"s{number}")
    assert sessions._root is not None
    assert until(lambda: not list(Path(sessions._root.name).iterdir()))


def test_a_page_asks_for_it_once() -> None:
    with gr.Blocks() as page:
        end_with_page()
        end_with_page()
    unloads = [block for block in page.fns.values() if block.targets[0][1] == "unload"]
    assert len(unloads) == 1
