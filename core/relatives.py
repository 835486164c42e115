"""VGG-16's first filters, and which of them a kernel of one's own is most like.

The browser ranks them itself while a number is dragged (`demos/web/kernel/relatives.js`); this is the
reference that it must equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.backbone import load_backbone

FIRST_LAYER = "conv1_1"


@dataclass(frozen=True, kw_only=True)
class Relative:
    """A filter and how alike it is."""

    index: int  # the channel of conv1_1
    cosine: float  # -1 to 1


@lru_cache(maxsize=1)
def first_filters() -> NDArray[np.float32]:
    """VGG-16's 64 first filters (64, 3, 3, 3), read-only, as they meet RGB pixels in [0, 1].

    The network subtracts each colour's mean and divides by its standard deviation before the first layer.
    Dividing the weights instead gives the same responses but for a constant, so that filters can be compared
    with kernels that slide over plain pixels.

    Raises:
        WeightsError: when VGG-16's weights are not on this machine, or damaged.
    """
    model = load_backbone("vgg16").model
    filters = model.get_parameter(f"{FIRST_LAYER}.weight") / model.get_buffer("normalise.std")
    pixels: NDArray[np.float32] = filters.cpu().numpy()
    pixels.setflags(write=False)
    return pixels


def nearest_relatives(
    weights: ArrayLike, filters: NDArray[np.float32], *, count: int = 5, whatever_sign: bool = False
) -> tuple[Relative, ...]:
    """The filters most like a kernel, by the cosine between their numbers.

    Args:
        weights: (3, 3), not all zero; taken to be the same in every colour.
        filters: (N, 3, 3, 3).
        count: how many to give.
        whatever_sign: rank a filter that is the kernel's negative as high as its copy.

    Returns:
        the most alike first; each with its cosine, sign included.

    Raises:
        ValueError: when the kernel is not (3, 3), or all zero and so like nothing.
    """
    kernel = np.asarray(weights, dtype=np.float64)
    if kernel.shape != (3, 3) or not kernel.any():
        raise ValueError(f"expected weights (3, 3), not all zero; got shape {kernel.shape}")
    own = np.tile(kernel.ravel(), 3)
    others = filters.reshape(len(filters), -1).astype(np.float64)
    cosines = others @ own / (np.linalg.norm(others, axis=1) * np.linalg.norm(own))
    alike = np.abs(cosines) if whatever_sign else cosines
    ranked = np.argsort(-alike, kind="stable")[:count]
    return tuple(Relative(index=int(index), cosine=float(cosines[index])) for index in ranked)
