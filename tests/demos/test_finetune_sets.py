"""One of our own sets is chosen on the Fine-tune tab while another is on its way."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from core.downloads import Progress
from core.errors import FolderError
from core.finetune import scan_folder
from demos import finetune_handlers, finetune_work
from demos._sessions import SESSIONS
from demos.finetune_frames import PARTS
from tests.core.finetune.photos import colour_folder

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
        return finetune_work.set_steps(name)

    monkeypatch.setattr(finetune_handlers, "set_steps", slowly)
    assert list(choose("digits")) == []
    assert worked_on() == "textures"


def test_a_set_that_cannot_be_fetched_leaves_what_was_there(monkeypatch):
    *_, trained = choose("textures")

    def unreachable(name: str):
        yield Progress(done=1_000_000, total=99_000_000)
        raise FolderError("set.download", title=name, megabytes=99, reason="no route to host")

    monkeypatch.setattr(finetune_work, "published_set_steps", unreachable)
    frames = choose("imagenette")
    assert shown(next(frames))["sets"] == "imagenette/fetching"
    assert "Fetching Imagenette: 1 of 99 MB" in shown(next(frames))["trust"]["words"]
    back = shown(next(frames))
    assert back["sets"] == "textures"
    assert back["trust"] == shown(trained)["trust"]
    with pytest.raises(gr.Error, match="sets without a size need no network"):
        next(frames)
    assert worked_on() == "textures"


def test_a_set_that_was_fetched_is_trained_on(monkeypatch, tmp_path):
    folder = scan_folder(colour_folder(tmp_path, 4))
    monkeypatch.setattr(finetune_work, "published_set_steps", lambda name: iter([folder]))
    monkeypatch.setattr(finetune_work, "_SETS", {})
    *_, last = choose("imagenette")
    assert shown(last)["trust"]["large"].endswith("%")
    assert worked_on() == "imagenette"


def shown(frame):
    return dict(zip(PARTS, frame, strict=True))


def test_nothing_is_trained_on_a_set_that_was_left_while_the_network_loaded():
    left = choose("textures")
    assert dict(zip(PARTS, next(left), strict=True))["sets"] == "textures"
    next(left)
    next(choose("shapes"))
    assert list(left) == []
    assert worked_on() == "shapes"
