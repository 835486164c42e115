"""What a page claims to have uploaded is not believed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import FolderError
from demos.finetune_upload import take_upload


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gradio's folder of uploads."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """The session's folder."""
    folder = tmp_path / "session"
    folder.mkdir()
    return folder


def photo(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 20), (9, 99, 199)).save(path, "JPEG")
    return str(path)


def upload(uploads: Path, *names: str) -> list[dict[str, Any]]:
    return [{"name": name, "path": photo(uploads / f"h{i}" / f"x-{i}.jpg")} for i, name in enumerate(names)]


def test_photos_move_into_the_sessions_folder(uploads: Path, into: Path) -> None:
    files = upload(uploads, "mine/a/1.jpg", "mine/a/2.jpg", "mine/ب/1.jpg", "mine/ب/2.jpg")
    folder = take_upload({"files": [{"name": "mine/leeg/", "path": None}, *files]}, into)
    assert folder.classes == ("a", "ب")
    assert folder.empty_classes == ("leeg",)
    assert all(each.path.is_relative_to(into) and each.path.is_file() for each in folder.photos)
    assert not [path for path in uploads.rglob("*") if path.is_file()]


def test_a_second_upload_takes_the_place_of_the_first(uploads: Path, into: Path) -> None:
    first = take_upload({"files": upload(uploads, "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")}, into)
    take_upload({"files": upload(uploads, "c/1.jpg", "c/2.jpg", "d/1.jpg", "d/2.jpg")}, into)
    assert len(list(into.rglob("*.jpg"))) == 4
    assert len(first.photos) == 4


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x.jpg", "/etc/x.jpg", "a/../../x.jpg", "a\\..\\x.jpg", "\0.jpg"]
)
def test_names_are_only_labels(uploads: Path, into: Path, name: str) -> None:
    files = upload(uploads, "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", name)
    take_upload({"files": files}, into)
    photos = {path.parent for path in into.parent.rglob("*.jpg")}
    assert photos == {into / "photos"}


def test_paths_outside_of_the_uploads_are_not_touched(uploads: Path, into: Path, tmp_path: Path) -> None:
    secret = photo(tmp_path / "secret.jpg")
    (uploads / "link.jpg").symlink_to(secret)
    sneaky = [secret, str(uploads / ".." / "secret.jpg"), str(uploads / "link.jpg"), str(uploads), 7, None]
    files = upload(uploads, "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")
    files += [{"name": f"a/s{i}.jpg", "path": path} for i, path in enumerate(sneaky)]
    folder = take_upload({"files": files}, into)
    assert Path(secret).is_file()
    assert [(each.name, each.reason) for each in folder.left_out] == [
        (f"a/s{i}.jpg", "not_sent") for i in range(len(sneaky))
    ]


@pytest.mark.parametrize(
    "data", [None, {}, [], {"files": "x"}, {"files": [1, None, {"path": 3}]}, {"zip": "/etc/passwd"}]
)
def test_nonsense_is_a_sentence(uploads: Path, into: Path, data: Any) -> None:
    with pytest.raises(FolderError):
        take_upload(data, into)


def test_a_zip_is_unpacked_and_gone(uploads: Path, into: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "JPEG")
    archive = uploads / "x.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"):
            writer.writestr(name, buffer.getvalue())
    assert take_upload({"zip": str(archive), "name": "x.zip"}, into).counts == (2, 2)
    assert not archive.exists()
