"""The way from noise to the picture as a film to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from core.errors import UserError
from core.film import FPS_RANGE, write_gif, write_mp4
from core.images import Pixels
from demos._handlers import explained, session_of
from demos._sessions import SESSIONS
from demos.ideal_image_work import work_of

NAME = "whiskers-ideal-image"
FILM_SECONDS = 4.0  # that a film lasts, about
LEAST_SIDE = 320  # pixels, of a film
GAP = 6  # pixels between the rungs' pictures


@explained
def gif_file(request: gr.Request) -> Any:
    """All kept frames as a GIF."""
    path, images, fps = _film(session_of(request), "gif")
    write_gif(images, path, fps)
    return gr.update(value=str(path), visible=True)


@explained
def mp4_file(request: gr.Request) -> Any:
    """All kept frames as an MP4."""
    path, images, fps = _film(session_of(request), "mp4")
    write_mp4(images, path, fps)
    return gr.update(value=str(path), visible=True)


def _film(session: str, extension: str) -> tuple[Path, list[Pixels], float]:
    """Where to write, the pictures in their order, and how many in a second."""
    work = work_of(session)
    if work is None or not work.film.kept:
        raise UserError("ideal_image.nothing_drawn")
    frames = [enlarged(side_by_side(kept)) for _, kept in sorted(work.film.kept.items())]
    fps = min(FPS_RANGE[1], max(4.0, len(frames) / FILM_SECONDS))
    return Path(SESSIONS.folder(session), f"{NAME}.{extension}"), frames, fps


def enlarged(pixels: Pixels) -> Pixels:
    """A small picture a whole number of times as large, so that a film of it can be seen."""
    times = -(-LEAST_SIDE // min(pixels.shape[:2]))
    if times == 1:
        return pixels
    height, width = pixels.shape[:2]
    larger = Image.fromarray(pixels).resize((times * width, times * height), Image.Resampling.BICUBIC)
    return np.asarray(larger)


def side_by_side(pictures: list[Pixels]) -> Pixels:
    """Pictures of one size as one: a single one as it is, four in two rows."""
    if len(pictures) == 1:
        return pictures[0]
    rows = [np.hstack(_with_gaps(pictures[first : first + 2], 1)) for first in range(0, len(pictures), 2)]
    sheet: Pixels = np.vstack(_with_gaps(rows, 0))
    return sheet


def _with_gaps(pictures: list[Pixels], axis: int) -> list[Pixels]:
    shape = list(pictures[0].shape)
    shape[axis] = GAP
    gap = np.full(shape, 255, np.uint8)
    return [part for picture in pictures for part in (gap, picture)][1:]
