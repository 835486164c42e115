"""Pictures one after another as a file: GIF, which every program shows, and MP4, which is smaller."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from core.images import Pixels

FPS = 12.0  # of both, unless told
FPS_RANGE = (1.0, 50.0)  # players show a GIF that asks for more than 50 as if it asked for 10
HOLD_SECONDS = 1.5  # for which the last picture stays
BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))  # ordered dithering, 4 by 4
DITHER = 12.0  # levels of 255 between its lowest and its highest place
SETTLED = 100  # sampled pixels that may still go to another colour when the palette is done
MP4_QUALITY = "18"  # x264's constant rate factor: about as good as the eye sees

Target = str | Path | IO[bytes]


def write_gif(images: Iterable[Pixels], target: Target, fps: float = FPS, *, loop: bool = True) -> None:
    """Write pictures as a GIF of 256 colours, one palette for all, so that what is still does not flicker.

    Args:
        images: uint8 pixels (H, W, 3), all of one size, at least one; also from (N, H, W, 3).
        target: a path, or an open binary file.
        fps: pictures in a second, from 1 to 50; rounded to hundredths of a second for each.
        loop: begin again at the end, after the last picture stood for a while.

    Raises:
        ValueError: when there is no picture, one is of another size, or fps is out of range.
    """
    shown = list(_checked(images, fps))
    palette = _common_palette(shown)
    frames = [_dithered(each, palette) for each in shown]
    each = round(100 / fps) * 10
    last = max(each, round(1000 * HOLD_SECONDS)) if loop and len(frames) > 1 else each
    # Pillow joins pictures that are alike and adds their times
    options = {"loop": 0} if loop else {}
    frames[0].save(
        target,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[each] * (len(frames) - 1) + [last],
        optimize=False,
        **options,
    )


def write_mp4(images: Iterable[Pixels], target: Target, fps: float = FPS) -> None:
    """Write pictures as an MP4 (H.264, 4:2:0) that every browser and phone plays; the last one stays a while.

    Sides of an odd number of pixels get one more row or column, a copy of the last, as H.264 asks.

    Args:
        images: as `write_gif`.
        target: a path, or an open binary file that can be sought.
        fps: pictures in a second, from 1 to 50.

    Raises:
        ValueError: as `write_gif`.
    """
    import av

    checked = _checked(images, fps)
    first = next(checked)
    height, width = (side + side % 2 for side in first.shape[:2])
    file = str(target) if isinstance(target, Path) else target
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": MP4_QUALITY, "preset": "veryfast"}
        for pixels in _held(chain([first], checked), round(fps * HOLD_SECONDS)):
            even = np.pad(pixels, ((0, height - len(pixels)), (0, width - pixels.shape[1]), (0, 0)), "edge")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(stream.encode())


def gif_bytes(images: Iterable[Pixels], fps: float = FPS) -> bytes:
    """The bytes of `write_gif`."""
    file = io.BytesIO()
    write_gif(images, file, fps)
    return file.getvalue()


def mp4_bytes(images: Iterable[Pixels], fps: float = FPS) -> bytes:
    """The bytes of `write_mp4`."""
    file = io.BytesIO()
    write_mp4(images, file, fps)
    return file.getvalue()


def _checked(images: Iterable[Pixels], fps: float) -> Iterator[Pixels]:
    """The pictures one by one, each looked at before it is given."""
    if not FPS_RANGE[0] <= fps <= FPS_RANGE[1]:
        raise ValueError(f"expected fps from {FPS_RANGE[0]:g} to {FPS_RANGE[1]:g}, got {fps}")
    pictures = iter(images)
    first = next(pictures, None)
    if first is None:
        raise ValueError("expected at least one picture, got none")
    return _alike(chain([first], pictures), first.shape)


def _alike(images: Iterable[Pixels], shape: tuple[int, ...]) -> Iterator[Pixels]:
    if len(shape) != 3 or shape[2] != 3:
        raise ValueError(f"expected uint8 pixels of shape (H, W, 3), got {shape}")
    for pixels in images:
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(f"expected uint8 pixels of shape {shape}, got {pixels.dtype} {pixels.shape}")
        yield np.ascontiguousarray(pixels)


def _held(images: Iterable[Pixels], times: int) -> Iterator[Pixels]:
    """The pictures, the last one again so many times."""
    for last in images:
        yield last
    for _ in range(times):
        yield last


def _common_palette(shown: Sequence[Pixels]) -> Image.Image:
    """256 colours for all pictures, chosen from a few of them, the last among them.

    The median cut alone gives most colours to what there is much of, and vivid ones turn grey; k-means moves
    them to the middle of what they stand for (MacQueen 1967).
    """
    chosen = np.unique(np.linspace(0, len(shown) - 1, 6).round().astype(int))
    small = [Image.fromarray(shown[place]).resize((96, 96), Image.Resampling.BOX) for place in chosen]
    strip = np.concatenate([np.asarray(each) for each in small], axis=1)
    return Image.fromarray(strip).quantize(256, Image.Quantize.MEDIANCUT, kmeans=SETTLED)


def _dithered(pixels: Pixels, palette: Image.Image) -> Image.Image:
    """The nearest colours of a palette after a fixed pattern was added.

    Error diffusion looks better on one picture, but a change anywhere would make all below it shimmer.
    """
    pattern = (np.array(BAYER) / 16 - 15 / 32) * DITHER
    down, across = (-(-side // 4) for side in pixels.shape[:2])
    tiled = np.tile(pattern, (down, across))[: pixels.shape[0], : pixels.shape[1], None]
    moved = np.clip(pixels + tiled, 0, 255).round().astype(np.uint8)
    return Image.fromarray(moved).quantize(palette=palette, dither=Image.Dither.NONE)
