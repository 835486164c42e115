"""How many of the processor's threads a step uses.

Threads wait for each other after every layer. Where a small network looks at one picture, a layer takes less
time than the waiting: on two cores a step of EfficientNet-Lite0 at 160 pixels takes 40 ms with one thread and
80 ms with two. Where there is more to do, all of them are worth it: VGG-16 takes 320 and 190 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.backbone import Backbone

ALL = torch.get_num_threads()
SMALL_FAMILIES = ("efficientnet", "mobilenet")
FEW_IMAGES = 3


def use_all() -> None:
    """Let this thread's work use every thread; each thread of Python has a number of its own."""
    _use(ALL)


@contextmanager
def threads_for(backbone: Backbone, images: int) -> Iterator[None]:
    """As many threads as are worth it for passes of `images` pictures through a network, in this block."""
    little = backbone.info.family in SMALL_FAMILIES and images <= FEW_IMAGES
    before = torch.get_num_threads()
    _use(1 if little and backbone.device.type == "cpu" else before)
    try:
        yield
    finally:
        _use(before)


def _use(threads: int) -> None:
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
