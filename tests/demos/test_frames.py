"""What a handler gave the page as an object it may not skip afterwards.

Gradio sends the next frame as a difference, and its client edits the object itself into that frame. A busy
page that had not looked at the object yet would find the skip in its place, and never show it.
"""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from core.texts import Section, load_section
from core.variants import PHOTOS, WEIGHTS
from demos import finetune_handlers, finetune_trust, ideal_image_dials, kernels_digits
from demos._drawer import FIRST, Drawer
from demos._maps_study import study_photo
from demos._sessions import SESSIONS

PAGE = SimpleNamespace(session_hash="page of frames")
OPENED = SimpleNamespace(_data={"asked": None})  # not by a link
SKIP = {"__type__": "update"}
DIALS = ("efficientnet_lite0", 0.2, 10, 0)
ROUNDS = (1, 1e-3, 8, True)  # of the network: how many, rate, batch, augmentation


@pytest.fixture
def page():
    """An open page; it is closed after the test."""
    SESSIONS.open(PAGE.session_hash)
    yield
    SESSIONS.end_now(PAGE.session_hash)


def check(frames) -> int:
    """Take all frames of a handler; gives how many there were."""
    given: set[int] = set()
    number = 0
    for number, frame in enumerate(frames, 1):
        for place, shown in enumerate(frame):
            if shown == SKIP:
                assert place not in given, f"frame {number} skips output {place}, which was given an object"
            elif isinstance(shown, dict | list):
                given.add(place)
    return number


@pytest.mark.parametrize("times", [1, 2])  # the second time its sheets are already there
def test_feature_maps(page, times):
    for _ in range(times):
        use = ("efficientnet_lite0", WEIGHTS[0], PHOTOS[0])
        assert check(study_photo({"sample": "cat"}, *use, request=PAGE)) == 2


def test_fine_tune(page):
    assert check(finetune_handlers.open_page(OPENED, PAGE)) > 3
    change = finetune_handlers.change(
        SimpleNamespace(_data={"photo": 0, "label": None}), PAGE, *DIALS, "new_layer", *ROUNDS
    )
    assert check(change) > 2
    assert check(finetune_trust.measure_gap(request=PAGE)) > 2
    assert [check(finetune_trust.draw_map(way, request=PAGE)) for way in ("pca", "tsne")] == [1, 2]
    chosen = finetune_handlers.choose_set(
        SimpleNamespace(_data={"name": "textures"}), PAGE, *DIALS, "new_layer", *ROUNDS
    )
    assert check(chosen) > 3
    assert check(finetune_handlers.train(PAGE, *DIALS, "last_block", *ROUNDS)) > 5
    assert check(finetune_handlers.open_page(OPENED, PAGE)) == 1  # loaded again
    with pytest.raises(gr.Error, match="the network itself has learnt"):
        next(finetune_trust.measure_gap(request=PAGE))


def test_ideal_image(page, monkeypatch):
    monkeypatch.setattr("demos._drawer.MORE_STEPS", 8)
    drawer = Drawer(load_section("ideal_image"))
    quick = {"second": -1, "start": "noise", "steps": 16, "size": 128, "way": "ladder"}
    usual = ideal_image_dials.values_of(FIRST) | quick
    values = [usual.get(name) for name in ideal_image_dials.DIALS]
    assert check(drawer.draw(PAGE, *values)) > 2
    assert check(drawer.go_on(SimpleNamespace(_data=None), PAGE)) > 1


def test_digits(page):
    texts = Section("kernels", load_section("kernels").tree("digits"))
    assert check(kernels_digits._Page(texts).train(8, 1, 0.01, 3.0, 0, request=PAGE)) > 10
