"""Zips from strangers: unpacked under our names, or refused with nothing left behind."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from core.errors import FolderError
from core.finetune import ZipLimits, extract_zip, scan_entries

from .photos import jpeg_bytes


def make_zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def refused(path: Path, into: Path, limits: ZipLimits | None = None) -> str:
    with pytest.raises(FolderError) as caught:
        extract_zip(path, into, limits)
    assert list(into.iterdir()) == []
    assert [each.name for each in into.parent.iterdir() if each.name not in ("into", path.name)] == []
    return caught.value.key


def test_classes_come_out_and_names_stay_labels(tmp_path: Path, into: Path) -> None:
    members = {f"zoo/{name}/{n}.JPG": jpeg_bytes(seed=n) for name in ("猫", "hond 🐕") for n in range(3)}
    members |= {"zoo/leeg/": b"", "zoo/readme.txt": b"x", "__MACOSX/zoo/._1.jpg": b"x"}
    folder = scan_entries(extract_zip(make_zip(tmp_path / "a.zip", members), into))
    assert folder.classes == ("hond 🐕", "猫")
    assert folder.counts == (3, 3)
    assert folder.empty_classes == ("leeg",)
    assert {each.reason for each in folder.left_out} == {"foreign", "hidden"}
    assert all(photo.path.parent == into and photo.path.stem.isdecimal() for photo in folder.photos)


def test_names_without_the_utf8_flag(tmp_path: Path, into: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"caf\u00e9/1.jpg": jpeg_bytes()})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(signature) + offset
        struct.pack_into("<H", raw, place, struct.unpack_from("<H", raw, place)[0] & ~0x800)
    path.write_bytes(raw)
    assert extract_zip(path, into)[0].name == "café/1.jpg"


@pytest.mark.parametrize(
    "name", ["../out.jpg", "a/../../out.jpg", "/out.jpg", "C:/out.jpg", "..\\out.jpg", "a\\..\\..\\out.jpg"]
)
def test_names_that_point_outside_are_refused(tmp_path: Path, into: Path, name: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"cat/1.jpg": jpeg_bytes(), name: jpeg_bytes()})
    assert refused(path, into) == "zip.unsafe"


def test_links_are_refused(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("cat/1.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(path, into) == "zip.link"


def test_too_many_entries(tmp_path: Path, into: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {f"{n}.jpg": b"" for n in range(11)})
    assert refused(path, into, ZipLimits(entries=10)) == "zip.entries"
    assert len(extract_zip(path, into, ZipLimits(entries=11))) == 11


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_is_stopped_by_what_really_comes_out(tmp_path: Path, into: Path, compression: int) -> None:
    path = make_zip(
        tmp_path / "a.zip", {"a/1.jpg": bytes(3_000_000), "a/2.jpg": bytes(3_000_000)}, compression
    )
    assert path.stat().st_size < 100_000
    assert refused(path, into, ZipLimits(expanded=5_000_000)) == "zip.expanded"


def test_a_declared_size_that_lies_does_not_help(tmp_path: Path, into: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a/1.jpg": bytes(3_000_000)})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(signature) + offset, 10)
    path.write_bytes(raw)
    assert refused(path, into, ZipLimits(expanded=1_000_000)) in ("zip.expanded", "zip.not_a_zip")


def test_a_locked_zip(tmp_path: Path, into: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a/1.jpg": jpeg_bytes()})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(signature) + offset
        struct.pack_into("<H", raw, place, struct.unpack_from("<H", raw, place)[0] | 1)
    path.write_bytes(raw)
    assert refused(path, into) == "zip.encrypted"


def test_damaged_zips(tmp_path: Path, into: Path) -> None:
    whole = make_zip(
        tmp_path / "a.zip", {"a/1.jpg": jpeg_bytes(), "a/2.jpg": jpeg_bytes(seed=1)}
    ).read_bytes()
    middle = bytearray(whole)
    middle[120:160] = b"\xff" * 40
    for content in (b"", b"not a zip", whole[: len(whole) // 2], bytes(middle)):
        (tmp_path / "a.zip").write_bytes(content)
        assert refused(tmp_path / "a.zip", into) == "zip.not_a_zip"
