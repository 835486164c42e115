"""Learning a kernel: gradient descent finds the numbers that turn a picture into its response.

The loss is the mean squared error over random patches, so one step is that of least mean squares (Widrow and
Hoff, "Adaptive switching circuits", 1960). Neighbouring pixels of a photo are so alike that its patches lie
almost on a line, and plain descent crawls in every other direction. Multiplying the gradient by the inverse
second moment of the patches makes all directions alike, which is Newton's method for this loss (LeCun et al.,
"Efficient BackProp", 1998, sections 4.3 and 5.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MEASURED_PATCHES = 16_384  # at most so many tell the errors and how alike neighbours are
START_SPREAD = 0.5  # standard deviation of the numbers at the start, over the kernel's side
GROWN = 1000.0  # times the loss at the start, or the response's own power: descent has diverged
UNSEEN = 1e-9  # of the largest eigenvalue: what patches never vary along cannot be learnt


@dataclass(frozen=True, kw_only=True)
class LearnKernelSettings:
    """How a kernel is learnt."""

    rate: float = 0.3  # of gradient descent on half the mean squared error
    steps: int = 300
    patches: int = 512  # drawn for each step
    noise: float = 0.0  # added to the response that is learnt from, as a share of its standard deviation
    decorrelate: bool = True  # multiply the gradient by the inverse second moment of the patches
    seed: int = 0  # of the numbers it starts from, the patches and the noise

    RATE_RANGE: ClassVar[tuple[float, float]] = (0.01, 2.5)  # of the page's sliders
    STEPS_RANGE: ClassVar[tuple[int, int]] = (50, 1000)
    PATCHES_RANGE: ClassVar[tuple[int, int]] = (32, 4096)
    NOISE_RANGE: ClassVar[tuple[float, float]] = (0.0, 1.0)
    SEED_RANGE: ClassVar[tuple[int, int]] = (0, 99)

    def __post_init__(self) -> None:
        if not (self.rate > 0 and self.steps >= 1 and self.patches >= 1 and self.noise >= 0):
            raise ValueError(f"expected rate > 0, steps >= 1, patches >= 1, noise >= 0; got {self}")


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnKernelStep:
    """Where descent stands.

    Attributes:
        step: steps done so far, from 0.
        steps: steps that were asked for.
        kernel: (k, k) float32.
        loss: mean squared error over this step's patches, noise included.
        kernel_error: length of kernel minus hidden kernel over length of the hidden kernel; None if unknown.
        response_error: the same of the responses, without noise.
        condition: largest over smallest eigenvalue of the second moment of what descent works on: the
            patches, or 1 after decorrelating.
        diverged: the loss grew out of bounds or is no longer a number; no step comes after this one.
    """

    step: int
    steps: int
    kernel: NDArray[np.float32]
    loss: float
    kernel_error: float | None
    response_error: float
    condition: float
    diverged: bool = False


def learn_kernel(
    source: ArrayLike,
    response: ArrayLike,
    settings: LearnKernelSettings | None = None,
    *,
    hidden: ArrayLike | None = None,
) -> LearnKernelStep:
    """The last step of `learn_kernel_steps`."""
    *_, last = learn_kernel_steps(source, response, settings, hidden=hidden)
    return last


def learn_kernel_steps(
    source: ArrayLike,
    response: ArrayLike,
    settings: LearnKernelSettings | None = None,
    *,
    hidden: ArrayLike | None = None,
) -> Iterator[LearnKernelStep]:
    """Descend from random numbers to the kernel that gives `response` from `source`.

    Args:
        source: (H, W), finite.
        response: (H - k + 1, W - k + 1) as `convolve(..., padding="valid")` gives it, which tells k.
        hidden: (k, k), only to measure the kernel's error.

    Yields:
        The start, and then one step after another; the last one may have diverged.

    Raises:
        ValueError: naming what was expected and what came.
    """
    settings = settings or LearnKernelSettings()
    pixels, target = np.asarray(source, np.float64), np.asarray(response, np.float64)
    size = _kernel_size(pixels, target)
    wanted = None if hidden is None else np.asarray(hidden, np.float64)
    if wanted is not None and wanted.shape != (size, size):
        raise ValueError(f"expected a hidden kernel ({size}, {size}); got shape {wanted.shape}")
    return _descend(sliding_window_view(pixels, (size, size)), target, settings, wanted)


def _descend(
    windows: Floats, target: Floats, settings: LearnKernelSettings, hidden: Floats | None
) -> Iterator[LearnKernelStep]:
    size = windows.shape[-1]
    random = np.random.default_rng(settings.seed)
    seen = target + settings.noise * target.std() * random.standard_normal(target.shape)
    measured, clean = _draw(windows, target, min(MEASURED_PATCHES, target.size), random)
    # Lengths of responses from a small triangle instead of all patches: |R v| = |[patches, responses] v|
    triangle: Floats = np.linalg.qr(np.column_stack([measured, clean])).R
    moment = triangle[:, :-1].T @ triangle[:, :-1] / len(measured)
    shaping = np.linalg.pinv(moment, rcond=UNSEEN, hermitian=True) if settings.decorrelate else None
    condition = 1.0 if settings.decorrelate else float(np.linalg.cond(moment))
    kernel = random.standard_normal(size * size) * START_SPREAD / size
    length = float(np.linalg.norm(clean))
    bound = None
    for step in range(settings.steps + 1):
        patches, answers = _draw(windows, seen, settings.patches, random)
        residual = patches @ kernel - answers
        loss = float(np.mean(residual**2))
        bound = bound or GROWN * max(loss, length**2 / len(clean))
        diverged = not loss <= bound
        yield LearnKernelStep(
            step=step,
            steps=settings.steps,
            kernel=kernel.reshape(size, size).astype(np.float32),
            loss=loss,
            kernel_error=None if hidden is None else _share(kernel - hidden.ravel(), np.linalg.norm(hidden)),
            response_error=_share(triangle @ np.append(kernel, -1.0), length),
            condition=condition,
            diverged=diverged,
        )
        if diverged:
            return
        gradient = patches.T @ residual / len(residual)
        kernel = kernel - settings.rate * (gradient if shaping is None else shaping @ gradient)


def _draw(windows: Floats, target: Floats, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Random patches (count, k * k) and their responses (count,)."""
    rows, columns = (random.integers(0, length, count) for length in target.shape)
    return windows[rows, columns].reshape(count, -1), target[rows, columns]


def _share(difference: Floats, length: float | np.floating[Any]) -> float:
    return float(np.linalg.norm(difference) / max(float(length), 1e-12))


def _kernel_size(pixels: Floats, target: Floats) -> int:
    if pixels.ndim != 2 or target.ndim != 2 or not target.size:
        raise ValueError(
            f"expected a source (H, W) and a response (H, W); got {pixels.shape} and {target.shape}"
        )
    height, width = (whole - part + 1 for whole, part in zip(pixels.shape, target.shape, strict=True))
    if height != width or height < 1 or height % 2 == 0:
        raise ValueError(
            "expected the response of an odd square kernel where it fits, (H - k + 1, W - k + 1);"
            f" got {target.shape} from {pixels.shape}"
        )
    if not (np.isfinite(pixels).all() and np.isfinite(target).all()):
        raise ValueError("expected finite numbers; got some that are not")
    return int(height)
