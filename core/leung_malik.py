"""The Leung-Malik filter bank: 48 hand-made filters, and the orientation that they see at every pixel.

Source: Leung and Malik, "Representing and recognizing the visual appearance of materials using
three-dimensional textons", IJCV 43 (2001), section 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Kind = Literal["edge", "bar", "spot", "blur"]

ORIENTATIONS = 6
ELONGATION = 3  # how many times longer an edge or bar is than it is wide, as standard deviations
_SCALES = tuple(2 ** (power / 2) for power in (1, 2, 3, 4))


@dataclass(frozen=True, kw_only=True)
class BankFilter:
    """What one filter of the bank is.

    Attributes:
        kind: first derivative of a Gaussian, second derivative, Laplacian, or the Gaussian itself.
        sigma: standard deviation in pixels; of edges and bars the one across.
        angle: degrees from level, counter-clockwise, along which an edge or bar lies; None where round.
    """

    kind: Kind
    sigma: float
    angle: int | None = None


def _filters() -> tuple[BankFilter, ...]:
    angles = [180 * place // ORIENTATIONS for place in range(ORIENTATIONS)]
    kinds: tuple[Kind, ...] = ("edge", "bar")
    oriented = [
        BankFilter(kind=kind, sigma=sigma, angle=angle)
        for kind in kinds
        for sigma in _SCALES[:3]
        for angle in angles
    ]
    spots = [BankFilter(kind="spot", sigma=times * sigma) for times in (1, ELONGATION) for sigma in _SCALES]
    blurs = [BankFilter(kind="blur", sigma=sigma) for sigma in _SCALES]
    return (*oriented, *spots, *blurs)


BANK_FILTERS: tuple[BankFilter, ...] = _filters()


@dataclass(frozen=True, kw_only=True, eq=False)
class OrientationMap:
    """Which way the picture runs at every pixel.

    Attributes:
        angle: (H, W) int16, degrees from level, counter-clockwise, out of 0, 30, ... 150.
        energy: (H, W) float32, edge squared plus bar squared of the strongest orientation.
    """

    angle: NDArray[np.int16]
    energy: NDArray[np.float32]


def leung_malik_bank(size: int = 49) -> NDArray[np.float32]:
    """The 48 filters in the order of `BANK_FILTERS`.

    18 edges and 18 bars (3 scales of 6 orientations each: sigma across is sqrt(2) to the power 1, 2 and 3,
    along it is three times that), 8 Laplacians of Gaussians (sigma and 3 sigma, sigma being sqrt(2) to the
    power 1 to 4), and 4 Gaussians of those sigmas.

    Args:
        size: side of a filter in pixels, odd, from 3.

    Returns:
        (48, size, size) float32; the absolute values of each sum to 1, and all but the Gaussians sum to 0.

    Raises:
        ValueError: when the size is even or too small.
    """
    if size != int(size) or size < 3 or size % 2 == 0:
        raise ValueError(f"expected an odd size from 3; got {size}")
    half = size // 2
    below, right = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    bank = np.stack([_filter(each, right, -below) for each in BANK_FILTERS])
    return bank.astype(np.float32)


def _filter(
    wanted: BankFilter, right: NDArray[np.float64], above: NDArray[np.float64]
) -> NDArray[np.float64]:
    if wanted.angle is None:
        across, along, length = right, above, wanted.sigma
    else:
        cosine, sine = math.cos(math.radians(wanted.angle)), math.sin(math.radians(wanted.angle))
        along, across = right * cosine + above * sine, above * cosine - right * sine
        length = ELONGATION * wanted.sigma
    variance = wanted.sigma**2
    gaussian = np.exp(-(across**2) / (2 * variance) - along**2 / (2 * length**2))
    # Constant factors are left out: the sum of absolute values is made 1 in the end
    factor = {
        "edge": -across,
        "bar": across**2 - variance,
        "spot": across**2 + along**2 - 2 * variance,
        "blur": np.ones_like(across),
    }[wanted.kind]
    made = gaussian * factor
    if wanted.kind != "blur":
        made -= made.mean()
    unit: NDArray[np.float64] = made / np.abs(made).sum()
    return unit


@lru_cache(maxsize=1)
def _bank() -> NDArray[np.float32]:
    bank = leung_malik_bank()
    bank.setflags(write=False)
    return bank


def bank_response(image: ArrayLike, index: int) -> NDArray[np.float32]:
    """Slide one filter of the bank (49 pixels wide) over a picture, its border pixels repeated beyond it.

    Args:
        image: (H, W) grey, any real numbers.
        index: place in `BANK_FILTERS`.

    Returns:
        (H, W) float32.

    Raises:
        ValueError: naming what was expected and what came.
    """
    if not 0 <= index < len(BANK_FILTERS):
        raise ValueError(f"expected an index from 0 to {len(BANK_FILTERS) - 1}; got {index}")
    return _slide(_grey(image), _bank()[index])


def orientation_energy(image: ArrayLike) -> OrientationMap:
    """The locally strongest orientation by energy.

    The energy of an orientation is edge squared plus bar squared at the best of the three scales: an edge
    filter misses a line's middle and a bar filter misses an edge, and together they miss neither. Round
    filters have no orientation, and the Gaussians would win everywhere.

    Args:
        image: (H, W) grey, any real numbers.

    Raises:
        ValueError: naming what was expected and what came.
    """
    pixels = _grey(image)
    strongest = np.full(pixels.shape, -1, np.float32)
    angle = np.zeros(pixels.shape, np.int16)
    bars = sum(each.kind == "edge" for each in BANK_FILTERS)
    for place in range(bars):
        energy = _slide(pixels, _bank()[place]) ** 2 + _slide(pixels, _bank()[place + bars]) ** 2
        better = energy > strongest
        strongest[better] = energy[better]
        angle[better] = BANK_FILTERS[place].angle or 0
    return OrientationMap(angle=angle, energy=strongest)


def _grey(image: ArrayLike) -> NDArray[np.float32]:
    pixels = np.asarray(image, dtype=np.float32)
    if pixels.ndim != 2 or 0 in pixels.shape:
        raise ValueError(f"expected a grey image (H, W) with pixels; got shape {pixels.shape}")
    return pixels


def _slide(pixels: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    response = cv2.filter2D(pixels, cv2.CV_32F, weights, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(response, dtype=np.float32)
