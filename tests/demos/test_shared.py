"""Errors become sentences, numbers are checked, probabilities are never a false 0 or 100."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from core.errors import ImageError, UserError
from core.runner import run_steps
from demos._handlers import (
    LANGUAGE_HEADER,
    SESSION_HEADER,
    end_running,
    explained,
    language_of,
    latest_only,
    stopper,
)
from demos._photos import open_photo
from demos._shared import number_between, probability


def test_a_user_error_shows_its_own_sentence():
    @explained
    def handler() -> None:
        raise ImageError("image.not_an_image", name="notes.txt")

    with pytest.raises(gr.Error, match=r"notes\.txt could not be read as a picture"):
        handler()


def test_an_error_of_ours_shows_one_general_sentence_and_is_logged(caplog: pytest.LogCaptureFixture):
    @explained
    def handler() -> Iterator[int]:
        yield 1
        raise KeyError("secret path /home")

    steps = handler()
    assert next(steps) == 1
    with pytest.raises(gr.Error) as shown:
        next(steps)
    assert "Something went wrong on our side" in shown.value.message
    assert "secret" not in shown.value.message
    assert "secret path" in caplog.text


@pytest.mark.parametrize(
    ("sent", "language"), [("nl", "nl"), ("en", "en"), ("../../x", "en"), ("", "en"), (None, "en")]
)
def test_files_are_written_in_the_language_of_the_page(sent: str | None, language: str):
    headers = {} if sent is None else {LANGUAGE_HEADER: sent}
    assert language_of(gr.Request(headers=headers, session_hash="page")) == language
    assert language_of(None) == "en"


def test_each_call_is_one_line_that_names_nobody(caplog: pytest.LogCaptureFixture):
    @explained
    def look(choice: str, request: gr.Request) -> Iterator[str]:
        yield choice
        raise ImageError("image.missing")

    caplog.set_level("INFO", "whiskers")
    key = "0123456789abcdef" * 2
    request = gr.Request(headers={SESSION_HEADER: key}, session_hash="page")
    stopped = look("a private name.jpg", request)
    next(stopped)
    stopped.close()
    with pytest.raises(gr.Error):
        list(look("a private name.jpg", request))
    lines = [record.getMessage() for record in caplog.records]
    assert [re.sub(r"[0-9.]+s", "-", line.split(" session=")[1][9:]) for line in lines] == [
        "- stopped",
        "- refused (image.missing)",
    ]
    assert all(line.startswith("event test look session=") for line in lines)
    assert key not in caplog.text
    assert "private" not in caplog.text


def test_closing_an_explained_generator_reaches_the_handler():
    closed = []

    @explained
    def handler() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    steps = handler()
    next(steps)
    steps.close()
    assert closed == [True]


@pytest.mark.parametrize("value", [None, "", "7", float("nan"), float("inf"), -1, 17, [3]])
def test_what_is_no_number_in_range_is_named_with_its_range(value: object):
    with pytest.raises(UserError, match="Budget needs a number from 0 to 16"):
        number_between(value, 0, 16, field="Budget")


@pytest.mark.parametrize("value", [0, 16, 2.5])
def test_numbers_in_range_pass(value: float):
    assert number_between(value, 0, 16, field="Budget") == value


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "< 0.1 %"), (0.0123, "1.2 %"), (0.7, "70 %"), (0.992, "99.2 %"), (1.0, "> 99.9 %")],
)
def test_probabilities_are_never_a_false_zero_or_hundred(share: float, shown: str):
    assert probability(share).replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"file": "/etc/passwd", "name": "me.jpg"},
        {"file": "../../etc/passwd"},
        {"file": __file__},
        {"sample": "../cat"},
        {"sample": ["cat"]},
        {"file": ""},
    ],
)
def test_only_samples_and_uploads_are_opened(data: object):
    with pytest.raises(ImageError, match="Choose a picture first"):
        open_photo(data)


def test_an_upload_is_opened_under_the_name_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    broken = tmp_path / "abc" / "x.jpg"
    broken.parent.mkdir()
    broken.write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"holiday\.jpg could not be read"):
        open_photo({"file": str(broken), "name": "holiday.jpg"})


def test_whoever_begins_again_ends_what_went_on_and_stop_ends_it_too():
    closed: list[str] = []

    @explained
    @latest_only("drawing")
    def draw(name: str, request: gr.Request) -> Iterator[str]:
        try:
            for step in range(100):
                yield f"{name}{step}"
        finally:
            closed.append(name)

    mine, other = gr.Request(session_hash="mine"), gr.Request(session_hash="other")
    first, theirs = draw("a", mine), draw("theirs", other)
    assert next(first) == "a0"
    next(theirs)
    second = draw("b", mine)
    assert next(second) == "b0"
    assert list(first) == []
    stopper("drawing")(mine)
    assert list(second) == []
    assert closed == ["a", "b"]
    assert next(theirs) == "theirs1"


def test_stop_reaches_the_work_before_its_next_step():
    steps: list[int] = []

    def work() -> Iterator[int]:
        for step in range(100):
            steps.append(step)
            yield step

    @explained
    @latest_only("work")
    def show(request: gr.Request) -> Iterator[int]:
        for step in run_steps(work, session="mine", job="work"):
            if step % 50 == 0:
                yield step  # frames are rarer than steps
            if step == 3:
                end_running("mine", "work")

    assert list(show(gr.Request(session_hash="mine"))) == [0]
    assert steps == [0, 1, 2, 3]
