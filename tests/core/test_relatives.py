from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.backbone import load_backbone
from core.kernels import PRESETS, convolve
from core.relatives import first_filters, nearest_relatives


def test_filters_meet_plain_pixels_as_the_network_meets_normalised_ones():
    backbone, filters = load_backbone("vgg16", "cpu"), first_filters()
    assert filters.shape == (64, 3, 3, 3)
    assert not filters.flags.writeable
    image = torch.rand(1, 3, 9, 11, generator=torch.Generator().manual_seed(0))
    flat = torch.full_like(image, 0.5)
    layer, normalise = backbone.model.conv1_1, backbone.model.normalise
    expected = functional.conv2d(normalise(image) - normalise(flat), layer.weight)
    pixels = (image - flat)[0].permute(1, 2, 0).numpy()
    for index in (0, 17, 63):
        own = sum(
            convolve(pixels[:, :, colour], filters[index, colour], padding="valid") for colour in range(3)
        )
        np.testing.assert_allclose(own, expected[0, index].numpy(), atol=1e-4)


def test_a_planted_copy_is_found_first_and_its_negative_only_whatever_the_sign():
    filters = np.random.default_rng(0).normal(size=(12, 3, 3, 3)).astype(np.float32)
    kernel = PRESETS["emboss"].weights
    filters[4], filters[7] = 3 * kernel, -0.1 * kernel
    first, second = nearest_relatives(kernel, filters, count=2)
    assert first.index == 4
    assert first.cosine == pytest.approx(1)
    assert second.index != 7
    both = nearest_relatives(kernel, filters, count=2, whatever_sign=True)
    assert {each.index for each in both} == {4, 7}
    assert sorted(each.cosine for each in both) == pytest.approx([-1, 1])


def test_cosines_equal_torch_and_fall():
    filters, kernel = first_filters(), np.random.default_rng(1).normal(size=(3, 3))
    found = nearest_relatives(kernel, filters, count=64)
    stacked = torch.from_numpy(np.stack([kernel] * 3)).flatten()
    expected = functional.cosine_similarity(
        torch.from_numpy(filters.copy()).double().flatten(1), stacked, dim=1
    )
    assert [each.cosine for each in found] == pytest.approx(expected.sort(descending=True).values.tolist())


def test_vgg_learnt_edges_like_sobels():
    assert nearest_relatives(PRESETS["sobel_x"].weights, first_filters())[0].cosine > 0.9


@pytest.mark.parametrize("weights", [np.zeros((3, 3)), np.ones((5, 5))])
def test_what_has_no_relatives_is_refused(weights):
    with pytest.raises(ValueError, match=r"\(3, 3\), not all zero"):
        nearest_relatives(weights, first_filters())
