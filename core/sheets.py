"""All channels of a layer as one small picture with its statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.images import Pixels, channel_rows, jpeg, png, row_blocks, sheet, tile_pitch

Rows = npt.NDArray[np.float32]

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
    maps = torch.from_numpy(channel_rows(maps)).view(maps.shape)  # once, for both
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
    flat = channel_rows(maps)
    parts = [_figures(flat[part]) for part in row_blocks(flat)]
    return {name: [_rounded(value) for part in parts for value in part[name].tolist()] for name in parts[0]}


def _figures(rows: Rows) -> dict[str, Rows]:
    positive = np.maximum(rows, 0)
    figures = {"min": rows.min(1), "max": rows.max(1)}
    figures["mean"], figures["variance"] = _mean_and_variance(rows)
    figures["mean_relu"], figures["variance_relu"] = _mean_and_variance(positive)
    figures["zeros"] = 1 - np.count_nonzero(positive, axis=1) / rows.shape[1]
    return figures


def _mean_and_variance(rows: Rows) -> tuple[Rows, Rows]:
    mean = rows.mean(1)
    from_mean = rows - mean[:, None]
    return mean, np.einsum("ij,ij->i", from_mean, from_mean) / rows.shape[1]


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
