"""The networks: each a sequence of named layers with its preprocessing inside, loaded once and shared."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import torch
from PIL import Image
from torch import Tensor, nn

from core import ON_ZERO_GPU, weights
from core.architectures import LOADERS, Normalise
from core.errors import WeightsError
from core.images import centre_square, require_images, to_tensor

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True, kw_only=True)
class BackboneInfo:
    """What is known of a network before it is loaded."""

    title: str
    year: int
    family: Literal["vgg", "resnet", "mobilenet", "efficientnet"]
    input_size: int  # pixels, both sides
    crop_share: float  # of the shorter side that the network sees
    bicubic: bool
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    top1: float | None  # published ImageNet accuracy in percent
    checkpoints: tuple[tuple[str, ...], ...]  # sets of core.weights.CHECKPOINTS that do, best first


def _vgg(title: str, top1: float | None, *checkpoints: tuple[str, ...]) -> BackboneInfo:
    return BackboneInfo(
        title=title,
        year=2014,
        family="vgg",
        input_size=224,
        crop_share=224 / 256,
        bicubic=False,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        top1=top1,
        checkpoints=checkpoints,
    )


def _torchvision(
    title: str, year: int, family: Literal["resnet", "mobilenet"], resize: int, top1: float, checkpoint: str
) -> BackboneInfo:
    return BackboneInfo(
        title=title,
        year=year,
        family=family,
        input_size=224,
        crop_share=224 / resize,
        bicubic=False,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        top1=top1,
        checkpoints=((checkpoint,),),
    )


def _efficientnet_lite(title: str, size: int, crop_share: float, top1: float, name: str) -> BackboneInfo:
    return BackboneInfo(
        title=title,
        year=2020,
        family="efficientnet",
        input_size=size,
        crop_share=crop_share,
        bicubic=True,
        mean=HALF,
        std=HALF,
        top1=top1,
        checkpoints=((name,),),
    )


BACKBONES: dict[str, BackboneInfo] = {
    "vgg16": _vgg("VGG-16", 71.592, ("vgg16",), ("vgg16_features",)),
    "vgg16_catdog": _vgg(
        "VGG-16", None, ("vgg16_features", "vgg16_catdog_head"), ("vgg16", "vgg16_catdog_head")
    ),
    "vgg19": _vgg("VGG-19", 72.376, ("vgg19",)),
    "resnet18": _torchvision("ResNet-18", 2015, "resnet", 256, 69.758, "resnet18"),
    "resnet50": _torchvision("ResNet-50", 2015, "resnet", 232, 80.858, "resnet50"),
    "mobilenet_v3_large": _torchvision(
        "MobileNetV3-Large", 2019, "mobilenet", 232, 75.274, "mobilenet_v3_large"
    ),
    "efficientnet_lite0": _efficientnet_lite("EfficientNet-Lite0", 224, 0.875, 74.83, "efficientnet_lite0"),
    "efficientnet_lite2": _efficientnet_lite("EfficientNet-Lite2", 260, 0.890, 77.46, "efficientnet_lite2"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Backbone:
    """A loaded network, shared by everyone: in eval mode, its weights frozen, no hooks on it.

    `model` is a sequence of named layers beginning with normalisation, so that it can be run by hand up
    to any layer.
    """

    name: str
    info: BackboneInfo
    model: nn.Sequential
    classes: tuple[str, ...]  # empty without a head
    feature_layer: str  # the last layer before the head
    device: torch.device
    layers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(name for name, _ in self.model.named_children() if name != "normalise")
        object.__setattr__(self, "layers", names)

    @property
    def input_size(self) -> int:
        """Height and width, in pixels, that the network was trained on."""
        return self.info.input_size

    @property
    def has_head(self) -> bool:
        """Whether the network can name what it sees."""
        return bool(self.classes)

    def preprocess(self, picture: Image.Image) -> Tensor:
        """The centre of a picture as the network sees it: (1, 3, S, S) in [0, 1], not normalised."""
        resample = Image.Resampling.BICUBIC if self.info.bicubic else Image.Resampling.BILINEAR
        square = centre_square(picture.convert("RGB"), self.input_size, self.info.crop_share, resample)
        return to_tensor(square).to(self.device)

    def logits(self, images: Tensor) -> Tensor:
        """Class scores (N, classes) of images (N, 3, H, W) in [0, 1], in float32, with gradient.

        Raises:
            ValueError: when the images are not of that form.
            WeightsError: when the network has no head on this machine.
        """
        require_images(images)
        if not self.has_head:
            raise WeightsError("weights.no_head", network=self.info.title)
        scores: Tensor = self.model(images.contiguous(memory_format=torch.channels_last))
        return scores

    def features(self, images: Tensor) -> Tensor:
        """What the head sees, averaged over space: (N, channels), with gradient.

        Raises:
            ValueError: when the images are not (N, 3, H, W) in [0, 1].
        """
        require_images(images)
        activation = images.contiguous(memory_format=torch.channels_last)
        for name, layer in self.model.named_children():
            activation = layer(activation)
            if name == self.feature_layer:
                break
        return activation.mean((2, 3)) if activation.ndim == 4 else activation.flatten(1)

    def forward_precision(self) -> AbstractContextManager[object]:
        """bf16 for VGG's forward pass where the processor is faster with it; else full precision.

        For pictures on the screen only; gradients and compared figures stay in float32.
        """
        if self.info.family == "vgg" and _has_fast_bf16(self.device.type):
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()


@lru_cache(maxsize=4)
def _has_fast_bf16(device_type: str) -> bool:
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # PyTorch has no public question for this; without an answer, full precision is right
    supported: Callable[[], bool] = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return device_type == "cpu" and bool(supported())


def default_device() -> torch.device:
    """CUDA, else Apple's MPS, else the processor; on ZeroGPU the processor (see core/zero_gpu.py)."""
    if ON_ZERO_GPU:
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def is_present(name: str) -> bool:
    """Whether a network can be loaded now, without the internet."""
    return _checkpoints_present(name) is not None


