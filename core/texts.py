"""Every sentence that a user reads, from `assets/texts/<language>/<section>.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TEXTS_FOLDER = Path(__file__).parent.parent / "assets" / "texts"


@dataclass(frozen=True)
class Section:
    """The sentences of one tab (or of the errors), addressed by dotted keys."""

    name: str
    entries: Mapping[str, Any]

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence at `key`, its `{placeholders}` filled from `values`.

        Raises:
            KeyError: when there is no sentence at `key`.
        """
        entry = self.tree(key)
        if not isinstance(entry, str):
            raise KeyError(f"{self.name}.{key} is a group of texts, not a sentence")
        return entry.format(**values) if values else entry

    def tree(self, key: str = "") -> Any:
        """The sentence or group of sentences at `key`; all of the section for ''."""
        entry: Any = self.entries
        for part in filter(None, key.split(".")):
            if not isinstance(entry, Mapping) or part not in entry:
                raise KeyError(f"no text {self.name}.{key}")
            entry = entry[part]
        return entry


@lru_cache(maxsize=64)
def load_section(name: str, language: str = "en") -> Section:
    """Read one section of the texts.

    Raises:
        FileNotFoundError: when the language has no such section.
    """
    path = TEXTS_FOLDER / language / f"{name}.yaml"
    return Section(name, yaml.safe_load(path.read_text(encoding="utf-8")))
