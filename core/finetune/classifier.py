"""A trained classifier: a frozen network, a linear layer on its features, and the names of the classes."""

from __future__ import annotations

import copy
import json
import os
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core.backbone import BACKBONES, Backbone, load_backbone
from core.errors import FolderError
from core.finetune.onnx_file import write_onnx

FORMAT = "whiskers-classifier-1"
METADATA_KEY = "whiskers"
OWN = "own"  # a classifier as a network of its own: its name, which is none of `BACKBONES`
NETWORK = "network."  # before the name of a tuned tensor of the network itself


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

    def as_backbone(self) -> Backbone:
        """The classifier as one network with a head, named `OWN`: what can be drawn from and attacked.

        Its layers are those of `backbone`, shared, followed by the average over space and the new layer; its
        logits are those of `predict`.
        """
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for name, layer in self.backbone.model.named_children():
            layers[name] = layer
            if name == self.backbone.feature_layer:
                break
        linear = nn.Linear(self.weight.shape[1], len(self.classes), device=self.backbone.device)
        linear.load_state_dict({"weight": self.weight.detach(), "bias": self.bias.detach()})
        layers.update(average=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), own_classes=linear)
        model = nn.Sequential(layers).eval().requires_grad_(False)
        return replace(self.backbone, name=OWN, model=model, classes=self.classes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file; the names of the classes and of the network stand in its header.

        What was tuned of the network itself stands beside the last layer.
        """
        header = {
            "format": FORMAT,
            "backbone": self.backbone.name,
            "classes": list(self.classes),
            "input_size": self.backbone.input_size,
        }
        tensors = {"weight": self.weight.contiguous(), "bias": self.bias.contiguous()}
        tensors |= {NETWORK + name: value for name, value in tuned_tensors(self.backbone).items()}
        save_file(tensors, path, metadata={METADATA_KEY: json.dumps(header, ensure_ascii=False)})

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the whole network, softmax included, as `core.finetune.onnx_file.write_onnx` says."""
        write_onnx(self.backbone, self.weight, self.bias, path)

    @staticmethod
    def load(path: str | os.PathLike[str], device: torch.device | str | None = None) -> Classifier:
        """Read what `save` wrote. Nothing in the file is executed.

        Raises:
            FolderError: when the file is not of that form.
            WeightsError: when its network is not on this machine.
        """
        try:
            name, classes, tensors = _read(Path(path))
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise FolderError("classifier.not_a_classifier", name=Path(path).name) from error
        weight, bias = tensors.pop("weight"), tensors.pop("bias")
        try:
            backbone = _with(load_backbone(name, device), tensors)
        except (ValueError, KeyError) as error:
            raise FolderError("classifier.not_a_classifier", name=Path(path).name) from error
        with torch.inference_mode():
            channels = backbone.features(torch.zeros(1, 3, 64, 64, device=backbone.device)).shape[1]
        if channels != weight.shape[1]:
            raise FolderError("classifier.not_a_classifier", name=Path(path).name)
        return Classifier(backbone=backbone, classes=classes, weight=weight, bias=bias)


def tuned_tensors(backbone: Backbone) -> dict[str, Tensor]:
    """The weights of a network that differ from those it was published with, by their names."""
    published = load_backbone(backbone.name, backbone.device).model
    if backbone.model is published:
        return {}
    before = published.state_dict()
    return {
        name: value.contiguous()
        for name, value in backbone.model.state_dict().items()
        if name in before and not torch.equal(value, before[name])
    }


def _with(backbone: Backbone, tensors: dict[str, Tensor]) -> Backbone:
    """The network itself, or a copy with some of its weights replaced.

    Raises:
        KeyError: when it has no weights of such a name.
        ValueError: when they have another form.
    """
    if not tensors:
        return backbone
    model = copy.deepcopy(backbone.model)
    weights = model.state_dict()
    for name, value in tensors.items():
        own = weights[name.removeprefix(NETWORK)]
        if own.shape != value.shape or own.dtype != value.dtype or not value.isfinite().all():
            raise ValueError(f"{name} does not fit the network")
        own.copy_(value)
    return replace(backbone, model=model)


def _read(path: Path) -> tuple[str, tuple[str, ...], dict[str, Tensor]]:
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()[METADATA_KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
    weight, bias = tensors["weight"].float(), tensors["bias"].float()
    classes = tuple(map(str, header["classes"]))
    fits = weight.ndim == 2 and len(weight) == len(classes) > 1 and bias.shape == weight.shape[:1]
    finite = bool(weight.isfinite().all() and bias.isfinite().all())
    if header["format"] != FORMAT or header["backbone"] not in BACKBONES or not (fits and finite):
        raise ValueError("the tensors and the header do not fit each other")
    return header["backbone"], classes, {**tensors, "weight": weight, "bias": bias}
