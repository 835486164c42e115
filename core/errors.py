"""Errors that a user can do something about: a key of `assets/texts/*/errors.yaml` and its values."""

from __future__ import annotations

from core.texts import load_section


class UserError(Exception):
    """Something the user can mend.

    The page shows `message(language)`; `str(error)` is the English sentence, for the terminal.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.message())

    def message(self, language: str = "en") -> str:
        """The sentence to show, in the user's language."""
        return load_section("errors", language)(self.key, **self.values)


class ImageError(UserError, ValueError):
    """A file that is no image, or one too large to open."""


class WeightsError(UserError, RuntimeError):
    """Weights that are missing, corrupt, or cannot be downloaded."""


class FolderError(UserError, ValueError):
    """A folder or zip of photos that cannot be used."""


class TrainingError(UserError, RuntimeError):
    """A computation that cannot go on, such as a loss that is no longer a number."""
