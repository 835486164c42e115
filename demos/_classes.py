"""The classes of a network, as a person searches and reads them."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import yaml

from core.architectures import CLASSES_FILE, imagenet_classes

BESIDE = " | "  # between a class's English names and its Dutch one; assets/language.js shows one side of it


def short_name(names: str) -> str:
    """The usual name of a class: the first of its names."""
    return names.split(",", 1)[0]


@lru_cache(maxsize=4)
def _names_in(language: str) -> dict[int, str]:
    return dict(yaml.safe_load(CLASSES_FILE.with_suffix(f".{language}.yaml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def imagenet_choices() -> list[tuple[str, int]]:
    """Every ImageNet class with all its names (so that each can be searched) and its index, by name."""
    choices = [(_both(names, index), index) for index, names in enumerate(imagenet_classes())]
    return sorted(choices, key=_alphabetic)


def class_names_beside(language: str) -> list[tuple[str, str]]:
    """What the page shows of each class in English, and what it shows in another language."""
    english, others = imagenet_classes(), _names_in(language)
    meanings = Counter(map(short_name, english))
    pairs = []
    for index, other in others.items():
        names = english[index]
        if meanings[short_name(names)] == 1:  # not the crane that is a bird or a machine
            pairs.append((short_name(names), other))
        both = other if other.casefold() == names.casefold() else f"{other} ({names})"
        pairs += [(names, other), (_both(names, index), both)]
    return pairs


def _both(names: str, index: int) -> str:
    dutch = _names_in("nl").get(index)
    known = {each.strip().casefold() for each in names.split(",")}
    return names if dutch is None or dutch.casefold() in known else names + BESIDE + dutch


def _alphabetic(choice: tuple[str, int]) -> str:
    return choice[0].casefold()
