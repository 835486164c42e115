"""Photos made for the tests, and a small network that takes no time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from core.backbone import BACKBONES, Backbone

COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}


def picture(colour: tuple[int, int, int], seed: int = 0, side: int = 32) -> Image.Image:
    """A noisy square of one colour."""
    noise = np.random.default_rng(seed).normal(0, 25, (side, side, 3))
    return Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))


def jpeg_bytes(colour: tuple[int, int, int] = (120, 90, 60), seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    picture(colour, seed).save(buffer, "JPEG")
    return buffer.getvalue()


def colour_folder(root: Path, count: int = 8, names: dict[str, tuple[int, int, int]] | None = None) -> Path:
    """One subfolder per colour, `count` photos in each."""
    for name, colour in (names or COLOURS).items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture(colour, number).save(root / name / f"{number}.png")
    return root


def small_network() -> Backbone:
    """Eight random filters of fixed seed; its name is that of a network on this machine."""
    torch.manual_seed(0)
    layers = nn.Sequential()
    layers.add_module("normalise", nn.Identity())
    layers.add_module("conv", nn.Conv2d(3, 8, 3, stride=2))
    layers.add_module("relu", nn.ReLU())
    return Backbone(
        name="efficientnet_lite0",
        info=BACKBONES["efficientnet_lite0"],
        model=layers.eval().requires_grad_(False),
        classes=(),
        feature_layer="relu",
        device=torch.device("cpu"),
    )
