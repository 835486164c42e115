"""Copies in a folder are told of, and left out when the user says so; mistakes are shown the surest first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import FolderError
from core.finetune import FitSettings, ImageFolder, scan_folder
from core.finetune.doubtful import Doubtful
from core.texts import load_section
from demos.finetune_photos import overview, to_look_at
from demos.finetune_work import Run, Work, training_steps
from tests.core.finetune.photos import COLOURS, colour_folder, small_network

TEXTS = load_section("finetune")


@pytest.fixture
def folder(tmp_path: Path) -> ImageFolder:
    return scan_folder(colour_folder(tmp_path, 8))


def with_copies(folder: ImageFolder, copies: dict[int, int], parts: bool = False) -> ImageFolder:
    """The folder as if some photos, by index, showed the picture of an earlier one."""
    photos = [
        replace(
            photo,
            copy_of=folder.photos[copies[i]].name if i in copies else None,
            part=("held_out" if i % 2 else "train") if parts else None,
        )
        for i, photo in enumerate(folder.photos)
    ]
    return replace(folder, photos=tuple(photos))


def told(folder: ImageFolder) -> dict[str, object] | None:
    work = Work(base=folder)
    shown = overview(TEXTS, work.folder, work.ids, example=False, changes=0)["copies"]
    assert shown is None or isinstance(shown, dict)
    return shown


def test_copies_are_told_of_by_name(folder):
    assert told(folder) is None
    shown = told(with_copies(folder, {1: 0, 2: 0, 9: 0}))
    words = [("found", 3), ("two_classes", 1), ("one_side", None)]
    assert shown["words"] == " ".join(TEXTS(f"copies.{name}", count=count) for name, count in words)
    assert shown["names"] == ["blue/0.png = blue/1.png = blue/2.png = green/1.png"]
    across = told(with_copies(folder, {1: 0, 4: 2}, parts=True))
    assert across["words"].endswith(TEXTS("copies.both_sides", count=1))


def test_of_copies_the_first_in_use_is_kept(folder):
    work = Work(base=with_copies(folder, {1: 0, 2: 0, 9: 8}))
    work.change(0, None)
    work.leave_out_copies()
    assert {number for number, label in work.changes.items() if label is None} == {0, 2, 9}
    assert told(work.folder) is None


def test_a_class_of_copies_alone_is_not_emptied(folder):
    work = Work(base=with_copies(folder, dict.fromkeys(range(1, 8), 0)))
    with pytest.raises(FolderError):
        work.leave_out_copies()
    assert work.changes == {}


def test_mistakes_are_shown_the_surest_first_with_what_was_said(tmp_path):
    names = {"a": COLOURS["red"], "b": COLOURS["red"]}  # nothing to tell them apart by
    folder = scan_folder(colour_folder(tmp_path, 20, names))
    work = Work(base=folder)
    *_, run = training_steps(small_network(), folder, FitSettings(epochs=10, held_out_share=0.5), {})
    assert isinstance(run, Run)
    shown = to_look_at(TEXTS, folder, run.fitted, (), work.ids)
    assert shown is not None
    photos = shown["groups"][0]["photos"]
    judged = run.fitted.evaluation
    assert len(photos) == judged.count - judged.right > 0
    for photo, i in zip(photos, judged.surest_mistakes, strict=True):
        assert photo["name"] == folder.photos[run.fitted.held_out[i]].name
        assert f"called {judged.classes[judged.answers[i]]}," in photo["words"]


def test_without_mistakes_none_are_shown(folder):
    *_, run = training_steps(small_network(), folder, FitSettings(), {})
    assert isinstance(run, Run)
    assert run.fitted.evaluation.accuracy == 1
    assert to_look_at(TEXTS, folder, run.fitted, (), Work(base=folder).ids) is None


def test_photos_learnt_from_that_look_like_another_class_are_shown_too(folder):
    *_, run = training_steps(small_network(), folder, FitSettings(), {})
    assert isinstance(run, Run)
    doubtful = Doubtful(place=1, looks_like=2, agreeing=4, asked=5)
    shown = to_look_at(TEXTS, folder, run.fitted, (doubtful,), Work(base=folder).ids)
    assert shown is not None
    (photo,) = shown["groups"][0]["photos"]
    assert photo["name"] == folder.photos[run.fitted.learnt_from[1]].name
    assert photo["words"] == f"like {folder.classes[2]}: 4 of its 5 nearest"
