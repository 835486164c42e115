"""All channels of a layer as one small picture with its statistics."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.images import Pixels, jpeg, png, sheet, tile_pitch

JPEG_QUALITIES = (85, 70, 50, 30, 10)  # the first that keeps a sheet within MOST_BYTES
LARGE = 2_000_000  # pixels: tiles much larger than on the screen, which seldom fit at the best quality
MOST_BYTES = 650_000
LOSSLESS_UP_TO = 16  # pixels across: below, JPEG's blocks are as large as the map, and PNG is small anyway
SIGNIFICANT_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All channels of one layer's output as one grey picture.

    Channel `i` is the tile in row `i // columns` and column `i % columns`; tiles are `pitch` pixels apart.
    Grey 0 stands for the channel's own minimum, 255 for its maximum.
    """

    layer: str
    encoded: bytes  # JPEG, or PNG for small maps
    columns: int
    pitch: int
    size: int  # height and width of a map
    statistics: dict[str, list[float]]  # one figure per channel, by name


def make_sheet(name: str, maps: Tensor) -> Sheet:
    """The sheet of feature maps (C, H, W) in float32."""
    pixels, columns = sheet(maps)
    return Sheet(
        layer=name,
        encoded=_encode(pixels, maps.shape[2]),
        columns=columns,
        pitch=tile_pitch(maps.shape[2]),
        size=maps.shape[2],
        statistics=statistics(maps),
    )


def _encode(pixels: Pixels, size: int) -> bytes:
    if size <= LOSSLESS_UP_TO:
        return png(pixels)
    tries = (jpeg(pixels, quality) for quality in JPEG_QUALITIES[pixels.size > LARGE :])
    return next((encoded for encoded in tries if len(encoded) <= MOST_BYTES), b"") or jpeg(pixels, 5)


def statistics(maps: Tensor) -> dict[str, list[float]]:
    """Figures of feature maps (C, H, W), a list over channels each.

    `mean` and `variance` are of the maps as they are, `mean_relu` and `variance_relu` of their positive
    part; `zeros` is the share of places, in [0, 1], where the positive part is zero.
    """
    flat = maps.detach().float().flatten(1)
    positive = flat.clamp_min(0)
    variance, mean = torch.var_mean(flat, 1, correction=0)
    variance_relu, mean_relu = torch.var_mean(positive, 1, correction=0)
    figures = {
        "min": flat.amin(1),
        "max": flat.amax(1),
        "mean": mean,
        "variance": variance,
        "mean_relu": mean_relu,
        "variance_relu": variance_relu,
        "zeros": (flat <= 0).float().mean(1),
    }
    return {name: [_rounded(value) for value in values.tolist()] for name, values in figures.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
