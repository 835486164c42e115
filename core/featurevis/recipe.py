"""All that is needed to draw an image again, kept inside its PNG file."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from core.errors import ImageError
from core.featurevis.goals import MOST_GOALS, Goal
from core.featurevis.settings import RUNGS, Settings, rung
from core.images import to_uint8

KEY = "whiskers-ideal-image"  # of the text chunk
NOISE = "noise"  # to start from, beside a sample photo by its name
OTHER_START = "other"  # a start that a recipe cannot bring back: one's own photo, a picture drawn before


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What the dials of the page say."""

    network: str
    goals: tuple[Goal, ...]
    rung: str  # the preset that the settings were taken from
    start: str = NOISE
    settings: Settings = field(default_factory=Settings)

    def allowed(self) -> bool:
        """Whether the page's dials could be set to all of it; a network may still lack a goal."""
        good = 0 < len(self.goals) <= MOST_GOALS and all(each.allowed() for each in self.goals)
        if not (good and self.rung in RUNGS and self.settings.allowed()):
            return False
        usual = rung(self.rung)
        return (usual.parametrization, usual.transforms) == (
            self.settings.parametrization,
            self.settings.transforms,
        )


def write_png(image: Tensor, recipe: Recipe) -> bytes:
    """PNG bytes of an image (1, 3, H, W) in [0, 1] with the recipe inside."""
    info = PngInfo()
    info.add_text(KEY, json.dumps(asdict(recipe)))
    file = io.BytesIO()
    Image.fromarray(to_uint8(image)[0]).save(file, "PNG", pnginfo=info, compress_level=3)
    return file.getvalue()


def read_recipe(source: str | bytes | IO[bytes]) -> Recipe:
    """The recipe inside a PNG: a path, the bytes of a file, or an open binary file.

    Raises:
        ImageError: when the file is no PNG from here, or its recipe was changed to what no dial allows.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            told = json.loads(picture.info[KEY])
        return _checked(told)
    except (OSError, KeyError, ValueError, TypeError, SyntaxError, OverflowError) as error:
        raise ImageError("ideal_image.no_recipe") from error


def _checked(told: dict[str, Any]) -> Recipe:
    recipe = Recipe(
        network=str(told["network"]),
        goals=tuple(_goal(each) for each in told["goals"]),
        rung=str(told["rung"]),
        start=str(told["start"]),
        settings=_settings(told["settings"]),
    )
    if not recipe.allowed():
        raise ValueError(f"no dial allows {recipe}")
    return recipe


def _goal(told: dict[str, Any]) -> Goal:
    place = {"kind": str(told["kind"]), "layer": str(told["layer"])}
    return Goal(index=int(told["index"]), weight=float(told["weight"]), **place)  # type: ignore[arg-type]


def _settings(told: dict[str, Any]) -> Settings:
    """Settings whose every value has the type of the default."""
    defaults = asdict(Settings())
    return Settings(**{name: type(usual)(told[name]) for name, usual in defaults.items()})
