"""The sets of pictures that come with the app."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from core.finetune import SETS, ImageFolder, wilson_interval
from core.finetune.shapes import SHAPES, SIDE, draw_shape, shape_pictures

CLASSES = {
    "textures": ("brick", "grass", "gravel"),
    "digits": tuple("0123456789"),
    "shapes": tuple(sorted(SHAPES)),
}
PER_CLASS = {"textures": {"train": 15, "held_out": 10}, "digits": {"train": 16, "held_out": 8}}


@pytest.fixture(scope="module", params=CLASSES)
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, ImageFolder]:
    """A set, and its name."""
    return request.param, SETS[request.param](tmp_path_factory.mktemp(request.param))


def pixels(folder: ImageFolder) -> list[bytes]:
    return [Image.open(photo.path).tobytes() for photo in folder.photos]


def test_a_set_is_scanned_without_anything_left_out(named: tuple[str, ImageFolder]) -> None:
    name, folder = named
    assert set(SETS) == set(CLASSES)
    assert folder.classes == CLASSES[name]
    assert not folder.left_out
    assert not folder.empty_classes


def test_a_set_holds_no_picture_twice(named: tuple[str, ImageFolder]) -> None:
    _, folder = named
    assert len(set(pixels(folder))) == len(folder.photos)
    assert [photo.name for photo in folder.photos if photo.copy_of] == []


def test_every_class_has_its_share_on_both_sides(named: tuple[str, ImageFolder]) -> None:
    name, folder = named
    found = Counter((photo.label, photo.part) for photo in folder.photos)
    wanted = PER_CLASS.get(name, {None: 40})
    assert folder.has_split == (name in PER_CLASS)
    assert found == {
        (label, part): count for label in range(len(folder.classes)) for part, count in wanted.items()
    }


def test_the_same_seed_draws_the_same_pixels(tmp_path: Path) -> None:
    first, again, other = (
        pixels(shape_pictures(tmp_path / str(number), seed=seed, each=3))
        for number, seed in enumerate((5, 5, 6))
    )
    assert first == again
    assert not set(first) & set(other)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_figure_has_its_area_and_two_colours_with_a_smooth_edge(shape: str) -> None:
    """Whatever the shape, the same draw covers the same share of the picture, wholly inside it."""
    for seed in range(5):
        picture = np.asarray(draw_shape(shape, np.random.default_rng(seed)), dtype=float)
        share = np.random.default_rng(seed).uniform(0.05, 0.16)
        frame = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (frame == frame[0]).all()
        far = np.linalg.norm(picture - frame[0], axis=2)
        assert (far / far.max()).sum() / SIDE**2 == pytest.approx(share, rel=0.05)
        assert 0 < ((far > 0) & (far < 0.9 * far.max())).sum() < 6 * SIDE


def test_neither_colour_nor_brightness_nor_size_tells_the_shape(tmp_path: Path) -> None:
    """Nearest neighbours on what leaves the outline out do no better than chance."""
    folder = shape_pictures(tmp_path, seed=1, each=100)
    pictures = np.stack([np.asarray(Image.open(photo.path), dtype=float) for photo in folder.photos])
    labels = np.array([photo.label for photo in folder.photos])
    mean = pictures.mean(axis=(1, 2))
    spread = pictures.std(axis=(1, 2))
    corner = pictures[:, 0, 0]
    learnt = np.arange(len(labels)) % 2 == 0
    for known in (mean, spread, corner, np.hstack([mean, spread, corner])):
        judge = KNeighborsClassifier(9).fit(known[learnt], labels[learnt])
        right = int((judge.predict(known[~learnt]) == labels[~learnt]).sum())
        low, _ = wilson_interval(right, int((~learnt).sum()))
        assert low < 1 / len(SHAPES), f"{right} of {(~learnt).sum()} right"
