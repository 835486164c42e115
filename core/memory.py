"""How much memory values hold, by what is large in them; and freed memory handed back to the system."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType

import numpy as np
import torch
from PIL import Image
from torch import nn

_NUMBERS = (int, float, complex, type(None))
_CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, GeneratorType)
_IGNORED = (*_NUMBERS, *_CODE)


class Held:
    """Adds up the bytes of values, each thing once, however many hold it.

    Counted are tensors and arrays with all of their storage, pictures, texts and bytes, inside containers and
    the attributes of objects; the objects themselves are small beside them and are not.
    """

    def __init__(self, shared: Iterable[object] = ()) -> None:
        """Begin at nothing.

        Args:
            shared: what is not to be counted wherever it is met, such as the networks that all use.
        """
        self._seen: dict[object, object] = {}  # kept alive, so that no number comes to mean another thing
        for each in shared:
            self.add(each)

    def add(self, value: object) -> int:
        """The bytes that `value` holds and nothing before it did."""
        total, left = 0, [value]
        while left:
            each = left.pop()
            if isinstance(each, _IGNORED):
                continue
            key = _identity(each)
            if key not in self._seen:
                self._seen[key] = each
                total += _own_bytes(each)
                left.extend(_parts(each))
        return total


def give_back() -> None:
    """Hand freed memory back to the system.

    The GNU C library keeps it: after a hundred drawings 100 MB lay between the pieces that are in use. With
    other C libraries nothing happens.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _malloc_trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found


def _identity(value: object) -> object:
    """What two that share their memory have in common."""
    if isinstance(value, torch.Tensor):
        return "storage", value.untyped_storage().data_ptr()
    return id(value)


def _own_bytes(value: object) -> int:
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().nbytes()
    if isinstance(value, np.ndarray):
        return 0 if isinstance(value.base, np.ndarray) else value.nbytes
    if isinstance(value, Image.Image):
        return value.width * value.height * len(value.getbands())
    return 0


def _parts(value: object) -> list[object]:
    """What to look into next; lists are copied, for the threads at work go on changing them."""
    if isinstance(value, str | bytes | bytearray | torch.Tensor | Image.Image):
        return []
    if isinstance(value, np.ndarray):
        return [value.base] if isinstance(value.base, np.ndarray) else []
    if isinstance(value, nn.Module):
        return [*value.parameters(), *value.buffers()]
    if isinstance(value, Mapping):
        return [*list(value.keys()), *list(value.values())]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return list(getattr(value, "__dict__", {}).values())
