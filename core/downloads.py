"""Downloads a published file on request: with progress, resumable, never taking a file that is not whole."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import FolderError, UserError, WeightsError, is_disk_full
from core.limits import require_writable
from core.texts import load_section
from core.weights import CHECKPOINTS, CHUNK, digest_of, download_path

ERRORS: dict[str, type[UserError]] = {"weights": WeightsError, "set": FolderError}


@dataclass(frozen=True, kw_only=True)
class PublishedFile:
    """What is fetched from where, and where it is kept."""

    kind: Literal["weights", "set"]  # network or photos: what the sentences are about when it fails
    title: str
    url: str
    size: int  # bytes
    algorithm: Literal["sha256", "md5"]
    digest: str  # of the file, in hexadecimal; its beginning where the publisher gives only that
    target: Path


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a download is, in bytes."""

    done: int
    total: int


_LOCKS: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


def download_steps(name: str) -> Iterator[Progress]:
    """Download a checkpoint by its name in `CHECKPOINTS`, as `file_steps`.

    Raises:
        WeightsError: as `file_steps`.
    """
    checkpoint = CHECKPOINTS[name]
    yield from file_steps(
        PublishedFile(
            kind="weights",
            title=checkpoint.title,
            url=checkpoint.origin,
            size=checkpoint.size,
            algorithm="sha256",
            digest=checkpoint.sha256,
            target=download_path(checkpoint),
        )
    )


def file_steps(file: PublishedFile) -> Iterator[Progress]:
    """Download a file, going on where an earlier attempt broke off.

    The file takes its name only when it is whole and its digest is right. Of several who ask for one file,
    the first downloads it and the others watch.

    Raises:
        WeightsError, FolderError: by the file's kind, when the network fails (what came is kept) or the file
            is not the published one.
        RefusedError: when the server is read-only.
    """
    require_writable()
    partial = file.target.with_suffix(".part")
    lock = _LOCKS[file.target]
    while not lock.acquire(timeout=0.5):
        yield Progress(done=_size(partial), total=file.size)
    try:
        if not file.target.is_file():
            file.target.parent.mkdir(parents=True, exist_ok=True)
            yield from _fetch_whole(file, partial)
            partial.replace(file.target)
    finally:
        lock.release()


def _fetch_whole(file: PublishedFile, partial: Path) -> Iterator[Progress]:
    error_class = ERRORS[file.kind]
    try:
        yield from _fetch(file, partial)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, socket.gaierror):
            reason = load_section("errors")("no_internet")
        elif is_disk_full(error):
            reason = load_section("errors")("no_room")
        raise error_class(
            f"{file.kind}.download", title=file.title, megabytes=file.size / 1e6, reason=reason
        ) from error
    if not digest_of(partial, file.algorithm).startswith(file.digest):
        partial.unlink()
        raise error_class(f"{file.kind}.corrupt", path=partial)


def _fetch(file: PublishedFile, partial: Path) -> Iterator[Progress]:
    held = _size(partial)
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={held}-"} if held else {})
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left to fetch
            return
        raise
    with response:
        resumed = response.status == 206
        done = held if resumed else 0
        total = done + int(response.headers.get("Content-Length") or file.size - done)
        with partial.open("ab" if resumed else "wb") as opened:
            while chunk := response.read(CHUNK):
                opened.write(chunk)
                done += len(chunk)
                yield Progress(done=done, total=total)
    if done < total:
        raise OSError(f"{done} of {total} bytes came")


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0
