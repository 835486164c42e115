"""Downloads a checkpoint on request: with progress, resumable, never taking a file that is not whole."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import WeightsError
from core.weights import CHECKPOINTS, CHUNK, Checkpoint, download_path, sha256_of


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a download is, in bytes."""

    done: int
    total: int


_LOCKS = {name: threading.Lock() for name in CHECKPOINTS}


def download_steps(name: str) -> Iterator[Progress]:
    """Download a checkpoint, going on where an earlier attempt broke off.

    The file takes its name only when it is whole and its SHA-256 is right. Of several who ask for one
    checkpoint, the first downloads it and the others watch.

    Raises:
        WeightsError: when the network fails (what came is kept) or the file is not the published one.
    """
    checkpoint = CHECKPOINTS[name]
    target = download_path(checkpoint)
    partial = target.with_suffix(".part")
    while not _LOCKS[name].acquire(timeout=0.5):
        yield Progress(done=_size(partial), total=checkpoint.size)
    try:
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            yield from _fetch_whole(checkpoint, partial)
            partial.replace(target)
    finally:
        _LOCKS[name].release()


def _fetch_whole(checkpoint: Checkpoint, partial: Path) -> Iterator[Progress]:
    try:
        yield from _fetch(checkpoint, partial)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(
            "weights.download", network=checkpoint.title, megabytes=checkpoint.size / 1e6, reason=reason
        ) from error
    if not sha256_of(partial).startswith(checkpoint.sha256):
        partial.unlink()
        raise WeightsError("weights.corrupt", path=partial)


def _fetch(checkpoint: Checkpoint, partial: Path) -> Iterator[Progress]:
    held = _size(partial)
    request = urllib.request.Request(checkpoint.origin, headers={"Range": f"bytes={held}-"} if held else {})
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left to fetch
            return
        raise
    with response:
        resumed = response.status == 206
        done = held if resumed else 0
        total = done + int(response.headers.get("Content-Length") or checkpoint.size - done)
        with partial.open("ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                yield Progress(done=done, total=total)
    if done < total:
        raise OSError(f"{done} of {total} bytes came")


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0