_LOADING = threading.Lock()
_LOADED: dict[tuple[str, str, tuple[str, ...]], Backbone] = {}


def _unlock() -> None:
    """A process that was forked while a network was being loaded could load none."""
    global _LOADING
    _LOADING = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def load_backbone(name: str, device: torch.device | str | None = None) -> Backbone:
    """A network by its name in `BACKBONES`; asking again gives the same object.

    Args:
        name: one of `BACKBONES`.
        device: by default `default_device()`.

    Raises:
        ValueError: when there is no network of that name; the message lists the names.
        WeightsError: when its weights are not on this machine, or damaged.
    """
    if name not in BACKBONES:
        raise ValueError(f"no backbone {name!r}; there are {', '.join(BACKBONES)}")
    place = torch.device(device) if device is not None else default_device()
    checkpoints = _checkpoints_present(name)
    if checkpoints is None:
        raise _not_here(name)
    with _LOADING:
        key = (name, str(place), checkpoints)
        if key not in _LOADED:
            _LOADED[key] = _load(name, place, checkpoints)
        return _LOADED[key]


def loaded_backbones() -> tuple[Backbone, ...]:
    """The networks in memory, which all share."""
    return tuple(_LOADED.values())


def _checkpoints_present(name: str) -> tuple[str, ...] | None:
    choices = BACKBONES[name].checkpoints
    return next((chosen for chosen in choices if not _absent(name, chosen)), None)


def _absent(name: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The files that a network lacks; a loaded one needs none of them any more."""
    if any(key[0] == name and key[2] == chosen for key in list(_LOADED)):
        return ()
    return tuple(each for each in chosen if not weights.is_present(each))


def missing_checkpoints(name: str, *, whole: bool = False) -> tuple[str, ...]:
    """What must be fetched before a network can be loaded; nothing when it can be loaded now.

    Args:
        name: one of `BACKBONES`.
        whole: ask for the network with its head, also where its layers alone are here (VGG-16).
    """
    choices = BACKBONES[name].checkpoints[: 1 if whole and name == "vgg16" else None]
    wanted = [_absent(name, chosen) for chosen in choices]
    if () in wanted:
        return ()
    return next((each for each in wanted if all(map(_is_download, each))), wanted[0])


def _is_download(checkpoint: str) -> bool:
    return weights.CHECKPOINTS[checkpoint].source == "download"


def _not_here(name: str) -> WeightsError:
    checkpoint = weights.CHECKPOINTS[missing_checkpoints(name)[0]]
    if checkpoint.source == "download":
        return WeightsError("weights.on_request", network=checkpoint.title, megabytes=checkpoint.size / 1e6)
    return WeightsError(
        "weights.missing", network=checkpoint.title, package=checkpoint.origin.partition(":")[0]
    )


def _load(name: str, device: torch.device, checkpoints: tuple[str, ...]) -> Backbone:
    info = BACKBONES[name]
    layers, feature_layer, classes = LOADERS[info.family](name, checkpoints)
    layers = OrderedDict([("normalise", Normalise(info.mean, info.std)), *layers.items()])
    model = nn.Sequential(layers).eval().requires_grad_(False)
    model = model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Backbone(
        name=name, info=info, model=model, classes=classes, feature_layer=feature_layer, device=device
    )
