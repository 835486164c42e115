"""What each layer of a network is and costs: shape, parameters, multiply-adds, receptive field.

A batch of no images goes through a copy that borrows the weights: no network is touched, nothing is computed.
(PyTorch's meta device does the same, but its first convolution costs a second of imports.)
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from core.backbone import Backbone

# Modules beside the main path: their receptive field is not that of the block
SIDE_BRANCHES = ("downsample", "shortcut")
SQUEEZE_EXCITATION = ("SqueezeExcitation", "SqueezeExcite")
KINDS: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.Conv2d, "convolution"),
    (nn.ReLU, "relu"),
    (nn.MaxPool2d, "pooling"),
    (nn.AdaptiveAvgPool2d, "average"),
    (nn.BatchNorm2d, "normalisation"),
    (nn.Flatten, "flatten"),
    (nn.Linear, "linear"),
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of a network, as it is at the network's own input size."""

    name: str
    kind: str  # one of KINDS, "block" (several layers), or "head"
    shape: tuple[int, ...]  # (C, H, W) of what it gives; (C,) once flattened
    parameters: int
    macs: int  # multiply-adds for one image, biases not counted
    receptive_field: int  # height and width in input pixels of what one unit depends on, padding included
    stride: int  # input pixels between neighbouring units
    start: float  # input pixel (0 is the middle of the first) at which the first unit is centred
    squeeze_excitation: bool  # its channels are also scaled by an average over the whole image


@dataclass(frozen=True)
class _Path:
    """The receptive field along the main path (Araujo, Norris and Sim 2019, Distill, equations 2 to 4)."""

    field: int = 1
    stride: int = 1
    start: float = 0.0

    def through(self, kernel: int, stride: int, before: float) -> _Path:
        """After a window of `kernel` units, `before` of them padding at the first place."""
        return _Path(
            field=self.field + (kernel - 1) * self.stride,
            stride=self.stride * stride,
            start=self.start + ((kernel - 1) / 2 - before) * self.stride,
        )


@dataclass
class _Tally:
    """What the hooks on the copy add up."""

    path: _Path = _Path()
    macs: int = 0
    shape: tuple[int, ...] = ()


def layer_table(backbone: Backbone) -> tuple[Layer, ...]:
    """Every named layer of a network, at its own input size, from the input to the last before the answer.

    Args:
        backbone: any network of `core.backbone`; it is not touched.
    """
    return table_of(backbone.model, backbone.input_size, backbone.device)


def table_of(network: nn.Sequential, size: int, device: torch.device | str = "cpu") -> tuple[Layer, ...]:
    """As `layer_table`, for a sequence of named layers that begins with an image (3, `size`, `size`)."""
    model = _borrowing_weights(network)
    image = torch.zeros(0, 3, size, size, device=device)
    tally = _Tally()
    _count(model, tally)
    table = []
    with torch.no_grad():
        for name, layer in model.named_children():
            tally.macs = 0
            image = layer(image)
            if name != "normalise":
                table.append(_layer(name, layer, replace(tally, shape=tuple(image.shape[1:]))))
    return tuple(table)


def _layer(name: str, layer: nn.Module, tally: _Tally) -> Layer:
    return Layer(
        name=name,
        kind=_kind(layer),
        shape=tally.shape,
        parameters=sum(parameter.numel() for parameter in layer.parameters()),
        macs=tally.macs,
        receptive_field=tally.path.field,
        stride=tally.path.stride,
        start=tally.path.start,
        squeeze_excitation=any(type(part).__name__ in SQUEEZE_EXCITATION for part in layer.modules()),
    )


def _kind(layer: nn.Module) -> str:
    found = next((kind for form, kind in KINDS if isinstance(layer, form)), None)
    if found:
        return found
    return "block" if any(isinstance(part, nn.Conv2d) for part in layer.modules()) else "head"


def _borrowing_weights(model: nn.Module) -> nn.Module:
    """A copy for hooks of its own, whose modules hold the very same tensors."""
    tensors: dict[int, Any] = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    return copy.deepcopy(model, tensors)


def _count(model: nn.Module, tally: _Tally) -> None:
    """Hook the copy's innermost modules; those beside the main path count only their multiply-adds."""
    aside = [name for name, part in model.named_modules() if _is_aside(name, part)]
    for name, part in model.named_modules():
        if any(part.children()):
            continue
        on_path = not any(name == side or name.startswith(f"{side}.") for side in aside)
        part.register_forward_hook(partial(_see, tally, on_path))


def _is_aside(name: str, part: nn.Module) -> bool:
    return name.rpartition(".")[2] in SIDE_BRANCHES or type(part).__name__ in SQUEEZE_EXCITATION


def _see(tally: _Tally, on_path: bool, part: nn.Module, images: tuple[Tensor, ...], output: Tensor) -> None:
    tally.macs += _macs(part, output)
    window = _window(part, images[0], output) if on_path else None
    if window:
        tally.path = tally.path.through(*window)


def _macs(part: nn.Module, output: Tensor) -> int:
    if isinstance(part, nn.Conv2d):
        return math.prod(output.shape[1:]) * math.prod(part.weight.shape[1:])
    if isinstance(part, nn.Linear):
        return math.prod(output.shape[1:]) * part.in_features
    return 0


def _window(part: nn.Module, image: Tensor, output: Tensor) -> tuple[int, int, float] | None:
    """The kernel (dilation included), stride and padding at the first place of a module; None for a point."""
    if isinstance(part, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        kernel, stride, padding = (_first(each) for each in (part.kernel_size, part.stride, part.padding))
        kernel = (kernel - 1) * _first(getattr(part, "dilation", 1)) + 1
        if not padding:  # TensorFlow's "same" padding is put on inside, the odd pixel at the end
            padding = max(0, (output.shape[2] - 1) * stride + kernel - image.shape[2]) // 2
        return kernel, stride, padding
    if isinstance(part, nn.AdaptiveAvgPool2d):
        return math.ceil(image.shape[2] / output.shape[2]), max(1, image.shape[2] // output.shape[2]), 0
    if image.ndim == 4 and output.ndim == 2:
        return image.shape[2], 1, 0
    return None


def _first(size: int | tuple[int, ...] | str) -> int:
    if isinstance(size, str):
        return 0
    return size if isinstance(size, int) else size[0]
