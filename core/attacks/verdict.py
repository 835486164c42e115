"""What became of an attack, judged on the picture as it is saved and read back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.attacks.treatments import TREATMENTS
from core.backbone import Backbone
from core.images import Pixels, open_image, png, to_tensor, to_uint8


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
    ssim: float  # structural similarity, 1 when nothing changed
    levels: tuple[float, ...]  # the share of all values changed by 0, 1, 2, ... levels
    trials: tuple[Trial, ...]
    control: Trial  # the same change with its pixels shuffled: as much change, in no direction
    before: tuple[float, ...]  # the probability of every class, of the original
    after: tuple[float, ...]  # and of the saved file
    png: bytes  # the file that was judged

    @property
    def succeeded(self) -> bool:
        """Whether the attack works on the saved file."""
        return self.trials[0].succeeded


def verdict(
    original: Tensor,
    adversarial: Tensor,
    backbone: Backbone,
    target: int | None,
    *,
    own_size: bool = False,
    save: Callable[[Pixels], bytes] = png,
) -> Verdict:
    """Save both images as PNG, read them back, and ask the network.

    Args:
        original: (1, 3, H, W) in [0, 1].
        adversarial: the same shape.
        backbone: a network with a head.
        target: the class wanted; None when any other class will do.
        own_size: the images are photos that the network's preprocessing crops and resizes first.
        save: writes the file that is judged, from uint8 pixels (H, W, 3).

    Raises:
        ValueError: when the images are not of that form.
    """
    before, after = to_uint8(original)[0], to_uint8(adversarial)[0]
    if before.shape != after.shape:
        raise ValueError(f"expected images of one shape, got {before.shape} and {after.shape}")
    saved = save(after)
    reloaded = open_image(saved, name="adversarial.png")
    shuffled = open_image(png(shuffle_change(before, after)), name="control.png")
    pictures = [open_image(png(before), name="original.png"), shuffled]
    pictures += [treat(reloaded) for treat in TREATMENTS.values()]
    unchanged, control, *answers = ask(backbone, pictures, own_size=own_size)
    was = int(unchanged.argmax())
    return Verdict(
        original_class=was,
        original_probability=float(unchanged[was]),
        trials=tuple(
            _trial(name, answer, was, target) for name, answer in zip(TREATMENTS, answers, strict=True)
        ),
        control=_trial("control", control, was, target),
        before=tuple(unchanged.tolist()),
        after=tuple(answers[0].tolist()),
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
    counts = np.bincount(np.abs(change).ravel())
    return {
        "largest_change": int(np.abs(change).max(initial=0)),
        "length": math.sqrt(squared * change.size),
        "changed_share": float((change != 0).any(axis=2).mean()),
        "psnr": -10 * math.log10(squared) if squared else math.inf,
        "ssim": ssim(before, after),
        "levels": tuple((counts / change.size).tolist()),
    }


def ssim(first: Pixels, second: Pixels) -> float:
    """Structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861, eq. 13), mean over the channels.

    Args:
        first, second: uint8 (H, W, 3) of one shape; windows are Gaussians of 1.5 pixels, as in the paper.
    """
    x, y = first.astype(np.float64), second.astype(np.float64)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT))

    mean_x, mean_y = mean(x), mean(y)
    spread = mean(x * x) - mean_x**2 + mean(y * y) - mean_y**2
    together = mean(x * y) - mean_x * mean_y
    small, less_small = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_x * mean_y + small) * (2 * together + less_small)
    return float((alike / ((mean_x**2 + mean_y**2 + small) * (spread + less_small))).mean())


def ask(backbone: Backbone, pictures: Sequence[Image.Image], *, own_size: bool = False) -> list[Tensor]:
    """The probabilities (classes,) that a network gives to pictures as they come out of files.

    Args:
        own_size: let the network crop and resize them; else they are of its size already.
    """
    prepare = backbone.preprocess if own_size else to_tensor
    with torch.no_grad():
        batch = torch.cat([prepare(picture) for picture in pictures]).to(backbone.device)
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
