"""The classes of a network, as a person searches and reads them."""

from __future__ import annotations

from functools import lru_cache

from core.architectures import imagenet_classes


def short_name(names: str) -> str:
    """The usual name of a class: the first of its names."""
    return names.split(",", 1)[0]


@lru_cache(maxsize=1)
def imagenet_choices() -> list[tuple[str, int]]:
    """Every ImageNet class with all its names (so that each can be searched) and its index, by name."""
    return sorted(((names, index) for index, names in enumerate(imagenet_classes())), key=_alphabetic)


def _alphabetic(choice: tuple[str, int]) -> str:
    return choice[0].casefold()
