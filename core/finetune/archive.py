"""Unpacking a zip that a stranger gave: under names of our own, and within limits."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import FolderError
from core.finetune.dataset import MAX_PHOTOS, SUFFIXES, Entry

CHUNK = 1 << 18
# What zipfile and its decompressors raise on bytes that are no zip, or were changed on the way
DAMAGED: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # raised by zipfile: encrypted, or a compression or a version that it does not know
    ValueError,
)


@dataclass(frozen=True, kw_only=True)
class ZipLimits:
    """What a zip may hold; more raises an error before it is on the disk."""

    entries: int = 2 * MAX_PHOTOS  # files and folders
    expanded: int = 1_000_000_000  # bytes, all files together, counted while they are unpacked


def extract_zip(path: Path, into: Path, limits: ZipLimits | None = None) -> list[Entry]:
    """Unpack the pictures of a zip into `into`, as 000001.jpg and so on; names inside the zip stay labels.

    Files that are no pictures are listed, but not unpacked.

    Raises:
        FolderError: when it is no zip, is locked or damaged, passes a limit, or has a link or a name that
            points outside of it. Nothing that was unpacked before stays behind.
    """
    limits = limits or ZipLimits()
    written: list[Path] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.entries:
                raise FolderError("zip.entries", entries=len(members), limit=limits.entries)
            names = [_checked_name(member) for member in members]
            return list(_unpacked(archive, members, names, into, limits.expanded, written))
    except DAMAGED as error:  # FolderError is a ValueError
        for file in written:
            file.unlink(missing_ok=True)
        if isinstance(error, FolderError):
            raise
        raise FolderError("zip.not_a_zip") from error


def read_member(path: Path, wanted: str, limit: int) -> bytes | None:
    """The bytes of the file called `wanted`, in whatever folder of the zip; None unless there is just one.

    Args:
        limit: bytes; more raises an error before it is in memory.

    Raises:
        FolderError: as `extract_zip`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > ZipLimits.entries:
                raise FolderError("zip.entries", entries=len(members), limit=ZipLimits.entries)
            named = [(PurePosixPath(_checked_name(member)).name, member) for member in members]
            found = [member for name, member in named if name == wanted and not member.is_dir()]
            if len(found) != 1:
                return None
            with archive.open(found[0]) as source:
                content = source.read(limit + 1)  # the sizes that a zip declares may lie
            if len(content) > limit:
                raise FolderError("classifier.too_large", name=wanted, limit=limit / 1e6)
            return content
    except DAMAGED as error:  # FolderError is a ValueError
        if isinstance(error, FolderError):
            raise
        raise FolderError("zip.not_a_zip") from error


def _checked_name(member: zipfile.ZipInfo) -> str:
    name = _decoded(member).replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        raise FolderError("zip.unsafe", name=name[:80])
    if stat.S_ISLNK(member.external_attr >> 16):
        raise FolderError("zip.link", name=name[:80])
    if member.flag_bits & 0x1:
        raise FolderError("zip.encrypted")
    return name


def _decoded(member: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are read as code page 437; many tools write UTF-8 without the flag."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _unpacked(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    names: list[str],
    into: Path,
    room: int,
    written: list[Path],
) -> Iterator[Entry]:
    left = room
    for number, (member, name) in enumerate(zip(members, names, strict=True)):
        suffix = PurePosixPath(name).suffix.lower()
        if member.is_dir() or (suffix and suffix not in SUFFIXES):
            yield Entry(name=name, path=None)
            continue
        file = into / f"{number:06d}{suffix}"
        written.append(file)
        with archive.open(member) as source, file.open("xb") as target:
            left -= _copy(source, target, left, room)
        yield Entry(name=name, path=file)


def _copy(source: IO[bytes], target: IO[bytes], left: int, room: int) -> int:
    """Copy, counting what really comes out: the sizes that a zip declares may lie."""
    count = 0
    while chunk := source.read(CHUNK):
        count += len(chunk)
        if count > left:
            raise FolderError("zip.expanded", limit=room / 1e6)
        target.write(chunk)
    return count
