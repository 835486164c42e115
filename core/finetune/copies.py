"""Photos that show the same picture: sent twice, saved again, made smaller or a little brighter."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images import open_image

MOST_BITS = 6  # of 64 in which the hashes of copies may differ; other photos differ in more than ten
LEAST_CORRELATION = 0.98  # of small versions, for plain pictures such as digits share hashes
SMALL = 32  # pixels a side
READERS = 4
ROWS = 512  # photos compared with all others at once


def first_copies(photos: Sequence[Path], hashes: Sequence[int]) -> list[int]:
    """For every photo the index of the first that shows the same picture; its own where it is the first.

    Two photos are copies when their perceptual hashes hardly differ and their small versions agree in colour.

    Args:
        photos: files that can be opened.
        hashes: of `perceptual_hash`, one for each.
    """
    first = list(range(len(photos)))
    small: dict[int, NDArray[np.float64]] = {}
    pairs = _alike(np.array(hashes, dtype=np.uint64))
    needed = sorted({index for pair in pairs for index in pair})
    with ThreadPoolExecutor(READERS) as pool:
        small.update(zip(needed, pool.map(lambda index: _small(photos[index]), needed), strict=True))
    for one, other in pairs:  # in rising order of `one`, so that the first of a group is known first
        if float((small[one] * small[other]).sum()) >= LEAST_CORRELATION:
            first[other] = min(first[other], first[one])
    return first


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that hardly change when a picture is saved again, made smaller or brighter.

    They tell which of the 8 x 8 lowest frequencies of the cosine transform lie above their median (pHash;
    Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions").
    """
    from imagehash import phash

    return int(str(phash(picture)), 16)


def _alike(hashes: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """All pairs of photos (first < second) whose hashes differ in at most `MOST_BITS`."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(hashes), ROWS):
        differing = np.bitwise_count(hashes[start : start + ROWS, None] ^ hashes[None, :])
        rows, columns = np.nonzero(differing <= MOST_BITS)
        found += [
            (start + row, column)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if start + row < column
        ]
    return found


def _small(photo: Path) -> NDArray[np.float64]:
    """A small version (32, 32, 3), its mean 0 and its length 1; a plain one stays 0."""
    small = open_image(photo).resize((SMALL, SMALL), Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float64)
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-9)
