"""Pictures of four shapes, drawn from a seed: only the outline tells the class, nothing else does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.finetune.dataset import ImageFolder, scan_folder

SHAPES = ("circle", "square", "triangle", "star")
SIDE = 128  # pixels
PER_SHAPE = 40
SHARE_RANGE = (0.05, 0.16)  # of the picture that a figure covers: the same for all shapes
LEAST_CONTRAST = 110.0  # Euclidean distance between figure and ground in RGB, of at most 441.7
OVERSAMPLED = 4  # a side: edges are drawn larger and averaged, so that they are smooth
STAR_INNER = 0.45  # radius of a star's inner corners where that of its points is 1
ROUND_CORNERS = 90  # of the polygon that stands for a circle

Points = NDArray[np.float64]


def shape_pictures(into: Path, *, seed: int = 0, each: int = PER_SHAPE) -> ImageFolder:
    """Draw `each` pictures of every shape into `into/<shape>/`, and scan that folder.

    Area, place, turn and both colours are drawn alike for all shapes: none of them tells which it is.
    """
    generator = np.random.default_rng(seed)
    for shape in SHAPES:
        folder = into / shape
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(each):
            draw_shape(shape, generator).save(folder / f"{shape}_{number:02d}.png")
    return scan_folder(into)


def draw_shape(shape: str, generator: np.random.Generator) -> Image.Image:
    """One picture, `SIDE` pixels a side; `shape` is one of `SHAPES`."""
    area = generator.uniform(*SHARE_RANGE) * SIDE**2
    reach = np.sqrt(area / min(_area(_outline(name)) for name in SHAPES))  # of the widest shape of this area
    place = generator.uniform(reach, SIDE - reach, 2)
    turn = generator.uniform(0, 2 * np.pi)
    figure, ground = _colours(generator)
    outline = _outline(shape)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = outline @ rotation * np.sqrt(area / _area(outline)) + place
    mask = Image.new("L", (SIDE * OVERSAMPLED,) * 2)
    ImageDraw.Draw(mask).polygon([(x, y) for x, y in (points * OVERSAMPLED).tolist()], fill=255)
    mask = mask.resize((SIDE, SIDE), Image.Resampling.BOX)
    return Image.composite(Image.new("RGB", mask.size, figure), Image.new("RGB", mask.size, ground), mask)


def _outline(shape: str) -> Points:
    """The corners (N, 2) of a shape around the origin, at most 1 away from it."""
    corners = {"circle": ROUND_CORNERS, "square": 4, "triangle": 3, "star": 10}[shape]
    angles = np.arange(corners) * 2 * np.pi / corners
    radii = np.where(np.arange(corners) % 2, STAR_INNER if shape == "star" else 1.0, 1.0)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _area(points: Points) -> float:
    """The area of a polygon (the shoelace formula)."""
    x, y = points.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _colours(generator: np.random.Generator) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    while True:
        figure, ground = generator.integers(0, 256, (2, 3))
        if np.linalg.norm(figure - ground) >= LEAST_CONTRAST:
            return _rgb(figure), _rgb(ground)


def _rgb(colour: NDArray[np.int64]) -> tuple[int, int, int]:
    red, green, blue = colour.tolist()
    return red, green, blue
