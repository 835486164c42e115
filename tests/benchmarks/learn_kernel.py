"""How well a kernel is learnt: `python -m tests.benchmarks.learn_kernel [--seeds 10]`.

Six hidden kernels on noise and on three photos, at the default settings; photos also without decorrelating.
For each picture: the condition number of its patches, the largest relative kernel error, and the longest run.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from PIL import Image

from core.kernels import PRESETS, convolve
from core.learn_kernel import LearnKernelSettings, learn_kernel
from core.samples import sample_path

HIDDEN = ("sobel_x", "laplacian", "emboss", "sharpen", "box_blur", "line_rising")
PHOTOS = ("cat", "dalmatian", "coffee")
SIDE = 512  # pixels


def grey(name: str) -> np.ndarray:
    """A sample as (H, W) in [0, 1]."""
    with Image.open(sample_path(name)) as opened:
        picture = opened.convert("L")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture, dtype=np.float32) / 255


def measure(title: str, source: np.ndarray, seeds: int, *, decorrelate: bool) -> None:
    """One line of the table."""
    errors, responses, seconds = [], [], []
    for name in HIDDEN:
        weights = PRESETS[name].weights
        response = convolve(source, weights, padding="valid")
        for seed in range(seeds):
            settings = LearnKernelSettings(decorrelate=decorrelate, seed=seed)
            started = time.perf_counter()
            last = learn_kernel(source, response, settings, hidden=weights)
            seconds.append(time.perf_counter() - started)
            errors.append(last.kernel_error)
            responses.append(last.response_error)
    how = "decorrelated" if decorrelate else "plain"
    print(
        f"{title:>9} {how:>12}: condition {last.condition:8.0f}, kernel error {np.median(errors):.2e} median,"
        f" {max(errors):.2e} largest, response error {max(responses):.2e}, {max(seconds):.2f} s longest"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    noise = np.random.default_rng(0).random((340, SIDE), dtype=np.float32)
    for decorrelate in (False, True):
        measure("noise", noise, seeds, decorrelate=decorrelate)
        for name in PHOTOS:
            measure(name, grey(name), seeds, decorrelate=decorrelate)


if __name__ == "__main__":
    main()
