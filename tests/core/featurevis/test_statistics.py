"""The distance from the statistics of photos, against its formula on networks of one layer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from core.backbone import load_backbone
from core.featurevis.statistics import EPSILON, PhotoStatistics

IMAGES = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(0))


def network(mean: torch.Tensor, variance: torch.Tensor) -> SimpleNamespace:
    layer = nn.BatchNorm2d(3)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(variance)
    return SimpleNamespace(model=nn.Sequential(layer).eval())


def test_the_distance_is_nothing_for_images_with_the_statistics_the_layer_knows():
    known = network(IMAGES.mean((0, 2, 3)), IMAGES.var((0, 2, 3), correction=0))
    assert float(PhotoStatistics(known)(IMAGES)[1]) == pytest.approx(0, abs=1e-9)


def test_the_distance_is_that_of_the_formula():
    mean, variance = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.04, 1.0, 0.25])
    deviation = (variance + EPSILON).sqrt()
    shift = (IMAGES.mean((0, 2, 3)) - mean) / deviation
    spread = (IMAGES.var((0, 2, 3), correction=0) + EPSILON).sqrt() / deviation - 1
    told = PhotoStatistics(network(mean, variance))(IMAGES)[1]
    torch.testing.assert_close(told, (shift**2 + spread**2).mean())


def test_it_sees_the_logits_of_the_shared_network_shares_its_weights_and_leaves_it_alone():
    lite0 = load_backbone("efficientnet_lite0", "cpu")
    images = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    watched = PhotoStatistics(lite0)
    torch.testing.assert_close(watched(images)[0], lite0.logits(images))
    assert watched(images)[1] > 0
    assert all(a is b for a, b in zip(watched.model.parameters(), lite0.model.parameters(), strict=True))
    assert not any(layer._forward_pre_hooks for layer in lite0.model.modules())
    assert not watched.distances
