"""Handwritten digits as a folder of pictures, for a network that has only ever seen photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.digits import CLASSES, Digits, load_digits
from core.finetune.dataset import ImageFolder, scan_folder

LEARNT, HELD_OUT = 16, 8  # of each digit: a few seconds on two cores


def digit_pictures(into: Path, *, learnt: int = LEARNT, held_out: int = HELD_OUT) -> ImageFolder:
    """Write the first MNIST digits of each class into `into/train/<digit>/` and `into/test/<digit>/`.

    Raises:
        ImageError: when the package with the digits is not installed.
    """
    for part, digits, each in zip(("train", "test"), load_digits(), (learnt, held_out), strict=True):
        _write(digits, each, into / part)
    return scan_folder(into)


def _write(digits: Digits, each: int, into: Path) -> None:
    for digit in range(CLASSES):
        folder = into / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        for number, place in enumerate(np.flatnonzero(digits.labels == digit)[:each]):
            Image.fromarray(digits.images[place]).save(folder / f"{digit}_{number:03d}.png")
