"""Two photos compared: closed forms, and that position and content part on the way."""

from __future__ import annotations

import pytest
import torch

from core.backbone import load_backbone
from core.compare import SHIFT, changed, difference_steps, relative_distance
from core.images import open_image
from core.samples import sample_path

LAYERS = ["conv2_2", "conv3_1", "pool5"]


def test_relative_distance_in_closed_form():
    a, b = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])
    assert relative_distance(torch.stack([a, a])) == 0
    assert relative_distance(torch.stack([a, b])) == pytest.approx(1)
    assert relative_distance(torch.stack([a, 2 * a])) == pytest.approx(1 / 5**0.5)
    assert relative_distance(torch.stack([a, 0 * a])) == pytest.approx(1)
    assert relative_distance(torch.zeros(2, 3)) == 0
    assert relative_distance(torch.stack([a, b])) == relative_distance(7 * torch.stack([a, b]))


def test_a_moved_photo_is_near_in_late_layers_and_another_one_is_far():
    network = load_backbone("vgg16", "cpu")
    cat, dog = (network.preprocess(open_image(sample_path(name))) for name in ("cat", "mastiff"))
    same = list(difference_steps(network, cat, cat, LAYERS))
    assert [each.layer for each in same] == LAYERS
    assert all(each.by_place == each.by_channel == 0 for each in same)
    early, _, late = difference_steps(network, cat, changed(cat, "moved"), LAYERS)
    assert early.by_place > 0.7
    assert late.by_place < 0.5
    assert max(early.by_channel, late.by_channel) < 0.15
    other = dict(
        zip(LAYERS, (each.by_channel for each in difference_steps(network, cat, dog, LAYERS)), strict=True)
    )
    assert other["conv3_1"] < 0.4 < 0.8 < other["pool5"]


def test_wrong_images_and_layers_are_refused():
    network = load_backbone("vgg16", "cpu")
    image = torch.rand(1, 3, 32, 32)
    with pytest.raises(ValueError, match="has no layer fc9"):
        list(difference_steps(network, image, image, ["fc9"]))
    with pytest.raises(ValueError, match="expected floating-point images"):
        list(difference_steps(network, image, 255 * image + 2, ["pool1"]))


def test_changes_are_undone_by_their_opposite():
    image = torch.rand(1, 3, 40, 40)
    assert torch.equal(changed(image, "moved").roll(-SHIFT, 3), image)
    assert torch.equal(changed(changed(image, "mirrored"), "mirrored"), image)
    with pytest.raises(ValueError, match="expected one of"):
        changed(image, "turned")
