"""Times of the Feature maps tab on this machine: `python -m tests.benchmarks.feature_maps`.

A photo's way to its opened sheet is put against the bare float32 forward pass of the same run; ends with 1
when a limit is passed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from core.activations import capture, capture_steps
from core.backbone import Backbone, load_backbone
from core.channel_image import channel_image, settings_for
from core.images import open_image
from core.layer_table import layer_table
from core.samples import available_samples, sample_path
from core.sheets import Sheet, make_sheet
from demos._maps_views import openable, sheet_view

FIRST_LAYER = "conv3_1"  # that the tab opens with
MOST_FORWARDS = 1.4  # photo to opened sheet, in bare forward passes
MOST_ENCODING_MS = 60.0
MOST_BYTES = 700_000
MOST_WISH_SECONDS = 8.0


def milliseconds(function: Callable[[], Any], runs: int) -> float:
    """The median time of a call, after one that does not count."""
    function()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def report(what: str, value: float, limit: float, unit: str) -> bool:
    """Print a line; whether the limit holds."""
    holds = value <= limit
    print(f"{what:<52}{value:>12,.1f} {unit:<12}at most {limit:>9,.1f}  {'ok' if holds else 'TOO MUCH'}")
    return holds


def bare_forward(network: Backbone, images: torch.Tensor) -> None:
    """Every convolution and pooling layer in float32, nothing else."""
    with torch.no_grad():
        activation = images.contiguous(memory_format=torch.channels_last)
        for name, layer in network.model.named_children():
            activation = layer(activation)
            if name == network.feature_layer:
                return


def photo_to_sheet(network: Backbone, layers: list[str], opened: str, sample: str = "cat") -> Sheet | None:
    """From a file on the disk to the opened layer's sheet, ready to be sent; the other sheets come later."""
    images = network.preprocess(open_image(sample_path(sample)))
    for layer, activation in capture_steps(network, images, layers, exact=False):
        if layer == opened:
            made = make_sheet(layer, activation[0])
            sheet_view(made)
            return made
    return None


def sizes(network: Backbone, layers: list[str], sample: str) -> list[int]:
    """Bytes of every sheet of a sample."""
    images = network.preprocess(open_image(sample_path(sample)))
    steps = capture_steps(network, images, layers, exact=False)
    return [len(make_sheet(layer, activation[0]).encoded) for layer, activation in steps]


def one_wish(network: Backbone, layer: str) -> torch.Tensor:
    """The picture that the page draws of a channel, start to end."""
    row = next(each for each in layer_table(network) if each.name == layer)
    return channel_image(network, layer, 0, settings_for(row))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    network = load_backbone("vgg16")
    layers = openable(network)
    images = network.preprocess(open_image(sample_path("cat")))
    forward = milliseconds(partial(bare_forward, network, images), runs)
    print(f"bare float32 forward pass: {forward:.0f} ms, {torch.get_num_threads()} threads")
    ok = []
    for opened in (FIRST_LAYER, layers[-1]):
        share = milliseconds(partial(photo_to_sheet, network, layers, opened), runs) / forward
        ok.append(report(f"photo to the sheet of {opened}", share, MOST_FORWARDS, "forwards"))
    maps = {layer: output[0] for layer, output in capture(network, images, layers).items()}
    times = [milliseconds(partial(make_sheet, layer, maps[layer]), runs) for layer in layers]
    ok.append(report("slowest sheet, encoded", max(times), MOST_ENCODING_MS, "ms"))
    found = [sizes(network, layers, name) for name in available_samples("photo")]
    ok.append(report("largest sheet of all samples", max(map(max, found)), MOST_BYTES, "bytes"))
    for layer in (FIRST_LAYER, "conv5_3"):
        wish = milliseconds(partial(one_wish, network, layer), 1) / 1000
        ok.append(report(f"what a channel of {layer} wants", wish, MOST_WISH_SECONDS, "seconds"))
    print(f"all {len(layers)} sheets of a photo: {max(map(sum, found)) / 1e6:.1f} MB at most")
    return 0 if all(ok) else 1


if __name__ == "__main__":
    raise SystemExit(main())
