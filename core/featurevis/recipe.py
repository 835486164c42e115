"""All that is needed to draw an image again, kept inside its PNG file."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, replace
from typing import IO, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from core.errors import ImageError
from core.featurevis.settings import RUNGS, Settings, rung
from core.images import to_uint8

KEY = "whiskers-ideal-image"  # of the text chunk
NETWORKS = {"efficientnet_lite0": 1000, "vgg16_catdog": 2}  # that draw, and how many classes they know


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What the dials of the page say; everything else follows from the rung and the network."""

    network: str
    class_index: int
    rung: str
    steps: int
    variation_weight: float
    seed: int

    @property
    def settings(self) -> Settings:
        """The settings of the rung with these dials."""
        return replace(
            rung(self.rung, self.network),
            steps=self.steps,
            variation_weight=self.variation_weight,
            seed=self.seed,
        )


def write_png(image: Tensor, recipe: Recipe) -> bytes:
    """PNG bytes of an image (1, 3, H, W) in [0, 1] with the recipe inside."""
    info = PngInfo()
    info.add_text(KEY, json.dumps(asdict(recipe)))
    file = io.BytesIO()
    Image.fromarray(to_uint8(image)[0]).save(file, "PNG", pnginfo=info)
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
    except (OSError, KeyError, ValueError, TypeError, SyntaxError) as error:
        raise ImageError("ideal_image.no_recipe") from error


def _checked(told: dict[str, Any]) -> Recipe:
    recipe = Recipe(
        network=str(told["network"]),
        class_index=int(told["class_index"]),
        rung=str(told["rung"]),
        steps=int(told["steps"]),
        variation_weight=float(told["variation_weight"]),
        seed=int(told["seed"]),
    )
    allowed = (
        0 <= recipe.class_index < NETWORKS[recipe.network]
        and recipe.rung in RUNGS
        and Settings.STEPS_RANGE[0] <= recipe.steps <= Settings.STEPS_RANGE[1]
        and Settings.VARIATION_RANGE[0] <= recipe.variation_weight <= Settings.VARIATION_RANGE[1]
        and Settings.SEED_RANGE[0] <= recipe.seed <= Settings.SEED_RANGE[1]
    )
    if not allowed:
        raise ValueError(f"no dial allows {recipe}")
    return recipe
