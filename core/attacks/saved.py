"""An attack's PNG file with everything inside to run it again and to judge it: the settings and the photo."""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import ImageError
from core.images import Pixels

SETTINGS_KEY = "whiskers-adversarial"  # of the text chunks
CHANGE_KEY = "whiskers-change"
MOST_PIXELS = 4_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Saved:
    """What stands in a file."""

    settings: Mapping[str, Any]  # as they were written; nothing of it is checked
    before: Pixels  # (H, W, 3)
    after: Pixels


def write_png(before: Pixels, after: Pixels, settings: Mapping[str, Any]) -> bytes:
    """PNG bytes of `after`, with the settings and the change in text chunks; the pixels are untouched.

    Args:
        before, after: uint8 (H, W, 3) of one shape.
        settings: anything JSON can carry.
    """
    change = after.astype(np.int16) - before
    info = PngInfo()
    info.add_text(SETTINGS_KEY, json.dumps(dict(settings)))
    packed = zlib.compress(change.astype("<i2").tobytes(), 9)
    info.add_text(CHANGE_KEY, base64.b64encode(packed).decode("ascii"))
    file = io.BytesIO()
    Image.fromarray(after).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def read_png(source: str | Path | bytes | IO[bytes]) -> Saved:
    """What `write_png` put into a file.

    Raises:
        ImageError: when the file is no PNG from here.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            if picture.format != "PNG" or picture.width * picture.height > MOST_PIXELS:
                raise ValueError("no PNG from here")
            picture.load()
            told, packed = picture.info[SETTINGS_KEY], picture.info[CHANGE_KEY]
            after = np.array(picture.convert("RGB"))
        settings = json.loads(told)
        if not isinstance(settings, dict):
            raise ValueError("no settings")
        return Saved(settings=settings, before=_undone(after, packed), after=after)
    except (OSError, KeyError, ValueError, TypeError, SyntaxError, zlib.error) as error:
        raise ImageError("attack.no_settings") from error
    except Image.DecompressionBombError as error:
        raise ImageError("attack.no_settings") from error


def _undone(after: Pixels, packed: str) -> Pixels:
    size = after.size * 2
    unpacked = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), size + 1)
    if len(unpacked) != size:
        raise ValueError("a change of another size")
    before: npt.NDArray[np.int16] = after.astype(np.int16) - np.frombuffer(unpacked, "<i2").reshape(
        after.shape
    )
    if before.min(initial=0) < 0 or before.max(initial=0) > 255:
        raise ValueError("a change of another picture")
    return np.asarray(before, np.uint8)


def change_npz(before: Pixels, after: Pixels, settings: Mapping[str, Any]) -> bytes:
    """The change as .npz: `change` (H, W, 3) int16, in levels, `before`, `after`, and `settings` as JSON."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        change=after.astype(np.int16) - before,
        before=before,
        after=after,
        settings=np.array(json.dumps(dict(settings))),
    )
    return file.getvalue()
