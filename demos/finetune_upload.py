"""What a page says it uploaded, as a folder of photos: its names are labels, its paths are checked."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from gradio.utils import get_upload_folder

from core.errors import FolderError
from core.finetune import MAX_PHOTOS, SUFFIXES, Entry, ImageFolder, ZipLimits, extract_zip, scan_entries

LONGEST_NAME = 400  # characters of a relative path
MOST_BYTES = 1_000_000_000  # of one upload


def take_upload(data: Any, into: Path) -> ImageFolder:
    """Move the uploaded photos into `into`, under names of our own, and read their classes.

    Args:
        data: of the folder component's `given` event; whatever a stranger may send.
        into: the session's folder; what an earlier upload left there is removed.

    Raises:
        FolderError: as `scan_entries` and `extract_zip`, and when the files were not uploaded.
    """
    data = data if isinstance(data, dict) else {}
    for old in into.iterdir():
        shutil.rmtree(old, ignore_errors=True)
    fresh = into / "photos"
    fresh.mkdir()
    if isinstance(data.get("zip"), str):
        return scan_entries(_unpacked(data["zip"], fresh))
    files = data.get("files")
    if not isinstance(files, list) or len(files) > 4 * MAX_PHOTOS:
        raise FolderError("folder.not_uploaded")
    return scan_entries(_moved(files, fresh))


def _unpacked(path: str, into: Path) -> list[Entry]:
    archive = _uploaded(path)
    if archive is None:
        raise FolderError("folder.not_uploaded")
    try:
        return extract_zip(archive, into, ZipLimits())
    finally:
        archive.unlink(missing_ok=True)


def _moved(files: list[Any], into: Path) -> list[Entry]:
    entries, room = [], MOST_BYTES
    for number, file in enumerate(files):
        if not isinstance(file, dict) or not isinstance(file.get("name"), str):
            continue
        name = file["name"][-LONGEST_NAME:].lstrip("/")
        source = _uploaded(file.get("path"))
        target = None
        if source is not None:
            room -= source.stat().st_size
            if room < 0:
                raise FolderError("folder.too_large", limit=MOST_BYTES / 1e6)
            suffix = PurePosixPath(name).suffix.lower()
            target = into / f"{number:06d}{suffix if suffix in SUFFIXES else ''}"
            shutil.move(source, target)
        if name:
            entries.append(Entry(name=name, path=target))
    return entries


def _uploaded(path: object) -> Path | None:
    """A file in Gradio's folder of uploads; None for any other path."""
    if not isinstance(path, str) or not path:
        return None
    file, folder = Path(path).resolve(), Path(get_upload_folder()).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None
