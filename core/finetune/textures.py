"""Photos that need no network: bricks, grass and gravel, cut into tiles and split by place."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from core.errors import ImageError
from core.finetune.dataset import ImageFolder, scan_folder

TEXTURES = ("brick", "grass", "gravel")  # scikit-image's skimage/data/*.png, 512 x 512 pixels, grey
TILES = 5  # a side
HELD_OUT_COLUMNS = 2  # at the right: no held-out tile shares a pixel with one that is learnt from


def texture_tiles(into: Path) -> ImageFolder:
    """Cut the textures into `into/train/<name>/` and `into/test/<name>/`, and scan that folder.

    Raises:
        ImageError: when scikit-image is not installed.
    """
    for name in TEXTURES:
        with Image.open(_texture(name)) as picture:
            side = picture.width // TILES
            for row in range(TILES):
                for column in range(TILES):
                    part = "test" if column >= TILES - HELD_OUT_COLUMNS else "train"
                    folder = into / part / name
                    folder.mkdir(parents=True, exist_ok=True)
                    tile = picture.crop((column * side, row * side, (column + 1) * side, (row + 1) * side))
                    tile.save(folder / f"{name}_{row}_{column}.png")
    return scan_folder(into)


def _texture(name: str) -> Path:
    spec = find_spec("skimage")
    for place in spec.submodule_search_locations or () if spec else ():
        path = Path(place, "data", f"{name}.png")
        if path.is_file():
            return path
    raise ImageError("image.no_sample", name=f"{name}.png", package="scikit-image")
