"""What happens to pictures on their way through the world: really, and with a gradient to attack through."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

from core.images import open_image, to_tensor, to_uint8

Treat = Callable[[Image.Image], Image.Image]
Smooth = Callable[[Tensor], Tensor]

JPEG_QUALITIES = (95, 80, 65, 50)
BLUR_PIXELS = 1.0  # standard deviation
SMALLER = 0.75  # of each side, then large again
PRINT_GAIN = (0.88, 0.84, 0.76)  # of red, green, blue: paper is darker than a screen, ink is warm
PRINT_BLACK = (0.07, 0.06, 0.06)  # ink is not quite black


def jpeg_file(picture: Image.Image, quality: int) -> Image.Image:
    """Saved as JPEG and opened again."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return open_image(file.getvalue(), name="adversarial.jpg")


def blurred(picture: Image.Image) -> Image.Image:
    """A Gaussian blur of one pixel."""
    return picture.filter(ImageFilter.GaussianBlur(BLUR_PIXELS))


def resized(picture: Image.Image, share: float = SMALLER) -> Image.Image:
    """Made smaller and large again."""
    smaller = picture.resize(
        (max(1, round(picture.width * share)), max(1, round(picture.height * share))),
        Image.Resampling.BICUBIC,
    )
    return smaller.resize(picture.size, Image.Resampling.BICUBIC)


def shifted(picture: Image.Image) -> Image.Image:
    """Moved by one pixel to the left, black coming in."""
    return picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))


def printed(picture: Image.Image) -> Image.Image:
    """Colours as on paper: warmer, darker, with less contrast."""
    levels = np.arange(256)[:, None] * PRINT_GAIN + 255 * np.array(PRINT_BLACK)
    return picture.point(np.rint(levels.clip(0, 255)).astype(int).T.ravel().tolist())


def fewer_levels(picture: Image.Image, bits: int = 4) -> Image.Image:
    """Colours rounded to 2 ** bits levels (feature squeezing, Xu et al. 2018, arXiv:1704.01155)."""
    steps = 2**bits - 1
    rounded = np.rint(np.rint(np.arange(256) / 255 * steps) * 255 / steps).astype(int)
    return picture.point(rounded.tolist() * 3)


def kept(picture: Image.Image) -> Image.Image:
    """As it is."""
    return picture


TREATMENTS: dict[str, Treat] = {
    "png": kept,
    **{f"jpeg_{quality}": partial(jpeg_file, quality=quality) for quality in JPEG_QUALITIES},
    "blur": blurred,
    "resize": resized,
    "shift": shifted,
    "print": printed,
}


def smooth_kept(images: Tensor) -> Tensor:
    """Rounding changes little, so its gradient is taken for that of nothing at all."""
    return images


def smooth_blurred(images: Tensor) -> Tensor:
    """A Gaussian blur, with gradient."""
    reach = 3
    places = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    bell = torch.exp(-(places**2) / (2 * BLUR_PIXELS**2))
    bell = (bell / bell.sum()).expand(3, 1, 1, -1)
    across = conv2d(pad(images, (reach, reach, 0, 0), mode="replicate"), bell, groups=3)
    return conv2d(pad(across, (0, 0, reach, reach), mode="replicate"), bell.transpose(2, 3), groups=3)


def smooth_resized(images: Tensor, share: float = SMALLER) -> Tensor:
    """Made smaller and large again, with gradient."""
    height, width = images.shape[2:]
    size = [max(1, round(height * share)), max(1, round(width * share))]
    smaller = interpolate(images, size=size, mode="bicubic", antialias=True)
    return interpolate(smaller, size=[height, width], mode="bicubic", antialias=True)


def smooth_shifted(images: Tensor) -> Tensor:
    """Moved by one pixel to the left, black coming in, with gradient."""
    return pad(images[:, :, :, 1:], (0, 1))


def smooth_printed(images: Tensor) -> Tensor:
    """Colours as on paper, with gradient."""
    gain = torch.tensor(PRINT_GAIN, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
    black = torch.tensor(PRINT_BLACK, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
    return images * gain + black


SMOOTH: dict[str, Smooth] = {
    "blur": smooth_blurred,
    "resize": smooth_resized,
    "shift": smooth_shifted,
    "print": smooth_printed,
}


def straight_through(images: Tensor, treat: Treat, smooth: Smooth) -> Tensor:
    """Forward as it really is, backward as if it were `smooth`: BPDA (Athalye et al. 2018, arXiv:1802.00420).

    Args:
        images: (N, 3, H, W) in [0, 1].
        treat: what is done to each image as an 8-bit picture; keeps its size.
        smooth: about the same, with a gradient.
    """
    pictures = [treat(Image.fromarray(pixels)) for pixels in to_uint8(images)]
    real = torch.cat([to_tensor(picture) for picture in pictures]).to(images)
    near = smooth(images)
    return (near + (real - near).detach()).clamp(0.0, 1.0)
