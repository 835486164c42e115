"""Photos that show the same picture are found, and no others."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from core.finetune import scan_folder
from core.finetune.copies import first_copies, perceptual_hash
from core.images import open_image
from core.samples import available_samples, sample_path


def saved_again(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=40)
    return Image.open(buffer)


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "the same": lambda picture: picture,
    "saved again": saved_again,
    "smaller": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The photos that the app itself shows, all different, no more than 256 pixels a side."""
    folder = tmp_path_factory.mktemp("photos")
    for name in available_samples("photo"):
        picture = open_image(sample_path(name))
        picture.thumbnail((256, 256))
        picture.save(folder / f"{name}.png")
    return sorted(folder.iterdir())


def firsts(paths: list[Path]) -> list[int]:
    return first_copies(paths, [perceptual_hash(open_image(path)) for path in paths])


def test_different_photos_are_no_copies(photos: list[Path]) -> None:
    assert len(photos) > 10
    assert firsts(photos) == list(range(len(photos)))


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_copy_is_found(photos: list[Path], tmp_path: Path, way: str) -> None:
    copies = []
    for photo in photos:
        copies.append(tmp_path / f"copy of {photo.name}")
        WAYS[way](open_image(photo)).save(copies[-1])
    assert firsts(photos + copies) == 2 * list(range(len(photos)))


def test_another_colour_is_another_picture(photos: list[Path], tmp_path: Path) -> None:
    red, green, blue = open_image(photos[0]).split()
    Image.merge("RGB", (blue, red, green)).save(tmp_path / "other.png")
    assert firsts([photos[0], tmp_path / "other.png"]) == [0, 1]


def test_plain_pictures_are_not_taken_for_copies(tmp_path: Path) -> None:
    for number, colour in enumerate(((250, 0, 0), (0, 0, 250))):
        Image.new("RGB", (40, 40), colour).save(tmp_path / f"{number}.png")
    assert firsts(sorted(tmp_path.iterdir())) == [0, 1]


def test_a_scanned_folder_names_the_first_copy(photos: list[Path], tmp_path: Path) -> None:
    for name, numbers in {"a": (0, 1, 2), "b": (3, 4, 1)}.items():
        (tmp_path / name).mkdir()
        for place, number in enumerate(numbers):
            open_image(photos[number]).save(tmp_path / name / f"{place}.png")
    found = scan_folder(tmp_path)
    assert {photo.name: photo.copy_of for photo in found.photos if photo.copy_of} == {"b/2.png": "a/1.png"}
