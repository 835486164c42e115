"""Makes the start page's pictures with core, one for each tab: `python -m tests.browser.start_pictures`."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from core.activations import capture
from core.attacks import PGDSettings, pgd
from core.backbone import load_backbone
from core.featurevis import ideal_image, rung
from core.finetune import SETS, FitSettings, Fitted, fit_steps
from core.images import Pixels, open_image, to_uint8
from core.kernels import PRESETS, convolve
from core.samples import sample_path

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "start"
WIDTH, HEIGHT = 400, 300  # pixels; shown at half of that, for screens with small pixels
# Signed values as on the page, see demos/web/common.js
DIVERGING = ((5, 48, 97), (67, 147, 195), (247, 247, 247), (224, 120, 60), (127, 39, 4))
MOST_BYTES = 25_000  # of a picture
RIGHT, WRONG = (15, 118, 110), (217, 119, 6)
SIAMESE, ZEBRA = 284, 340
DOG = (43, 12, 132, 214)  # where it stands in its photo of 224 x 224 pixels


def coloured(values: np.ndarray) -> Pixels:
    """Signed values in [-1, 1] in the colours that the page gives them."""
    places = np.clip(values, -1, 1) * 2 + 2
    channels = [np.interp(places, range(len(DIVERGING)), each) for each in zip(*DIVERGING, strict=True)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def framed(name: str) -> Image.Image:
    """A sample, cut to the card."""
    picture = open_image(sample_path(name))
    width = min(picture.width, picture.height * WIDTH // HEIGHT)
    left = (picture.width - width) // 2
    top = (picture.height - width * HEIGHT // WIDTH) // 2
    cut = picture.crop((left, top, left + width, top + width * HEIGHT // WIDTH))
    return cut.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def kernels() -> Image.Image:
    """The cat, and where the kernel for lying edges answers in it."""
    photo = framed("cat")
    grey = np.asarray(photo.convert("L"), np.float32) / 255
    answer = convolve(grey, PRESETS["sobel_y"].weights, padding="replicate")
    half = Image.fromarray(coloured(answer / np.percentile(abs(answer), 99.5)))
    photo.paste(half.crop((WIDTH // 2, 0, WIDTH, HEIGHT)), (WIDTH // 2, 0))
    ImageDraw.Draw(photo).line((WIDTH // 2, 0, WIDTH // 2, HEIGHT), fill="white", width=3)
    return photo


def feature_maps() -> Image.Image:
    """Channels of an early, a middle and a late layer of VGG-16 that answer in much of the photo."""
    backbone = load_backbone("vgg16_catdog", "cpu")
    images = backbone.preprocess(open_image(sample_path("cat")))
    layers = ("conv2_2", "conv3_3", "conv5_3")
    found = capture(backbone, images, layers)
    side, whole = HEIGHT // len(layers), Image.new("RGB", (WIDTH, HEIGHT), "white")
    for row, layer in enumerate(layers):
        maps = found[layer][0].clamp(min=0).numpy()
        strongest = np.argsort(
            -maps.mean(axis=(1, 2)) * maps.std(axis=(1, 2)) / (maps.max(axis=(1, 2)) + 1e-6)
        )
        for column, channel in enumerate(strongest[: WIDTH // side]):
            tile = Image.fromarray(coloured(maps[channel] / np.percentile(maps[channel], 99.5)))
            whole.paste(
                tile.resize((side - 3, side - 3), Image.Resampling.NEAREST), (column * side, row * side)
            )
    return whole


def finetune() -> Image.Image:
    """Handwritten digits that a classifier never saw, framed by whether it reads them rightly."""
    side, columns = 50, WIDTH // 50
    with tempfile.TemporaryDirectory() as folder:
        digits = SETS["digits"](Path(folder))
        *_, fitted = fit_steps(load_backbone("efficientnet_lite0", "cpu"), digits, FitSettings())
        assert isinstance(fitted, Fitted)
        judged = list(zip(fitted.held_out, fitted.evaluation.answers, strict=True))
        whole = Image.new("RGB", (WIDTH, HEIGHT), "white")
        for place, (index, answer) in enumerate(judged[: columns * (HEIGHT // side)]):
            photo = digits.photos[index]
            tile = open_image(photo.path).resize((side - 3, side - 3))
            colour = RIGHT if photo.label == answer else WRONG
            ImageDraw.Draw(tile).rectangle((0, 0, side - 4, side - 4), outline=colour, width=4)
            whole.paste(tile, (place % columns * side, place // columns * side))
    return whole


def ideal() -> Image.Image:
    """What EfficientNet-Lite0 draws when it is asked for a zebra."""
    settings = replace(rung("fourier", "efficientnet_lite0"), size=224, steps=160, seed=5)
    drawn = ideal_image(load_backbone("efficientnet_lite0", "cpu"), ZEBRA, settings)
    picture = Image.fromarray(to_uint8(drawn)[0]).resize((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    return picture.crop((0, WIDTH - HEIGHT, WIDTH, WIDTH))


def adversarial() -> Image.Image:
    """The dog, the change in full colour, and the dog with the change, which the network calls a cat."""
    backbone = load_backbone("efficientnet_lite0", "cpu")
    images = backbone.preprocess(open_image(sample_path("mastiff")))
    changed = pgd(backbone, images, SIAMESE, PGDSettings()).adversarial
    assert int(backbone.logits(changed).argmax()) == SIAMESE
    change = (changed - images)[0].mean(0).numpy()
    whole = Image.new("RGB", (WIDTH, HEIGHT), "white")
    strips = (to_uint8(images)[0], coloured(change / abs(change).max()), to_uint8(changed)[0])
    for place, pixels in enumerate(strips):
        dog = Image.fromarray(pixels).crop(DOG).resize((WIDTH // 3 - 2, HEIGHT), Image.Resampling.BICUBIC)
        whole.paste(dog, (place * (WIDTH // 3 + 1), 0))
    return whole


def save(picture: Image.Image, path: Path) -> None:
    """As good as the limit of size allows."""
    for quality in range(85, 0, -5):
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            return


def main() -> None:
    """Make all five."""
    FOLDER.mkdir(exist_ok=True)
    made = {
        "kernels": kernels,
        "feature_maps": feature_maps,
        "finetune": finetune,
        "ideal_image": ideal,
        "adversarial": adversarial,
    }
    for name, make in made.items():
        path = FOLDER / f"{name}.webp"
        save(make(), path)
        print(name, path.stat().st_size)


if __name__ == "__main__":
    main()
