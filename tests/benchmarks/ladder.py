"""The ladder, animal by animal: `python -m tests.benchmarks.ladder [PICTURE]`.

EfficientNet-Lite0 draws six animals on each of the four rungs from the same seed; Lite2, which took no part,
judges. Printed: what each is sure of. Kept, if asked: the pictures in rows, the second rung with the contrast
of the page's *More contrast*, which gives it a photo's spread of brightness.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np
from PIL import Image
from torch import Tensor

from core.backbone import load_backbone
from core.featurevis import ideal_image_steps
from core.featurevis.opinion import opinions
from core.featurevis.settings import RUNGS, rung
from core.images import Pixels, to_uint8

ANIMALS = {"zebra": 340, "Siamese cat": 284, "goldfish": 1, "tiger": 292, "elephant": 386, "flamingo": 130}
STEPS, SEED = 200, 5
SIDE, GAP = 160, 4  # of a picture in the rows, pixels
LUMINANCE = np.array([0.213, 0.715, 0.072])
PHOTO_SPREAD, MOST_STRETCH = 60, 12  # as in demos/web/frames/behaviour.js


def stretched(pixels: Pixels) -> Pixels:
    """The picture with the brightness of a photo, its colours stretched less."""
    grey = (pixels @ LUMINANCE)[..., None]
    stretch = min(MOST_STRETCH, max(1.0, PHOTO_SPREAD / float(grey.std())))
    calm = grey + stretch**-0.25 * (pixels - grey)
    lifted = calm * (128 / grey.mean())
    return np.clip((lifted - 127.5) * stretch + 127.5, 0, 255).astype(np.uint8)


def rows(pictures: dict[str, list[Tensor]]) -> Image.Image:
    """The second and the last rung, one above the other."""
    shown = [[stretched(to_uint8(each)[0]) for each in pictures["variation"]]]
    shown += [[to_uint8(each)[0] for each in pictures["fourier"]]]
    step = SIDE + GAP
    sheet = Image.new("RGB", (step * len(ANIMALS) - GAP, step * len(shown) - GAP), "white")
    for row, line in enumerate(shown):
        for column, pixels in enumerate(line):
            picture = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(picture, (step * column, step * row))
    return sheet


def main() -> None:
    """Draw, judge, print, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("picture", type=Path, nargs="?")
    given = parser.parse_args()
    network, judge = load_backbone("efficientnet_lite0"), load_backbone("efficientnet_lite2")
    pictures: dict[str, list[Tensor]] = {}
    for name in RUNGS:
        settings, own, other = replace(rung(name), steps=STEPS, seed=SEED), [], []
        for index in ANIMALS.values():
            *_, last = ideal_image_steps(network, index, settings)
            pictures.setdefault(name, []).append(last.image)
            own.append(last.probability)
            other.append(float(opinions(judge, last.image)[index]))
        told = " ".join(f"{share:.2f}" for share in other)
        print(f"{name:<11} Lite0 {min(own):.3f} or more; Lite2 mean {mean(other):.2f}: {told}", flush=True)
    if given.picture:
        rows(pictures).save(given.picture, quality=82, method=6)


if __name__ == "__main__":
    main()
