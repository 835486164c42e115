"""A trained classifier: a frozen network, a linear layer on its features, and the names of the classes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.backbone import BACKBONES, Backbone, load_backbone
from core.errors import FolderError
from core.images import open_image

FORMAT = "whiskers-classifier-1"
METADATA_KEY = "whiskers"


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """Gives the probability of each class for a picture."""

    backbone: Backbone
    classes: tuple[str, ...]
    weight: Tensor  # (classes, channels) float32
    bias: Tensor  # (classes,)

    def logits(self, features: Tensor) -> Tensor:
        """Class scores (N, classes) of features (N, channels)."""
        return features @ self.weight.to(features.device).T + self.bias.to(features.device)

    def predict(self, images: Tensor) -> Tensor:
        """Probabilities (N, classes) of images (N, 3, H, W) in [0, 1], in float32; each row sums to 1.

        Raises:
            ValueError: when the images are not of that form.
        """
        with torch.no_grad():
            return self.logits(self.backbone.features(images)).softmax(1)

    def classify(self, picture: Image.Image) -> list[float]:
        """The probability of each class for one picture."""
        shares: list[float] = self.predict(self.backbone.preprocess(picture))[0].tolist()
        return shares

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file; the names of the classes and of the network stand in its header."""
        header = {
            "format": FORMAT,
            "backbone": self.backbone.name,
            "classes": list(self.classes),
            "input_size": self.backbone.input_size,
        }
        tensors = {"weight": self.weight.contiguous(), "bias": self.bias.contiguous()}
        save_file(tensors, path, metadata={METADATA_KEY: json.dumps(header, ensure_ascii=False)})

    @staticmethod
    def load(path: str | os.PathLike[str], device: torch.device | str | None = None) -> Classifier:
        """Read what `save` wrote. Nothing in the file is executed.

        Raises:
            FolderError: when the file is not of that form.
            WeightsError: when its network is not on this machine.
        """
        try:
            name, classes, weight, bias = _read(Path(path))
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise FolderError("classifier.not_a_classifier", name=Path(path).name) from error
        backbone = load_backbone(name, device)
        with torch.inference_mode():
            channels = backbone.features(torch.zeros(1, 3, 64, 64, device=backbone.device)).shape[1]
        if channels != weight.shape[1]:
            raise FolderError("classifier.not_a_classifier", name=Path(path).name)
        return Classifier(backbone=backbone, classes=classes, weight=weight, bias=bias)


def _read(path: Path) -> tuple[str, tuple[str, ...], Tensor, Tensor]:
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()[METADATA_KEY])
        weight, bias = file.get_tensor("weight"), file.get_tensor("bias")
    classes = tuple(map(str, header["classes"]))
    fits = weight.ndim == 2 and len(weight) == len(classes) > 1 and bias.shape == weight.shape[:1]
    finite = bool(weight.isfinite().all() and bias.isfinite().all())
    if header["format"] != FORMAT or header["backbone"] not in BACKBONES or not (fits and finite):
        raise ValueError("the tensors and the header do not fit each other")
    return header["backbone"], classes, weight.float(), bias.float()


def self_test(classifier: Classifier, path: str | os.PathLike[str], photos: Sequence[Path]) -> float:
    """The largest difference of any probability between `classifier` and its saved file, on these photos.

    Raises:
        FolderError: when the file cannot be read back.
        ImageError: when a photo cannot be opened.
    """
    saved = Classifier.load(path, classifier.backbone.device)
    pairs = ((classifier.classify(each), saved.classify(each)) for each in map(open_image, photos))
    return max((abs(a - b) for here, there in pairs for a, b in zip(here, there, strict=True)), default=0.0)
