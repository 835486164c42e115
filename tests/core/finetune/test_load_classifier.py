"""What is no classifier, or means harm, is refused with a sentence; nothing in it is run."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from core.errors import FolderError
from core.finetune import archive, export, load_classifier


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return path


class Harmful:
    """Pickled, it would make a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


def test_what_is_no_classifier_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "executed"
    pickled = pickle.dumps(Harmful(mark))
    torch.save({"weight": torch.zeros(2, 3)}, tmp_path / "network.pt")
    monkeypatch.setattr(export, "LARGEST_WEIGHTS", 1_000_000)
    name = "classifier.safetensors"
    cases = [
        ({f"../{name}": b"x"}, "points outside"),
        ({name: b"x", "../../other": b"x"}, "points outside"),
        ({f"/{name}": b"x"}, "points outside"),
        ({name: bytes(2_000_000)}, "larger than 1 MB"),
        ({"other.safetensors": b"x"}, "needs one file"),
        ({f"a/{name}": b"x", f"b/{name}": b"x"}, "needs one file"),
        ({name: pickled}, "no classifier that was saved here"),
        ({name: b""}, "no classifier that was saved here"),
    ]
    for number, (files, words) in enumerate(cases):
        with pytest.raises(FolderError, match=words):
            load_classifier(zip_of(tmp_path / f"{number}.zip", files))
    (tmp_path / "plain.safetensors").write_bytes(pickled)
    for file, words in (("plain.safetensors", "no classifier"), ("network.pt", "needs one file")):
        with pytest.raises(FolderError, match=words):
            load_classifier(tmp_path / file)
    assert not mark.exists()


def test_a_damaged_or_crowded_zip_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded = zip_of(tmp_path / "crowded.zip", {f"{number}.txt": b"x" for number in range(4)})
    (tmp_path / "short.zip").write_bytes(crowded.read_bytes()[:-50])
    with pytest.raises(FolderError, match="could not be read as a zip"):
        load_classifier(tmp_path / "short.zip")
    monkeypatch.setattr(archive.ZipLimits, "entries", 3)
    with pytest.raises(FolderError, match="the most we take is 3"):
        load_classifier(crowded)
