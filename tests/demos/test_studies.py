"""Studies: pages wait for sheets that are being made, and nothing is kept for ever."""

from __future__ import annotations

import threading

import pytest
import torch

from core.backbone import load_backbone
from core.errors import ImageError
from demos import _photos, _studies
from demos._studies import Shelf, Study

MAPS = torch.rand(2, 7, 7)


def a_study(owner: str | None) -> Study:
    return Study(owner=owner, backbone=load_backbone("vgg16", "cpu"), images=None)


def test_a_page_that_asks_early_gets_the_sheet_when_it_is_made():
    study, got = a_study("a"), []
    page = threading.Thread(target=lambda: got.append(study.wait("conv2_1")))
    page.start()
    study.add("conv1_1", MAPS)
    study.add("conv2_1", MAPS)
    page.join(timeout=5)
    assert [each.layer for each in got] == ["conv2_1"]


def test_a_page_does_not_wait_for_what_will_not_come():
    study, got = a_study("a"), []
    page = threading.Thread(target=lambda: got.append(study.wait("conv2_1")))
    page.start()
    study.end()
    page.join(timeout=5)
    assert got == [None]


def test_maps_go_once_their_sheets_are_drawn():
    study = a_study(owner="a")
    study.add("conv1_1", MAPS)
    study.add("conv2_1", MAPS)
    first = study.wait("conv2_1")
    study.finish()
    study.end()
    assert study._maps == {}
    assert study.wait("conv2_1") is first
    assert study.wait("conv1_1").layer == "conv1_1"


def test_a_run_that_broke_off_keeps_no_maps():
    study = a_study(owner="a")
    study.add("conv1_1", MAPS)
    study.end()
    assert study._maps == {}
    assert study.wait("conv1_1") is None


def test_a_session_keeps_only_its_newest_photo():
    shelf, shared = Shelf(), a_study(None)
    shelf.put("cat", shared)
    shelf.put("first", a_study("a"))
    shelf.put("other", a_study("b"))
    shelf.put("second", a_study("a"))
    assert [shelf.find(key) is not None for key in ("cat", "first", "other", "second")] == [
        True,
        False,
        True,
        True,
    ]
    shelf.drop("b")
    assert shelf.find("other") is None
    assert shelf.find("cat") is shared


def test_the_shelf_is_bounded_and_keeps_what_is_used(monkeypatch):
    monkeypatch.setattr(_studies, "MOST_STUDIES", 3)
    shelf = Shelf()
    for number in range(5):
        shelf.put(str(number), a_study(None))
        shelf.find("0")
    assert [number for number in range(5) if shelf.find(str(number))] == [0, 3, 4]


@pytest.mark.parametrize("path", ["", "/etc/hostname", "../../etc/passwd", __file__])
def test_only_uploaded_files_are_read(path: str):
    with pytest.raises(ImageError):
        _photos._uploaded(path)


def test_an_uploaded_file_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(_photos, "get_upload_folder", lambda: str(tmp_path))
    photo = tmp_path / "abc" / "photo.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"x")
    assert _photos._uploaded(str(photo)) == photo.resolve()
    with pytest.raises(ImageError):
        _photos._uploaded(str(tmp_path / "abc"))
