"""The Feature maps tab's handlers: what they tell the page, what they keep, and what they refuse."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from core.activations import capture
from core.backbone import load_backbone
from core.images import open_image
from core.samples import sample_path
from core.variants import PHOTOS, WEIGHTS
from demos import _maps_follow, _maps_study, _maps_wish
from demos._maps_answer import activated, answer_without
from demos._maps_files import take
from demos._maps_link import change_network
from demos._maps_networks import side_by_side
from demos._maps_pair import compare_photos
from demos._maps_study import (
    NETWORKS,
    networks_ready_first,
    ready,
    sheet,
    study_chosen,
    study_photo,
    study_steps,
)
from demos._maps_views import announcement, first_layer
from demos._maps_wish import Kept, draw_wish, stop_wish
from demos._sessions import SESSIONS
from demos._studies import SHELF, Study

LITE = ("efficientnet_lite0", WEIGHTS[0], PHOTOS[0])
PAGE = "direct"  # the session of calls without a request


def event(**data: Any) -> Any:
    return SimpleNamespace(_data=data)


@pytest.fixture
def page():
    """An open page; it is closed after the test."""
    SESSIONS.open(PAGE)
    yield
    SESSIONS.end_now(PAGE)


@pytest.fixture
def cat(page) -> str:
    """The key of a photo that is open on the page, its network EfficientNet-Lite0."""
    network = load_backbone(LITE[0])
    images = network.preprocess(open_image(sample_path("cat")))
    SHELF.put("cat on lite", Study(owner=PAGE, backbone=network, images=images, use=LITE))
    return "cat on lite"


def frame() -> str:
    file = io.BytesIO()
    open_image(sample_path("cat")).resize((64, 64)).save(file, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def test_every_network_is_announced_with_layers_that_open(page):
    for name in ("vgg16_catdog", "efficientnet_lite0"):
        told, _ = next(study_steps({"sample": "cat"}, (name, WEIGHTS[0], PHOTOS[0]), PAGE))
        names = [layer["name"] for layer in told["layers"] if layer.get("openable")]
        assert told["first"] in names
        assert told["network"].startswith(name)
    rows = {layer["name"]: layer for layer in told["layers"]}
    assert not rows["conv_head"]["rectified"]  # normalisation stands between it and its activation
    vgg = load_backbone("vgg16", "cpu")
    told = announcement(
        "key", Study(owner=PAGE, backbone=vgg, images=vgg.preprocess(Image.new("RGB", (9, 9))))
    )
    assert first_layer(vgg) == told["first"] == "conv3_1"
    assert {each["name"]: each["rectified"] for each in told["layers"][1:4]} == {
        "conv1_1": True,
        "conv1_2": True,
        "pool1": False,
    }


def test_a_network_that_is_not_here_changes_nothing_and_the_last_one_goes_on(page, monkeypatch):
    here = {"vgg16_catdog", "efficientnet_lite0"}
    monkeypatch.setattr(_maps_study, "is_ready", lambda name: name in here)
    assert networks_ready_first()[:3] == ("vgg16_catdog", "efficientnet_lite0", "efficientnet_lite2")
    (told,) = change_network({"sample": "cat"}, "vgg19", *LITE[1:], None)
    assert told == (gr.skip(), gr.skip())
    assert ready("vgg19", PAGE) == "vgg16_catdog"
    assert ready("efficientnet_lite0", PAGE) == "efficientnet_lite0"
    told, _ = next(study_photo({"sample": "cat"}, "vgg19", *LITE[1:], None))
    assert told["network"].startswith("efficientnet_lite0")


def test_a_channel_is_silenced_where_nothing_comes_after_it_but_the_next_layer():
    lite, vgg = load_backbone(LITE[0]), load_backbone("vgg16_catdog")
    assert [activated(lite, layer) for layer in ("conv_stem", "block2_1", "conv_head")] == [
        "bn1",
        "block2_1",
        "bn2",
    ]
    assert [activated(vgg, layer) for layer in ("conv5_3", "pool5")] == ["relu5_3", "pool5"]


def test_what_a_channel_wants_is_streamed_then_kept(cat, monkeypatch):
    monkeypatch.setattr(_maps_wish, "KEPT", Kept())
    monkeypatch.setattr(_maps_wish, "FRAME_SECONDS", 0.0)
    asked = event(key=cat, layer="block1_1", channel=3, turn=7)
    frames = list(draw_wish(asked, None))
    assert [each["step"] for each in frames] == list(range(frames[-1]["steps"] + 1))
    assert [each["done"] for each in frames[-2:]] == [False, True]
    assert all(each["turn"] == 7 for each in frames)
    monkeypatch.setattr(_maps_wish, "_wishes", lambda *_: pytest.fail("it was drawn again"))
    assert list(draw_wish(event(key=cat, layer="block1_1", channel=3, turn=8), None)) == [
        frames[-1] | {"turn": 8}
    ]


def wish(key: str, turn: int) -> Any:
    return draw_wish(event(key=key, layer="block1_1", channel=turn, turn=turn), None)


def test_another_channel_or_stop_ends_the_drawing_before_its_next_step(cat, monkeypatch):
    monkeypatch.setattr(_maps_wish, "KEPT", Kept())
    first, second = wish(cat, 1), wish(cat, 2)
    next(first)
    next(second)
    assert list(first) == []
    stop_wish(event(turn=3), None)
    assert list(second) == []
    assert list(wish(cat, 2)) == []  # it was overtaken on its way
    assert next(wish(cat, 4))["turn"] == 4


def test_of_two_second_photos_the_later_is_compared_however_the_two_interleave(cat):
    former = compare_photos(event(key=cat, second={"change": "moved"}, turn=1), None)
    next(former)
    later = compare_photos(event(key=cat, second={"change": "mirrored"}, turn=2), None)
    next(later)
    assert list(former) == []
    assert next(later)["differences"]
    assert list(compare_photos(event(key=cat, second={"change": "moved"}, turn=1), None)) == []


def test_a_photo_that_is_gone_is_said_to_be(page):
    assert list(draw_wish(event(key="nothing", layer="conv1_1", channel=0, turn=1), None)) == [
        {"turn": 1, "gone": True}
    ]
    assert take(event(key="nothing", kind="table", layer="conv1_1", turn=3), None)["gone"]
    assert sheet({"key": "nothing", "layer": "conv1_1"}) is None
    assert answer_without(event(key="nothing", off={}, turn=1), None) == (gr.skip(), {"turn": 1})


def test_finished_pictures_are_bounded():
    kept = Kept(most=2)
    for name in "abc":
        kept.put((name,), {"image": name})
        kept.find(("a",))
    assert [kept.find((name,)) is not None for name in "abc"] == [True, False, True]


def test_files_hold_what_the_layers_gave(cat):
    network = load_backbone(LITE[0])
    exact = capture(network, SHELF.find(cat).images, ["block2_1", "conv_head"])
    one, every, table, picture = (
        Path(take(event(key=cat, kind=kind, layer="block2_1", turn=1), None)["file"]["path"])
        for kind in ("layer", "all", "table", "sheet")
    )
    with np.load(one) as read, np.load(every) as whole:
        assert set(read) == {"block2_1"}
        np.testing.assert_array_equal(read["block2_1"], exact["block2_1"][0].cpu().numpy())
        np.testing.assert_array_equal(whole["conv_head"], exact["conv_head"][0].cpu().numpy())
    assert "block2_1,block" in table.read_text()
    assert Image.open(picture).mode == "L"
    SESSIONS.end_now(PAGE)
    assert not one.exists()


def test_a_second_photo_has_its_sheets_and_its_distance_in_each_layer(cat):
    asked = event(key=cat, second={"change": "mirrored"}, turn=4)
    first, last = compare_photos(asked, None)
    assert (first["differences"], last["key"]) == ([], first["key"])
    assert sheet({"key": last["key"], "layer": "block3_1"})["layer"] == "block3_1"
    names = [each["layer"] for each in last["differences"]]
    assert names[0] == "conv_stem"
    assert all(0 < each["content"] < each["place"] <= 1 for each in last["differences"])
    SESSIONS.end_now(PAGE)
    assert SHELF.find(last["key"]) is None


def test_the_camera_gives_one_layer_and_the_answer_and_one_pass_at_a_time(page):
    told, bars = _maps_follow.follow(*LITE, event(image=frame(), layer="block2_2", turn=5), None)
    assert (told["turn"], told["sheet"]["layer"]) == (5, "block2_2")
    assert len(bars["groups"][0]["rows"]) == 5
    study = SHELF.find(told["key"])
    assert study.wait("block4_1") is None  # does not wait for what will not come
    SESSIONS.put(PAGE, _maps_follow.BUSY, True)
    told, bars = _maps_follow.follow(*LITE, event(image=frame(), layer="block2_2", turn=6), None)
    assert (told, bars) == ({"turn": 6, "busy": True}, gr.skip())


@pytest.mark.parametrize("sent", ["", "data:image/jpeg;base64,???", "data:,QUJD", "x" * 2_000_000, None])
def test_what_is_no_picture_of_the_camera_gets_a_sentence_and_leaves_the_way_free(page, sent):
    with pytest.raises(gr.Error):
        _maps_follow.follow(*LITE, event(image=sent, layer="conv_stem", turn=1), None)
    assert not SESSIONS.get(PAGE, _maps_follow.BUSY)


def test_networks_side_by_side_say_what_they_see(page):
    *_, last = side_by_side({"sample": "cat"}, None)
    said = {row["name"]: row["says"]["label"] for row in last["rows"] if row.get("says")}
    assert [row["name"] for row in last["rows"]] == list(NETWORKS)
    assert said["vgg16_catdog"] == "cat"
    assert set(said) == {row["name"] for row in last["rows"] if not row["megabytes"]}


def test_a_second_photo_that_is_no_longer_wanted_does_not_run_the_whole_network(cat, monkeypatch):
    ran: list[str] = []
    add = Study.add
    monkeypatch.setattr(
        Study, "add", lambda study, layer, maps: (ran.append(layer), add(study, layer, maps))[1]
    )
    former = compare_photos(event(key=cat, second={"change": "moved"}, turn=1), None)
    next(former)
    next(compare_photos(event(key=cat, second={"change": "mirrored"}, turn=2), None))
    assert list(former) == []
    assert ran == []


def test_a_frame_of_the_camera_gives_way_to_a_photo_chosen_meanwhile(page, monkeypatch):
    passed = _maps_follow._pass

    def slow(study, layer):
        *_, _ = study_chosen(*LITE, event(sample="coffee"), None)
        return passed(study, layer)

    monkeypatch.setattr(_maps_follow, "run_once", lambda function, session, *args: slow(*args))
    told, bars = _maps_follow.follow(*LITE, event(image=frame(), layer="block2_2", turn=5), None)
    assert (told, bars) == ({"turn": 5, "busy": True}, gr.skip())


def test_a_photo_and_a_network_chosen_at_once_both_count_whichever_comes_first(page):
    vgg = ("vgg16_catdog", *LITE[1:])
    list(study_photo({"sample": "cat"}, *vgg, None))
    list(change_network({"sample": "cat"}, *LITE, None))
    _, told, _ = next(study_chosen(*vgg, event(sample="coffee"), None))  # sent before the network's event
    assert (told["source"], told["network"]) == ("coffee", "|".join(LITE))
    told, _ = next(change_network({"sample": "cat"}, *vgg, None))  # sent before the photo was noted
    assert (told["source"], told["network"]) == ("coffee", "|".join(vgg))


def test_a_page_that_was_asleep_can_go_on(cat):
    SESSIONS.end_now(PAGE)
    SHELF.put(
        "cat on lite",
        Study(
            owner=None,
            backbone=load_backbone(LITE[0]),
            images=load_backbone(LITE[0]).preprocess(open_image(sample_path("cat"))),
            use=LITE,
        ),
    )
    assert take(event(key="cat on lite", kind="table", layer="", turn=1), None)["file"]
    assert answer_without(event(key="cat on lite", off={}, turn=3), None)[0] != gr.skip()
