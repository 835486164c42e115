"""Image kernels: the presets, and convolution in plain numpy.

The browser draws the live picture itself (`demos/web/kernel/`); this is the reference that it must equal.
As in every deep-learning library, "convolution" is cross-correlation unless `flip` is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import UserError
from core.leung_malik import leung_malik_bank

__all__ = ["PADDINGS", "PRESETS", "BorderError", "Kernel", "Padding", "convolve", "leung_malik_bank"]

Padding = Literal["zero", "replicate", "reflect", "circular", "valid"]
PADDINGS: tuple[Padding, ...] = get_args(Padding)

_PAD_MODES = {"zero": "constant", "replicate": "edge", "reflect": "reflect", "circular": "wrap"}


class BorderError(UserError, ValueError):
    """An image too small for the kernel's reach with the chosen border."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kernel:
    """A named kernel.

    Attributes:
        title: key in `assets/texts/*/kernels.yaml` of what it is called.
        shows: key in the same file of what one sees with it.
        weights: (k, k) float32 with k odd, read-only; what is multiplied with the pixels.
        divisor: what the `cells` on a user's screen are divided by to give the weights.
    """

    title: str
    shows: str
    weights: NDArray[np.float32]
    divisor: float = 1.0

    @property
    def cells(self) -> list[list[float]]:
        """The weights times the divisor, as round numbers: [[1, 2, 1], ...] of a Gaussian blur by 16."""
        cells: list[list[float]] = np.round(self.weights.astype(float) * self.divisor, 4).tolist()
        return cells


def _preset(name: str, cells: ArrayLike, divisor: float = 1.0) -> Kernel:
    weights = np.asarray(cells, dtype=np.float32) / np.float32(divisor)
    weights.setflags(write=False)
    return Kernel(
        title=f"presets.{name}.title", shows=f"presets.{name}.shows", weights=weights, divisor=divisor
    )


def _presets() -> dict[str, Kernel]:
    binomial = np.outer((1, 4, 6, 4, 1), (1, 4, 6, 4, 1))
    unsharp = -binomial
    unsharp[2, 2] += 2 * 256
    sobel_x = np.outer((1, 2, 1), (-1, 0, 1))
    prewitt_x = np.outer((1, 1, 1), (-1, 0, 1))
    scharr_x = np.outer((3, 10, 3), (-1, 0, 1))
    diagonal = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
    line = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
    line_rising = 3 * np.fliplr(np.eye(3)) - 1
    cells: dict[str, tuple[ArrayLike, float]] = {
        "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
        "box_blur": (np.ones((3, 3)), 9),
        "gaussian_blur": (binomial, 256),
        "motion_blur": (np.eye(7), 7),
        "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        "unsharp": (unsharp, 256),
        "emboss": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1),
        "outline": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1),
        "laplacian": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
        "sobel_x": (sobel_x, 1),
        "sobel_y": (sobel_x.T, 1),
        "prewitt_x": (prewitt_x, 1),
        "prewitt_y": (prewitt_x.T, 1),
        "scharr_x": (scharr_x, 4),
        "scharr_y": (scharr_x.T, 4),
        "diagonal_rising": (np.fliplr(diagonal), 1),
        "diagonal_falling": (diagonal, 1),
        "line_horizontal": (line, 1),
        "line_vertical": (line.T, 1),
        "line_rising": (line_rising, 1),
        "line_falling": (np.fliplr(line_rising), 1),
    }
    return {name: _preset(name, *numbers) for name, numbers in cells.items()}


PRESETS: Mapping[str, Kernel] = MappingProxyType(_presets())


def convolve(
    image: ArrayLike,
    weights: ArrayLike,
    *,
    padding: Padding = "zero",
    stride: int = 1,
    dilation: int = 1,
    flip: bool = False,
) -> NDArray[np.float32]:
    """Slide a kernel over an image: every response is the sum of weights times the pixels beneath them.

    Args:
        image: (H, W), or (H, W, C) whose channels are filtered one by one; any real numbers.
        weights: (k, k) with k odd.
        padding: what lies beyond the border: zeros, the border pixel, the mirror image without repeating the
            border pixel, or the opposite side. "valid" keeps to places where the whole kernel fits.
        stride: pixels from one response to the next.
        dilation: pixels from one weight to the next.
        flip: turn the kernel by 180 degrees first, which is convolution in the mathematical sense.

    Returns:
        float32 responses in the image's layout, (n - 1) // stride + 1 along a side of n pixels; with "valid",
        (n - reach - 1) // stride + 1, where reach is dilation * (k - 1).

    Raises:
        BorderError: the kernel reaches further than the image; a `ValueError` with a sentence for users.
        ValueError: on any other bad input, naming what was expected and what came.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 2.
    """
    pixels, kernel = _checked_image(image), _checked_weights(weights)
    _check_steps(padding, stride, dilation)
    if flip:
        kernel = kernel[::-1, ::-1]
    reach = dilation * (len(kernel) - 1)
    padded = _padded(pixels, padding, reach)
    height, width = (size - reach for size in padded.shape[:2])
    response = np.zeros((-(-height // stride), -(-width // stride), *pixels.shape[2:]), np.float32)
    for (row, column), weight in np.ndenumerate(kernel):
        top, left = row * dilation, column * dilation
        response += weight * padded[top : top + height : stride, left : left + width : stride]
    return response


def _padded(pixels: NDArray[np.float32], padding: Padding, reach: int) -> NDArray[np.float32]:
    border = reach // 2
    shortest = min(pixels.shape[:2])
    needed = {"valid": reach + 1, "reflect": border + 1, "circular": border}.get(padding, 1)
    if shortest < needed:
        raise BorderError(f"kernel.{padding}", needed=needed, shortest=shortest)
    if padding == "valid" or not border:
        return pixels
    around: list[tuple[int, int]] = [(border, border), (border, border), (0, 0)]
    mode: Any = _PAD_MODES[padding]
    return np.pad(pixels, around[: pixels.ndim], mode=mode)


def _checked_image(image: ArrayLike) -> NDArray[np.float32]:
    pixels = np.asarray(image, dtype=np.float32)
    if pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(f"expected an image (H, W) or (H, W, C) with pixels; got shape {pixels.shape}")
    return pixels


def _checked_weights(weights: ArrayLike) -> NDArray[np.float32]:
    kernel = np.asarray(weights, dtype=np.float32)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or kernel.shape[0] % 2 == 0:
        raise ValueError(f"expected weights (k, k) with k odd; got shape {kernel.shape}")
    return kernel


def _check_steps(padding: str, stride: int, dilation: int) -> None:
    if padding not in PADDINGS:
        raise ValueError(f"expected padding out of {', '.join(PADDINGS)}; got {padding!r}")
    for name, value in (("stride", stride), ("dilation", dilation)):
        if value != int(value) or value < 1:
            raise ValueError(f"expected {name} to be a whole number from 1; got {value}")
