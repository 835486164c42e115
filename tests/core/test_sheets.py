"""Sheets: each channel in its place, small enough to send, with figures that are right."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from core.activations import capture, capture_steps
from core.backbone import load_backbone
from core.images import open_image, sheet, tile_pitch
from core.samples import sample_path
from core.sheets import MOST_BYTES, Sheet, make_sheet, statistics


def tile(made: Sheet, channel: int) -> np.ndarray:
    pixels = np.asarray(Image.open(io.BytesIO(made.encoded)))
    row, column = divmod(channel, made.columns)
    top, left = row * made.pitch, column * made.pitch
    return pixels[top : top + made.size, left : left + made.size].astype(float)


def in_grey(maps: torch.Tensor, channel: int) -> np.ndarray:
    values = maps[channel].numpy()
    return (values - values.min()) / (values.max() - values.min()) * 255


def test_sheets_of_a_photo_show_every_channel_in_its_place():
    network = load_backbone("vgg16", "cpu")
    images = network.preprocess(open_image(sample_path("cat")))
    names = ["conv1_1", "pool3", "conv5_1", "pool5"]
    steps = capture_steps(network, images, names, exact=False)
    made = {name: make_sheet(name, activation[0]) for name, activation in steps}
    exact = capture(network, images, names)
    assert list(made) == names
    for name, each in made.items():
        maps = exact[name][0]
        assert len(each.encoded) <= MOST_BYTES
        assert each.size == maps.shape[1]
        for channel in (0, 7, len(maps) - 1):
            if maps[channel].max() > maps[channel].min():
                # Of bf16 on the screen and JPEG, only a few grey levels may be seen
                assert np.abs(tile(each, channel) - in_grey(maps, channel)).mean() < 6, (name, channel)


@pytest.mark.parametrize("size", [7, 14])
def test_small_maps_come_without_loss(size: int):
    maps = torch.randn(10, size, size)
    made = make_sheet("any", maps)
    for channel in range(10):
        np.testing.assert_allclose(tile(made, channel), in_grey(maps, channel), atol=0.51)


def test_noise_stays_within_the_limit():
    assert len(make_sheet("noise", torch.rand(64, 224, 224)).encoded) <= MOST_BYTES


def test_tiles_begin_at_whole_jpeg_blocks_and_repeat_their_border():
    maps = torch.arange(2 * 3 * 5, dtype=torch.float32).reshape(2, 3, 5)
    pixels, columns = sheet(maps)
    assert (tile_pitch(3), tile_pitch(8), tile_pitch(9)) == (8, 8, 16)
    assert (pixels.shape, columns) == ((8, 16), 2)
    assert (pixels[2, 4], pixels[7, 7], pixels[0, 8]) == (255, 255, 0)


def test_a_channel_without_variation_is_black():
    pixels, _ = sheet(torch.full((1, 8, 8), 3.0))
    assert pixels.max() == 0


def test_statistics_are_those_of_numpy():
    maps = torch.randn(3, 6, 6).double()
    figures = statistics(maps)
    flat = maps.numpy().reshape(3, -1)
    expected = {
        "min": flat.min(1),
        "max": flat.max(1),
        "mean": flat.mean(1),
        "variance": flat.var(1),
        "mean_relu": flat.clip(0).mean(1),
        "variance_relu": flat.clip(0).var(1),
        "zeros": (flat <= 0).mean(1),
    }
    assert set(figures) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(figures[name], values, rtol=1e-3, atol=1e-6)
