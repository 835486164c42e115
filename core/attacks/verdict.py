"""What became of an attack, judged on the picture as it is saved and read back."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from core.backbone import Backbone
from core.images import Pixels, open_image, png, to_tensor, to_uint8

JPEG_QUALITIES = (95, 85, 75, 50)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The network's answer to the saved picture after one treatment."""

    name: str  # of TREATMENTS
    class_index: int  # what the network says
    probability: float  # of that class
    target_probability: float
    succeeded: bool  # it says the target; without a target, anything but the class it said before


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """An attack's result on the saved file; the first trial is the file itself, untreated."""

    original_class: int  # what the network says of the original, saved as PNG too
    original_probability: float
    largest_change: int  # L-infinity, in levels of 255
    length: float  # L2, in the [0, 1] scale
    changed_share: float  # of the pixels, any channel
    psnr: float  # dB; infinite when nothing changed
    trials: tuple[Trial, ...]
    control: Trial  # the same change with its pixels shuffled: as much change, in no direction
    png: bytes  # the file that was judged

    @property
    def succeeded(self) -> bool:
        """Whether the attack works on the saved file."""
        return self.trials[0].succeeded


def verdict(original: Tensor, adversarial: Tensor, backbone: Backbone, target: int | None) -> Verdict:
    """Save both images as PNG, read them back, and ask the network.

    Args:
        original: (1, 3, H, W) in [0, 1].
        adversarial: the same shape.
        backbone: a network with a head.
        target: the class wanted; None when any other class will do.

    Raises:
        ValueError: when the images are not of that form.
    """
    before, after = to_uint8(original)[0], to_uint8(adversarial)[0]
    if before.shape != after.shape:
        raise ValueError(f"expected images of one shape, got {before.shape} and {after.shape}")
    saved = png(after)
    reloaded = open_image(saved, name="adversarial.png")
    shuffled = open_image(png(shuffle_change(before, after)), name="control.png")
    pictures = [open_image(png(before), name="original.png"), shuffled]
    pictures += [treat(reloaded) for treat in TREATMENTS.values()]
    unchanged, control, *answers = _ask(backbone, pictures)
    was = int(unchanged.argmax())
    return Verdict(
        original_class=was,
        original_probability=float(unchanged[was]),
        trials=tuple(
            _trial(name, answer, was, target) for name, answer in zip(TREATMENTS, answers, strict=True)
        ),
        control=_trial("control", control, was, target),
        png=saved,
        **_sizes(before, after),
    )


def shuffle_change(before: Pixels, after: Pixels, seed: int = 0) -> Pixels:
    """The control: `before` with the same changes made to other pixels, so that every norm stays the same.

    A pixel moves with its three channels. Where a change would leave 0 to 255 it is cut off there.
    """
    change = after.astype(np.int16) - before
    places = np.random.default_rng(seed).permutation(change.shape[0] * change.shape[1])
    moved = change.reshape(-1, 3)[places].reshape(change.shape)
    return np.clip(before + moved, 0, 255).astype(np.uint8)


def _sizes(before: Pixels, after: Pixels) -> dict[str, Any]:
    change = after.astype(np.int16) - before
    squared = float(np.mean(np.square(change / 255.0)))
    return {
        "largest_change": int(np.abs(change).max(initial=0)),
        "length": math.sqrt(squared * change.size),
        "changed_share": float((change != 0).any(axis=2).mean()),
        "psnr": -10 * math.log10(squared) if squared else math.inf,
    }


def _ask(backbone: Backbone, pictures: list[Image.Image]) -> list[Tensor]:
    with torch.no_grad():
        batch = torch.cat([to_tensor(picture) for picture in pictures]).to(backbone.device)
        return list(backbone.logits(batch).softmax(1).cpu())


def _trial(name: str, probabilities: Tensor, original_class: int, target: int | None) -> Trial:
    answer = int(probabilities.argmax())
    return Trial(
        name=name,
        class_index=answer,
        probability=float(probabilities[answer]),
        target_probability=float(probabilities[target if target is not None else answer]),
        succeeded=answer == target if target is not None else answer != original_class,
    )


def _jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def treat(picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return open_image(file.getvalue(), name="adversarial.jpg")

    return treat


def _blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1))


def _resized(picture: Image.Image) -> Image.Image:
    smaller = picture.resize(
        (round(picture.width * 0.75), round(picture.height * 0.75)), Image.Resampling.BICUBIC
    )
    return smaller.resize(picture.size, Image.Resampling.BICUBIC)


def _shifted(picture: Image.Image) -> Image.Image:
    return picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))


def _kept(picture: Image.Image) -> Image.Image:
    return picture


TREATMENTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "png": _kept,
    **{f"jpeg_{quality}": _jpeg(quality) for quality in JPEG_QUALITIES},
    "blur": _blurred,
    "resize": _resized,
    "shift": _shifted,
}
