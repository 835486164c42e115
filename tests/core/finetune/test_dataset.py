"""From folders and names to classes: whatever people give, told apart and accounted for."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import FolderError
from core.finetune import Entry, changed, scan_entries, scan_folder
from core.finetune.layout import arrange, natural

from .photos import colour_folder, jpeg_bytes, picture


def labels(*names: str, others: tuple[str, ...] = (), folders: tuple[str, ...] = ()) -> list[str | None]:
    return [place.label if place else None for place in arrange(names, others, folders).places]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"]),
        (["my/set/cat/1.jpg", "my/set/dog/1.jpg"], ["cat", "dog"]),
        (["set/cat/in/1.jpg", "set/cat/out/2.jpg", "set/dog/3.jpg"], ["cat", "cat", "dog"]),
        (["set/loose.jpg", "set/cat/1.jpg", "set/dog/2.jpg"], [None, "cat", "dog"]),
        (["cat.1.jpg", "cat.2.jpg", "dog_1.jpg", "dog (2).jpg"], ["cat", "cat", "dog", "dog"]),
        (["all/maine coon 1.jpg", "all/maine coon 2.jpg", "all/pug1.jpg", "all/pug2.jpg"],
         ["maine coon", "maine coon", "pug", "pug"]),
        (["set/IMG_1.jpg", "set/IMG_2.jpg"], ["set", "set"]),
        (["1.jpg", "2.jpg"], [None, None]),
        (["train/1.jpg", "test/2.jpg"], ["train", "test"]),
    ],
)  # fmt: skip
def test_layouts(names: list[str], expected: list[str | None]) -> None:
    assert labels(*names) == expected


@pytest.mark.parametrize("held_out", ["val", "Valid", "validation", "test", "Testing"])
def test_a_split_of_its_own_is_kept(held_out: str) -> None:
    names = ["set/train/cat/1.jpg", "set/train/dog/1.jpg", f"set/{held_out}/cat/9.jpg", "set/cat/2.jpg"]
    places = arrange(names).places
    assert [(place.label, place.part) if place else None for place in places] == [
        ("cat", "train"),
        ("dog", "train"),
        ("cat", "held_out"),
        None,
    ]


def test_a_class_without_photos_is_named() -> None:
    layout = arrange(
        ["set/cat/1.jpg"], others=["set/bird/broken.jpg"], folders=["set/", "set/cat/", "set/dog/"]
    )
    assert layout.empty == ("bird", "dog")
    assert layout.places[0].label == "cat"


def test_numbers_sort_as_people_count() -> None:
    assert sorted(["10", "9", "1"], key=natural) == ["1", "9", "10"]


def test_names_of_all_scripts_are_kept(tmp_path: Path) -> None:
    names = ["Lieveheersbeestje", "één", "قطة", "猫", "🐈", "O'Brien & <zoon>"]
    colour_folder(tmp_path, 2, dict.fromkeys(names, (9, 99, 199)))
    folder = scan_folder(tmp_path)
    assert sorted(folder.classes) == sorted(unicodedata.normalize("NFC", name) for name in names)
    assert folder.counts == (2,) * 6


def test_one_name_in_two_spellings_is_one_class(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg_bytes())
    composed, decomposed = (unicodedata.normalize(form, "Café") for form in ("NFC", "NFD"))
    entries = [
        Entry(name=f"{name}/{n}.jpg", path=photo) for name in (composed, decomposed, "Bar") for n in (1, 2)
    ]
    folder = scan_entries(entries)
    assert folder.classes == ("Bar", composed)
    assert folder.counts == (2, 4)


def test_the_same_file_name_in_two_classes(tmp_path: Path) -> None:
    folder = scan_folder(colour_folder(tmp_path, 3))
    assert sorted(photo.name for photo in folder.photos)[:2] == ["blue/0.png", "blue/1.png"]
    assert len({photo.path for photo in folder.photos}) == 9


def test_nothing_is_dropped_silently(tmp_path: Path) -> None:
    colour_folder(tmp_path, 2)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "__MACOSX" / "red").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "red" / "._0.png").write_bytes(b"x")
    (tmp_path / "red" / "notes.txt").write_text("x")
    (tmp_path / "red" / "cut.jpg").write_bytes(jpeg_bytes()[:400])
    (tmp_path / "empty").mkdir()
    (tmp_path / "single").mkdir()
    picture((1, 2, 3)).save(tmp_path / "single" / "1.png")
    picture((1, 2, 3)).save(tmp_path / "loose.png")
    (tmp_path / "red" / "link.png").symlink_to(tmp_path / "red" / "0.png")
    folder = scan_folder(tmp_path)
    assert folder.counts == (2, 2, 2)
    assert {(each.name, each.reason) for each in folder.left_out} == {
        (".DS_Store", "hidden"),
        ("__MACOSX/red/._0.png", "hidden"),
        ("red/notes.txt", "foreign"),
        ("red/link.png", "foreign"),
        ("red/cut.jpg", "unreadable"),
        ("single/1.png", "too_few"),
        ("loose.png", "loose"),
    }
    assert folder.empty_classes == ("empty",)


def test_what_did_not_arrive_is_named(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg_bytes())
    entries = [Entry(name=f"{name}/{n}.jpg", path=photo) for name in "ab" for n in (1, 2)]
    folder = scan_entries([*entries, Entry(name="a/3.jpg", path=None), Entry(name="a/x.pdf", path=None)])
    assert [(each.name, each.reason) for each in folder.left_out] == [
        ("a/x.pdf", "foreign"),
        ("a/3.jpg", "not_sent"),
    ]


ODD = {
    "cmyk.jpg": lambda p: Image.new("CMYK", (40, 30), (10, 90, 0, 20)).save(p),
    "sixteen.png": lambda p: Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50).save(p),
    "sixteen.tiff": lambda p: Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40)).save(p),
    "float.tiff": lambda p: Image.fromarray(np.linspace(0, 1, 1200, dtype=np.float32).reshape(30, 40)).save(
        p
    ),
    "bits.png": lambda p: Image.new("1", (40, 30), 1).save(p),
    "grey.jpg": lambda p: Image.new("L", (40, 30), 128).save(p),
    "grey_alpha.png": lambda p: Image.new("LA", (40, 30), (128, 60)).save(p),
    "palette.gif": lambda p: picture((9, 9, 99)).convert("P").save(p),
    "palette_alpha.png": lambda p: picture((9, 9, 99)).convert("P").save(p, transparency=0),
    "alpha.webp": lambda p: Image.new("RGBA", (40, 30), (9, 99, 9, 60)).save(p),
    "animated.gif": lambda p: picture((9, 9, 99)).save(p, save_all=True, append_images=[picture((99, 9, 9))]),
    "animated.png": lambda p: picture((9, 9, 99)).save(p, save_all=True, append_images=[picture((99, 9, 9))]),
    "animated.webp": lambda p: picture((9, 9, 99)).save(
        p, save_all=True, append_images=[picture((99, 9, 9))]
    ),
    "progressive.jpg": lambda p: picture((9, 9, 99)).save(p, progressive=True),
    "heic.heic": lambda p: _heic(p),
    "bitmap.bmp": lambda p: picture((9, 9, 99)).save(p),
    "targa.tga": lambda p: picture((9, 9, 99)).save(p),
    "portable.ppm": lambda p: picture((9, 9, 99)).save(p),
    "one_pixel.png": lambda p: Image.new("RGB", (1, 1)).save(p),
    "narrow.png": lambda p: Image.new("RGB", (1, 900)).save(p),
    "wrong_ending.png": lambda p: p.write_bytes(jpeg_bytes()),
    "no_ending": lambda p: p.write_bytes(jpeg_bytes()),
    "UPPER.JPG": lambda p: p.write_bytes(jpeg_bytes()),
}
BROKEN = {
    "nothing.jpg": b"",
    "text.jpg": b"not a picture",
    "cut_early.jpg": jpeg_bytes()[:40],
    "cut_late.jpg": jpeg_bytes()[:-300],
    "header_only.png": b"\x89PNG\r\n\x1a\n",
    "html.png": b"<html><body>404</body></html>",
    "heic_cut.heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "gif_cut.gif": b"GIF89a\x01\x00",
    "svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "zeros.bmp": bytes(300),
    "mess.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 \x04\x00\x00\x00abcd",
}


def _heic(path: Path) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    picture((9, 99, 9), side=64).save(path, "HEIF")


def test_odd_files_are_read_and_broken_ones_named(tmp_path: Path) -> None:
    colour_folder(tmp_path, 2)
    for name, make in ODD.items():
        make(tmp_path / "red" / name)
    for name, content in BROKEN.items():
        (tmp_path / "red" / name).write_bytes(content)
    folder = scan_folder(tmp_path)
    assert {each.name for each in folder.left_out} == {f"red/{name}" for name in BROKEN}
    assert {photo.name for photo in folder.photos} >= {f"red/{name}" for name in ODD}


@pytest.mark.parametrize(
    ("classes", "count", "key"),
    [
        ({}, 0, "folder.no_photos"),
        ({"cat": (1, 2, 3)}, 5, "folder.one_class"),
        ({"cat": (1, 2, 3), "dog": (9, 9, 9)}, 1, "folder.too_few"),
    ],
)
def test_what_cannot_be_learnt_is_a_sentence(
    tmp_path: Path, classes: dict[str, tuple[int, int, int]], count: int, key: str
) -> None:
    if classes:
        colour_folder(tmp_path, count, classes)
    with pytest.raises(FolderError) as caught:
        scan_folder(tmp_path)
    assert caught.value.key == key


def test_photos_without_any_class_are_a_sentence(tmp_path: Path) -> None:
    for number in range(4):
        picture((1, 2, 3)).save(tmp_path / f"{number}.png")
    with pytest.raises(FolderError, match="4 photos"):
        scan_folder(tmp_path)


def test_moving_and_leaving_out(tmp_path: Path) -> None:
    folder = scan_folder(colour_folder(tmp_path, 3))
    moved = changed(folder, {0: 2, 3: None})
    assert moved.counts == (2, 2, 4)
    assert folder.counts == (3, 3, 3)
    with pytest.raises(FolderError, match="blue"):
        changed(folder, {0: 1, 1: 1})
