"""What a person takes away from a network: numbers as .npz, the layer table as CSV, a sheet as PNG."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from core.images import png, sheet
from core.layer_table import Layer

COLUMNS = (
    "name",
    "kind",
    "channels",
    "height",
    "width",
    "parameters",
    "multiply_adds",
    "receptive_field_pixels",
    "stride_pixels",
)


def save_activations(path: str | os.PathLike[str], activations: Mapping[str, Tensor]) -> None:
    """Write activations as an uncompressed .npz, one float32 array for each layer, by its name.

    Args:
        path: ends in .npz; `numpy.load(path)["conv1_1"]` reads it back.
        activations: (1, C, H, W) or (1, C) by layer, as `core.activations.capture` gives them for one image;
            stored without the first dimension.
    """
    arrays = {
        name: each[0].detach().to("cpu").contiguous().float().numpy() for name, each in activations.items()
    }
    with Path(path).open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def layer_csv(table: Sequence[Layer]) -> str:
    """The layer table as CSV with a header; height and width are empty where a layer has none."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for layer in table:
        space = layer.shape[1:] if len(layer.shape) == 3 else ("", "")
        writer.writerow(
            [
                layer.name,
                layer.kind,
                layer.shape[0],
                *space,
                layer.parameters,
                layer.macs,
                layer.receptive_field,
                layer.stride,
            ]
        )
    return file.getvalue()


def sheet_png(maps: Tensor) -> bytes:
    """All channels (C, H, W) as one grey PNG without loss, laid out as `core.images.sheet` says."""
    return png(sheet(maps.contiguous())[0])
