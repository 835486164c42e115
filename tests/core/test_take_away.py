"""Files to take away read back as what went in."""

from __future__ import annotations

import csv
import io

import numpy as np
import torch
from PIL import Image

from core.activations import capture
from core.backbone import load_backbone
from core.images import open_image, sheet
from core.layer_table import layer_table
from core.samples import sample_path
from core.take_away import layer_csv, save_activations, sheet_png


def test_activations_read_back_by_name_without_loss(tmp_path):
    network = load_backbone("vgg16", "cpu")
    images = network.preprocess(open_image(sample_path("cat")))[:, :, :64, :64]
    found = capture(network, images, ["conv1_2", "pool3"])
    save_activations(tmp_path / "some.npz", found)
    with np.load(tmp_path / "some.npz") as read:
        assert set(read) == {"conv1_2", "pool3"}
        for name, values in read.items():
            assert values.dtype == np.float32
            np.testing.assert_array_equal(values, found[name][0].numpy())


def test_the_table_of_layers_has_a_row_for_each_with_its_figures():
    network = load_backbone("vgg16", "cpu")
    table = layer_table(network)
    rows = list(csv.DictReader(io.StringIO(layer_csv(table))))
    assert [row["name"] for row in rows] == list(network.layers)
    assert sum(int(row["parameters"]) for row in rows) == sum(layer.parameters for layer in table)
    first = rows[0]
    assert (first["channels"], first["height"], first["width"]) == ("64", "224", "224")
    assert (first["multiply_adds"], first["receptive_field_pixels"]) == ("86704128", "3")


def test_flat_layers_have_no_height():
    table = layer_table(load_backbone("efficientnet_lite0", "cpu"))
    last = list(csv.DictReader(io.StringIO(layer_csv(table))))[-1]
    assert (last["channels"], last["height"], last["width"]) == ("1000", "", "")


def test_the_sheet_comes_without_loss():
    maps = torch.randn(5, 20, 20)
    read = np.asarray(Image.open(io.BytesIO(sheet_png(maps))))
    np.testing.assert_array_equal(read, sheet(maps)[0])
