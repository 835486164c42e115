"""All channels of a layer as one small picture with its statistics."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.images import CACHED_VALUES, Pixels, jpeg, png, sheet, tile_pitch

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


def make_sheet(name: str, maps: Tensor, most_bytes: int = MOST_BYTES) -> Sheet:
    """The sheet of feature maps (C, H, W) in float32, in at most about `most_bytes`."""
    maps = maps.contiguous()  # once: each figure runs along a channel, which networks keep scattered
    pixels, columns = sheet(maps)
    return Sheet(
        layer=name,
        encoded=_encode(pixels, maps.shape[2], most_bytes),
        columns=columns,
        pitch=tile_pitch(maps.shape[2]),
        size=maps.shape[2],
        statistics=statistics(maps),
    )


def _encode(pixels: Pixels, size: int, most_bytes: int) -> bytes:
    if size <= LOSSLESS_UP_TO:
        return png(pixels)
    tries = (jpeg(pixels, quality) for quality in JPEG_QUALITIES[pixels.size > LARGE :])
    return next((encoded for encoded in tries if len(encoded) <= most_bytes), b"") or jpeg(pixels, 5)


def statistics(maps: Tensor) -> dict[str, list[float]]:
    """Figures of feature maps (C, H, W), a list over channels each.

    `mean` and `variance` are of the maps as they are, `mean_relu` and `variance_relu` of their positive
    part; `zeros` is the share of places, in [0, 1], where the positive part is zero.
    """
    flat = maps.detach().float().flatten(1)
    parts = [_figures(part) for part in torch.split(flat, max(1, CACHED_VALUES // flat.shape[1]))]
    figures = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    return {name: [_rounded(value) for value in values.tolist()] for name, values in figures.items()}


def _figures(flat: Tensor) -> dict[str, Tensor]:
    figures = {"min": flat.amin(1), "max": flat.amax(1), "zeros": (flat <= 0).float().mean(1)}
    figures["mean"], figures["variance"] = _mean_and_variance(flat)
    figures["mean_relu"], figures["variance_relu"] = _mean_and_variance(flat.clamp_min(0))
    return figures


def _mean_and_variance(flat: Tensor) -> tuple[Tensor, Tensor]:
    """Of each row, in two passes: as exact as `torch.var_mean` and four times as fast on the processor."""
    mean = flat.mean(1)
    return mean, (flat - mean.unsqueeze(1)).square_().mean(1)


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
