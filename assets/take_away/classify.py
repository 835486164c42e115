"""Classify every photo of a folder, and print the answers as CSV.

    pip install onnxruntime pillow numpy
    python classify.py FOLDER > answers.csv

It needs the files that came with it, and neither Whiskers nor the internet.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
LABELS = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
PREPROCESSING = json.loads((HERE / "preprocessing.json").read_text(encoding="utf-8"))
# What cannot be read, such as HEIC, is named instead of passed over
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"}


def open_photo(path: Path) -> Image.Image:
    """A photo the right way up, in 8-bit RGB, what is transparent on white."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file)
        if image.mode in ("I", "F") or image.mode.startswith("I;16"):
            image = eight_bit(image)
        if image.has_transparency_data:
            white = Image.new("RGBA", image.size, (255, 255, 255, 255))
            image = Image.alpha_composite(white, image.convert("RGBA"))
        return image.convert("RGB")


def eight_bit(image: Image.Image) -> Image.Image:
    """Values of 16 bits or more, scaled to 0 to 255."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    top = values.max(initial=0.0)
    scales = (1, 255, 65535) if image.mode == "F" else (65535,)
    full = next((scale for scale in scales if top <= scale), top)
    return Image.fromarray(np.clip(values * (255.0 / full), 0, 255).round().astype(np.uint8))


def preprocess(photo: Image.Image) -> np.ndarray:
    """The middle of a photo as the network sees it: (1, 3, size, size), from 0 to 1."""
    size = PREPROCESSING["input_size"]
    side = min(photo.size) * PREPROCESSING["crop_share"]
    left, top = (photo.width - side) / 2, (photo.height - side) / 2
    resample = Image.Resampling[PREPROCESSING["resample"].upper()]
    square = photo.resize((size, size), resample, box=(left, top, left + side, top + side))
    return np.asarray(square, dtype=np.float32).transpose(2, 0, 1)[None] / 255


def main() -> int:
    """Print a line for each photo: its name, the likeliest class, and the probability of every class."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    network = onnxruntime.InferenceSession(HERE / "classifier.onnx", providers=["CPUExecutionProvider"])
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    table = csv.writer(sys.stdout)
    table.writerow(["photo", "answer", *LABELS])
    for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in SUFFIXES):
        try:
            image = preprocess(open_photo(path))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            print(f"{path}: left out, for it could not be read ({error})", file=sys.stderr)
            continue
        shares = network.run(None, {"image": image})[0][0]
        answer = LABELS[int(shares.argmax())]
        table.writerow([path.relative_to(folder).as_posix(), answer, *(f"{share:.6f}" for share in shares)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
