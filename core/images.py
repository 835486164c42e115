"""The only border between files, uint8 (H, W, C) pictures and float32 (N, C, H, W) tensors."""

from __future__ import annotations

import base64
import binascii
import io
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import ImageError

Pixels = npt.NDArray[np.uint8]

MAX_PIXELS = 80_000_000  # a 12,000 x 6,600 picture; Pillow itself warns from 89 million
WHITE = (255, 255, 255)
CACHED_VALUES = 100_000  # float32: of `row_blocks`


def open_image(source: str | os.PathLike[str] | bytes | IO[bytes], *, name: str | None = None) -> Image.Image:
    """Decode any picture a person may bring into upright 8-bit RGB.

    EXIF rotation is applied, transparency is laid on white, 16-bit and float pictures are scaled to
    8 bits, CMYK and palettes are converted, and of an animation the first frame is taken.

    Args:
        source: a path, the bytes of a file, or an open binary file.
        name: what to call the picture in an error; by default the name of the file.

    Raises:
        ImageError: when it is no picture, is broken, or has more than `MAX_PIXELS` pixels.
    """
    name = name or _name_of(source)
    _register_heif()
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(name, image.width * image.height)
            return _as_rgb(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name, 2 * (Image.MAX_IMAGE_PIXELS or MAX_PIXELS)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise ImageError("image.not_an_image", name=name) from error


def _too_large(name: str, pixels: int) -> ImageError:
    return ImageError("image.too_large", name=name, megapixels=pixels / 1e6, limit=MAX_PIXELS / 1e6)


def _name_of(source: object) -> str:
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return Path(path).name if isinstance(path, str | os.PathLike) else "?"


def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _eight_bit(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (*WHITE, 255))
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale by the smallest usual full scale (1, 255 or 65535) that holds every value."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    integer = image.mode != "F"
    full_scale = next((scale for scale in ((65535,) if integer else (1, 255, 65535)) if top <= scale), top)
    return Image.fromarray(np.clip(values * (255.0 / full_scale), 0, 255).round().astype(np.uint8))


def to_tensor(picture: Image.Image | Pixels) -> torch.Tensor:
    """A picture as a float32 tensor (1, 3, H, W) in [0, 1].

    Raises:
        ValueError: when an array is not uint8 of shape (H, W, 3).
    """
    pixels = np.asarray(picture.convert("RGB")) if isinstance(picture, Image.Image) else picture
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"expected uint8 pixels of shape (H, W, 3), got {pixels.dtype} {pixels.shape}")
    tensor = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).unsqueeze(0)
    return tensor.to(torch.float32).div_(255).contiguous()


def to_uint8(images: torch.Tensor) -> Pixels:
    """Images (N, 3, H, W) in [0, 1], rounded to uint8 pixels (N, H, W, 3).

    Raises:
        ValueError: as `require_images`.
    """
    require_images(images)
    levels = images.detach().to("cpu", torch.float32).mul(255).round_().to(torch.uint8)
    return levels.permute(0, 2, 3, 1).contiguous().numpy()


def require_images(images: torch.Tensor) -> None:
    """Check that images are floating point (N, 3, H, W) within [0, 1].

    Raises:
        ValueError: naming what was expected and what came.
    """
    expected = "expected floating-point images (N, 3, H, W) in [0, 1]"
    if not images.is_floating_point() or images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"{expected}, got {images.dtype} {tuple(images.shape)}")
    if images.numel():
        low, high = images.detach().aminmax()
        if not (low.item() >= 0.0 and high.item() <= 1.0):
            raise ValueError(f"{expected}, got values from {low.item():.4g} to {high.item():.4g}")


def centre_square(image: Image.Image, size: int, share: float, resample: Image.Resampling) -> Image.Image:
    """The middle of a picture, as networks are evaluated: `share` of the shorter side, resized to `size`.

    Cropping before resizing gives the same view as resizing before cropping, at any aspect ratio.
    """
    side = min(image.size) * share
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return image.resize((size, size), resample, box=(left, top, left + side, top + side))


def sheet(maps: torch.Tensor) -> tuple[Pixels, int]:
    """All channels of a layer as one grey picture, each scaled from its own minimum to its own maximum.

    Tiles are `tile_pitch` pixels apart, the border repeated in between, so that no JPEG block lies across
    two channels.

    Args:
        maps: feature maps (C, H, W), any range.

    Returns:
        uint8 pixels (rows * pitch, columns * pitch), channel 0 at the top left, and the number of columns.
        Unused places at the end are black.
    """
    channels, height, width = maps.shape
    columns = math.ceil(math.sqrt(channels))
    rows = math.ceil(channels / columns)
    down, across = tile_pitch(height), tile_pitch(width)
    tiles = np.zeros((rows * columns, down, across), dtype=np.uint8)
    flat = channel_rows(maps)
    for part in row_blocks(flat):
        low = flat[part].min(1, keepdims=True)
        grey = flat[part] - low
        grey *= 255 / np.maximum(grey.max(1, keepdims=True), 1e-12)
        tiles[part, :height, :width] = np.rint(grey, out=grey).reshape(-1, height, width)
    tiles[:, height:, :width] = tiles[:, height - 1 : height, :width]
    tiles[:, :, width:] = tiles[:, :, width - 1 : width]
    grid = tiles.reshape(rows, columns, down, across).swapaxes(1, 2)
    return np.ascontiguousarray(grid.reshape(rows * down, columns * across)), columns


def channel_rows(maps: torch.Tensor) -> npt.NDArray[np.float32]:
    """Feature maps (C, H, W) as one row for each channel, (C, H * W) in float32, contiguous.

    Networks keep the channels of a place side by side; OpenCV turns that round fastest.
    """
    maps = maps.detach().to("cpu", torch.float32)
    if maps.is_contiguous():
        return maps.flatten(1).numpy()
    places = maps.permute(1, 2, 0).reshape(-1, maps.shape[0]).numpy()
    return np.asarray(cv2.transpose(places), dtype=np.float32).reshape(maps.shape[0], -1)


def row_blocks(flat: npt.NDArray[np.float32]) -> Iterator[slice]:
    """The rows in blocks that stay in the processor's cache while they are worked on.

    With NumPy, not PyTorch: its threads wait for one another at every step, which a busy machine makes long.
    """
    at_once = max(1, CACHED_VALUES // flat.shape[1])
    for first in range(0, len(flat), at_once):
        yield slice(first, min(first + at_once, len(flat)))


def tile_pitch(size: int) -> int:
    """Pixels between neighbouring tiles of a sheet: whole JPEG blocks of 8."""
    return math.ceil(size / 8) * 8


def jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """JPEG bytes of uint8 pixels: grey (H, W) or RGB (H, W, 3)."""
    return _encode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def png(pixels: Pixels) -> bytes:
    """PNG bytes (lossless) of uint8 pixels: grey (H, W) or RGB (H, W, 3)."""
    return _encode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])


def _encode(extension: str, pixels: Pixels, options: list[int]) -> bytes:
    channels_last = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, encoded = cv2.imencode(extension, channels_last, options)
    if not done:
        raise ValueError(f"pixels of shape {pixels.shape} cannot be encoded as {extension}")
    return encoded.tobytes()


def from_data_uri(uri: str) -> bytes:
    """The bytes in a data URI that a page sent.

    Raises:
        ImageError: when they are not in base64.
    """
    try:
        return base64.b64decode(uri.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise ImageError("image.missing") from error


def data_uri(encoded: bytes) -> str:
    """Encoded JPEG or PNG bytes as a data URI that a page can show."""
    kind = "png" if encoded.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(encoded).decode('ascii')}"
