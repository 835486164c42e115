"""Every sentence that a user reads, from `assets/texts/<language>/<section>.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

OTHER_LANGUAGES = ("nl",)  # beside English, in which all sentences come to the page
DECIMAL_SIGNS = {"nl": ","}  # elsewhere a point
TEXTS_FOLDER = Path(__file__).parent.parent / "assets" / "texts"


@dataclass(frozen=True)
class Section:
    """The sentences of one tab (or of the errors), addressed by dotted keys."""

    name: str
    entries: Mapping[str, Any]
    place: tuple[str, ...] = ()  # where in the file the entries stand
    language: str = "en"

    def part(self, key: str) -> Section:
        """The texts of a group as a section of their own."""
        return Section(self.name, self.tree(key), (*self.place, *key.split(".")), self.language)

    def in_language(self, language: str) -> Section:
        """The same texts in another language."""
        there = load_section(self.name, language)
        return there.part(".".join(self.place)) if self.place else there

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence at `key`, its `{placeholders}` filled from `values`.

        Raises:
            KeyError: when there is no sentence at `key`.
        """
        entry = self.tree(key)
        if not isinstance(entry, str):
            raise KeyError(f"{self.name}.{key} is a group of texts, not a sentence")
        return entry.format(**values) if values else entry

    def number(self, value: float, form: str) -> str:
        """A number as the language writes it: 97.5 or 97,5 for the format ".1f"."""
        return format(value, form).replace(".", DECIMAL_SIGNS.get(self.language, "."))

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
    return Section(name, yaml.safe_load(path.read_text(encoding="utf-8")), language=language)


def catalogue(language: str) -> list[tuple[str, str]]:
    """Every English sentence beside the same one in another language, each once.

    Args:
        language: a folder of `assets/texts`.

    Returns:
        Pairs in which `{placeholders}` stand as they are.
    """
    pairs: dict[str, str] = {}
    for path in sorted((TEXTS_FOLDER / "en").glob("*.yaml")):
        english, other = (load_section(path.stem, each).entries for each in ("en", language))
        for (_, sentence), (_, translation) in zip(leaves(english), leaves(other), strict=True):
            pairs.setdefault(sentence.strip(), translation.strip())
    return list(pairs.items())


def leaves(entry: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence of a group of texts, with its dotted key."""
    if isinstance(entry, str):
        yield key, entry
        return
    inner = entry.items() if isinstance(entry, Mapping) else enumerate(entry)
    for name, each in inner:
        yield from leaves(each, f"{key}.{name}" if key else str(name))
