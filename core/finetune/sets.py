"""The sets of pictures that come with the app: no network is needed for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from core.finetune.dataset import ImageFolder
from core.finetune.digit_pictures import digit_pictures
from core.finetune.shapes import shape_pictures
from core.finetune.textures import texture_tiles

# By name: each writes its pictures into an empty folder and scans it
SETS: Mapping[str, Callable[[Path], ImageFolder]] = {
    "textures": texture_tiles,
    "digits": digit_pictures,
    "shapes": shape_pictures,
}
