"""The photo picker: samples as thumbnails, one's own photo, the camera; and what was chosen, as a picture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder
from PIL import Image

from core.errors import ImageError
from core.images import centre_square, data_uri, jpeg, open_image
from core.limits import require_writable
from core.samples import available_samples, sample_path
from demos._shared import Context
from demos.web import component

THUMBNAIL_SIDE = 112  # pixels: twice what it takes on the page


def photo_picker(context: Context, chosen: str, *, elem_id: str) -> gr.HTML:
    """The picker; its `chosen` event carries what `chosen_photo` opens.

    Args:
        chosen: the sample that the tab opens with.
    """
    common = context.section("common")
    return component(
        "photos",
        texts={**common.tree("picker"), "names": common.tree("photos")},
        names=available_samples("photo"),
        chosen=chosen,
        server_functions=[thumbnails],
        elem_id=elem_id,
    )


def chosen_photo(event: gr.EventData) -> tuple[Image.Image, str | None]:
    """The photo that was chosen and, if it is a sample, its name; raises as `open_photo`."""
    return open_photo(event._data)


def open_photo(data: Any) -> tuple[Image.Image, str | None]:
    """The photo of a `chosen` event's data, {sample} or {file, name}; and, if it is a sample, its name.

    Raises:
        ImageError: when the file is no picture, or the page names a file that was not uploaded.
    """
    sample, data = sample_of(data), data if isinstance(data, dict) else {}
    if sample is not None:
        return open_image(sample_path(sample)), sample
    return open_image(_uploaded(str(data.get("file", ""))), name=str(data.get("name", "?"))), None


def sample_of(data: Any) -> str | None:
    """The name of the sample in a `chosen` event's data; None for a photo of one's own."""
    name = data.get("sample") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name in available_samples() else None


def _uploaded(path: str) -> Path:
    """A file that the page says it uploaded: nothing outside the folder of uploads is ever read."""
    require_writable()
    file, folder = Path(path).resolve(), Path(get_upload_folder()).resolve()
    if not path or not file.is_relative_to(folder) or not file.is_file():
        raise ImageError("image.missing")
    return file


def thumbnails(_: object = None) -> dict[str, str]:
    """A small square picture of every sample photo on this machine, as data URIs by name."""
    return {name: _thumbnail(name) for name in available_samples("photo")}


@lru_cache(maxsize=64)
def _thumbnail(name: str) -> str:
    square = centre_square(
        open_image(sample_path(name)), THUMBNAIL_SIDE, share=1.0, resample=Image.Resampling.BICUBIC
    )
    return data_uri(jpeg(np.asarray(square), quality=80))
