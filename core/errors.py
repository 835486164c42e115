"""Errors that a user can do something about: a key of `assets/texts/*/errors.yaml` and its values."""

from __future__ import annotations

import errno
import re
from typing import Any

from core.texts import load_section

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}  # the disk, a file's limit, a user's limit
_SYSTEM_CODE = re.compile(r"os error (\d+)")  # as libraries in Rust, such as safetensors, word it


class UserError(Exception):
    """Something the user can mend.

    The page shows `message(language)`; `str(error)` is the English sentence, for the terminal.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.message())

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can be pickled: its values are given by name."""
        return _again, (type(self), self.key, self.values)

    def message(self, language: str = "en") -> str:
        """The sentence to show, in the user's language."""
        return load_section("errors", language)(self.key, **self.values)


def _again(kind: type[UserError], key: str, values: dict[str, object]) -> UserError:
    return kind(key, **values)


class ImageError(UserError, ValueError):
    """A file that is no image, or one too large to open."""


class WeightsError(UserError, RuntimeError):
    """Weights that are missing, corrupt, or cannot be downloaded."""


class FolderError(UserError, ValueError):
    """A folder or zip of photos that cannot be used."""


class TrainingError(UserError, RuntimeError):
    """A computation that cannot go on, such as a loss that is no longer a number."""


def is_disk_full(error: BaseException) -> bool:
    """Whether it says that a disk or a limit of files is full, whoever's library says so."""
    told = _SYSTEM_CODE.search(str(error))
    code = int(told[1]) if told else getattr(error, "errno", None)
    return code in _NO_ROOM
