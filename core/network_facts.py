"""Networks side by side: what is known of each before it is loaded, and how fast it is here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from core.architectures import outline
from core.backbone import BACKBONES, Backbone, missing_checkpoints
from core.layer_table import SIDE_BRANCHES, SQUEEZE_EXCITATION, table_of
from core.weights import CHECKPOINTS

PASSES = 4  # timed of each network, after one that does not count


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """A row of the table."""

    name: str
    title: str
    year: int
    layers: int  # with weights, one after the other: convolutions and fully connected ones
    parameters: int
    macs: int  # multiply-adds for one image, biases not counted
    top1: float | None  # published ImageNet accuracy in percent


@lru_cache(maxsize=len(BACKBONES))
def network_facts(name: str) -> NetworkFacts:
    """The figures of a whole network by its name in `BACKBONES`, also when its weights are not here.

    Raises:
        ValueError: when there is no network of that name.
    """
    if name not in BACKBONES:
        raise ValueError(f"no backbone {name!r}; there are {', '.join(BACKBONES)}")
    info = BACKBONES[name]
    model = outline(name, info.family)
    table = table_of(model, info.input_size)
    return NetworkFacts(
        name=name,
        title=info.title,
        year=info.year,
        layers=depth(model),
        parameters=sum(layer.parameters for layer in table),
        macs=sum(layer.macs for layer in table),
        top1=info.top1,
    )


def depth(model: nn.Module) -> int:
    """Layers with weights on the main path, as networks are named for: 18 for ResNet-18."""
    if isinstance(model, nn.Conv2d | nn.Linear):
        return 1
    return sum(
        depth(part)
        for name, part in model.named_children()
        if name not in SIDE_BRANCHES and type(part).__name__ not in SQUEEZE_EXCITATION
    )


def missing_bytes(name: str, *, whole: bool = True) -> int:
    """What is to be downloaded before a network can be used; 0 when it can be used now.

    Args:
        name: one of `BACKBONES`.
        whole: with its head; else its layers before the head will do.
    """
    return sum(CHECKPOINTS[each].size for each in missing_checkpoints(name, whole=whole))


def time_passes(backbone: Backbone, passes: int = PASSES) -> Iterator[float]:
    """Run a network on one grey image of its size, in float32; each pass's milliseconds but the first's."""
    side = backbone.info.input_size
    images = torch.full((1, 3, side, side), 0.5, device=backbone.device)
    for turn in range(passes + 1):
        started = time.perf_counter()
        with torch.inference_mode():
            backbone.logits(images).cpu()
        if turn:
            yield 1000 * (time.perf_counter() - started)
