"""One of our own sets is chosen on the Fine-tune tab while another is on its way."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from demos import finetune_handlers, finetune_work
from demos._sessions import SESSIONS
from demos.finetune_frames import PARTS

PAGE = SimpleNamespace(session_hash="page of sets")


@pytest.fixture(autouse=True)
def page():
    """An open page; it is closed after the test."""
    SESSIONS.open(PAGE.session_hash)
    yield
    SESSIONS.end_now(PAGE.session_hash)


def choose(name: str):
    event = SimpleNamespace(_data={"name": name})
    return finetune_handlers.choose_set(
        event, PAGE, "efficientnet_lite0", 0.25, 10, 0, "new_layer", 5, 1e-3, 8, True
    )


def worked_on() -> str | None:
    return SESSIONS.get(PAGE.session_hash, "finetune").example


def test_the_set_asked_for_last_stays_although_the_one_before_takes_longer_to_make(monkeypatch):
    def slowly(name: str):
        if name == "digits":
            next(choose("textures"))
        return finetune_work.example_work(name)

    monkeypatch.setattr(finetune_handlers, "example_work", slowly)
    assert list(choose("digits")) == []
    assert worked_on() == "textures"


def test_nothing_is_trained_on_a_set_that_was_left_while_the_network_loaded():
    left = choose("textures")
    assert dict(zip(PARTS, next(left), strict=True))["sets"] == "textures"
    next(left)
    next(choose("shapes"))
    assert list(left) == []
    assert worked_on() == "shapes"
