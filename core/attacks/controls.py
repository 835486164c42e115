"""What would show that an attack is about direction and not about amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.attacks.verdict import ask, shuffle_change
from core.attacks.views import Defence
from core.backbone import Backbone
from core.images import Pixels, centre_square, to_tensor

LINE = (-1.0, 3.0)  # from as far before the photo as the attack is after it, to three times the change
LINE_POINTS = 33


@dataclass(frozen=True, kw_only=True)
class Said:
    """A network's answer to one picture."""

    class_index: int
    probability: float  # of that class
    target_probability: float | None  # None where the network has no such class


def said(probabilities: Tensor, target: int | None) -> Said:
    """The likeliest class and the target's share of probabilities (classes,)."""
    best = int(probabilities.argmax())
    return Said(
        class_index=best,
        probability=float(probabilities[best]),
        target_probability=None if target is None else float(probabilities[target]),
    )


def noise(before: Pixels, after: Pixels, seed: int = 0) -> Pixels:
    """The photo with Gaussian noise whose length (L2) after rounding is as near as can be to the change's."""
    change = after.astype(np.float64) - before
    drawn = np.random.default_rng(seed).standard_normal(change.shape)
    wanted, low, high = float(np.linalg.norm(change)), 0.0, 255.0
    for _ in range(30):
        scale = (low + high) / 2
        low, high = (scale, high) if np.linalg.norm(_added(before, scale * drawn)) < wanted else (low, scale)
    return np.asarray(before + _added(before, low * drawn), np.uint8)


def _added(before: Pixels, change: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.clip(np.rint(before + change), 0, 255) - before)


def transplant(before: Pixels, after: Pixels, other: Pixels) -> Pixels:
    """The same change made to another photo of the same shape, cut off at 0 and 255."""
    change = after.astype(np.int16) - before
    return np.clip(other.astype(np.int16) + change, 0, 255).astype(np.uint8)


def amounts(backbone: Backbone, before: Pixels, after: Pixels, target: int | None) -> dict[str, Said]:
    """What the network says of the photo, the changed photo, and as much change in no direction."""
    pictures = {
        "photo": before,
        "changed": after,
        "shuffled": shuffle_change(before, after),
        "noise": noise(before, after),
    }
    answers = ask(backbone, [Image.fromarray(pixels) for pixels in pictures.values()])
    return {name: said(answer, target) for name, answer in zip(pictures, answers, strict=True)}


def on_other_photo(
    backbone: Backbone, before: Pixels, after: Pixels, photo: Image.Image, target: int | None
) -> tuple[Said, Said]:
    """What the network says of another photo, without and with the same change."""
    size = before.shape[0]
    other = np.asarray(centre_square(photo, size, backbone.info.crop_share, Image.Resampling.BICUBIC))
    pictures = [Image.fromarray(each) for each in (other, transplant(before, after, other))]
    plain, changed = ask(backbone, pictures)
    return said(plain, target), said(changed, target)


def on_other_network(other: Backbone, before: Pixels, after: Pixels, target: int | None) -> tuple[Said, Said]:
    """What another network says of the photo and of the changed photo, each resized to what it sees."""
    size = other.input_size
    pictures = [Image.fromarray(each) for each in (before, after)]
    if size != before.shape[0]:
        pictures = [centre_square(each, size, 1.0, Image.Resampling.BICUBIC) for each in pictures]
    plain, changed = ask(other, pictures)
    return said(plain, target), said(changed, target)


def along_the_line(backbone: Backbone, before: Pixels, after: Pixels) -> tuple[list[float], Tensor]:
    """The probabilities (points, classes) on the straight line through the photo (0) and the result (1)."""
    start = to_tensor(before).to(backbone.device)
    change = to_tensor(after).to(backbone.device) - start
    places = torch.linspace(*LINE, LINE_POINTS)
    answers = []
    with torch.no_grad():
        for part in torch.split(places, 8):
            images = (start + part.to(start.device).view(-1, 1, 1, 1) * change).clamp(0, 1)
            answers.append(backbone.logits(images).softmax(1).cpu())
    return places.tolist(), torch.cat(answers)


def defended(backbone: Backbone, defence: Defence, pixels: Pixels, seed: int = 1) -> Tensor:
    """The probabilities (tries, classes) of a picture behind a defence; one try where no chance is in it."""
    generator = torch.Generator().manual_seed(seed)
    image = to_tensor(pixels).to(backbone.device)
    with torch.no_grad():
        images = torch.cat([defence.draw(image, generator) for _ in range(defence.tries)])
        return backbone.logits(images).softmax(1).cpu()
