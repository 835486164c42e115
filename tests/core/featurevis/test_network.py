"""The condensed network is the same function, and the distance from photos is that of its formula."""

from __future__ import annotations

from collections import OrderedDict
from types import SimpleNamespace

import pytest
import torch
from timm.models._efficientnet_blocks import InvertedResidual as LiteBlock
from torch import nn
from torchvision.models.mobilenetv3 import InvertedResidual as MobileBlock
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.resnet import BasicBlock, Bottleneck

from core.activations import capture
from core.architectures import resnet_layers
from core.backbone import BACKBONES, load_backbone
from core.errors import WeightsError
from core.featurevis.network import EPSILON, WatchedNetwork
from core.featurevis.objectives import LOGITS

IMAGES = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(0))


class Network(SimpleNamespace):
    """Just enough of a Backbone, with an identity of its own."""

    __hash__ = object.__hash__


def network(*layers: tuple[str, nn.Module]) -> Network:
    model = nn.Sequential(OrderedDict(layers)).eval().requires_grad_(False)
    names = tuple(name for name, _ in layers)
    return Network(name="tried", model=model, layers=names, has_head=True, info=BACKBONES["vgg16"])


def normalising(mean: torch.Tensor, variance: torch.Tensor) -> Network:
    layer = nn.BatchNorm2d(3)
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(variance)
    return network(("bn", layer))


def distances(backbone) -> torch.Tensor:
    return WatchedNetwork(backbone, statistics=True)(IMAGES)[1]


def test_the_distance_is_nothing_for_images_with_the_statistics_the_layer_knows():
    first = IMAGES[:1]
    known = normalising(first.mean((0, 2, 3)), first.var((0, 2, 3), correction=0))
    own, other = distances(known).tolist()
    assert own == pytest.approx(0, abs=1e-6)
    assert other > 1e-3


def test_the_distance_of_each_image_is_that_of_the_formula():
    mean, variance = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.04, 1.0, 0.25])
    deviation = (variance + EPSILON).sqrt()
    shift = (IMAGES.mean((2, 3)) - mean) / deviation
    spread = (IMAGES.var((2, 3), correction=0) + EPSILON).sqrt() / deviation - 1
    told = distances(normalising(mean, variance))
    torch.testing.assert_close(told, (shift**2 + spread**2).mean(1))


def test_a_resnet_without_its_normalisations_gives_the_same_answers():
    generator = torch.Generator().manual_seed(2)
    layers = resnet_layers("resnet18")
    for layer in nn.Sequential(layers).modules():
        if isinstance(layer, nn.BatchNorm2d):
            for buffer in (layer.running_mean, layer.running_var, layer.weight):
                buffer.data.uniform_(0.5, 1.5, generator=generator)
    resnet = network(*layers.items())
    images = torch.rand(1, 3, 64, 64, generator=generator)
    watched = WatchedNetwork(resnet)
    torch.testing.assert_close(watched(images)[0][LOGITS], resnet.model(images), rtol=1e-3, atol=1e-3)
    count = [
        sum(isinstance(each, nn.BatchNorm2d) for each in model.modules())
        for model in (resnet.model, nn.Sequential(OrderedDict(watched.steps)))
    ]
    assert count == [20, 9]


@pytest.mark.parametrize("layer", ["conv_stem", "bn1", "block3_1"])
def test_every_layer_answers_as_in_the_shared_network_which_is_left_alone(layer):
    lite0 = load_backbone("efficientnet_lite0", "cpu")
    images = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    before = {name: value.clone() for name, value in lite0.model.state_dict().items()}
    watched = WatchedNetwork(lite0, [layer, LOGITS], statistics=True)
    outputs, distance = watched(images)
    torch.testing.assert_close(outputs[layer], capture(lite0, images, [layer])[layer], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(outputs[LOGITS], lite0.logits(images), rtol=1e-3, atol=1e-3)
    assert distance.shape == (1,)
    assert distance[0] > 0
    assert all(torch.equal(value, before[name]) for name, value in lite0.model.state_dict().items())
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in lite0.model.modules())


def test_what_a_network_lacks_is_named():
    lite0 = load_backbone("efficientnet_lite0", "cpu")
    with pytest.raises(ValueError, match="no layer nowhere"):
        WatchedNetwork(lite0, ["nowhere"])
    headless = network(("relu", nn.ReLU()))
    headless.has_head = False
    with pytest.raises(WeightsError):
        WatchedNetwork(headless)


def block_networks() -> list[tuple[str, nn.Module, int]]:
    """Small models of each kind of block that adds to what came in, and their channels."""
    torch.manual_seed(2)
    mobile = InvertedResidualConfig(8, 3, 16, 8, False, "RE", 1, 1, 1.0)
    return [
        ("EfficientNet", LiteBlock(8, 8), 8),
        ("MobileNet", MobileBlock(mobile, nn.BatchNorm2d), 8),
        ("ResNet-18", BasicBlock(8, 8), 8),
        ("ResNet-50", Bottleneck(8, 2), 8),
    ]


@pytest.mark.parametrize(
    ("block", "channels"),
    [(block, n) for _, block, n in block_networks()],
    ids=[n for n, *_ in block_networks()],
)
def test_a_branch_share_scales_the_gradient_through_a_block_and_not_its_output(block, channels):
    torch.manual_seed(0)
    watched = WatchedNetwork(network(("widen", nn.Conv2d(3, channels, 1)), ("block", block)))

    def told(*shares: float) -> tuple[torch.Tensor, torch.Tensor]:
        images = IMAGES.clone().requires_grad_()
        outputs, _ = watched(images, shares or None)
        (gradient,) = torch.autograd.grad(outputs[LOGITS].square().sum(), images)
        return outputs[LOGITS].detach(), gradient

    (whole, whole_gradient), (mixed, mixed_gradient) = told(), told(1.0, 0.25)
    torch.testing.assert_close(mixed, whole)
    torch.testing.assert_close(mixed_gradient[0], whole_gradient[0])
    # linear in the share: a quarter of the way from the skip alone to the true gradient
    (_, past), (_, half) = told(1.0, 1e-9), told(1.0, 0.5)
    torch.testing.assert_close(mixed_gradient[1], past[1] + 0.25 * (whole_gradient[1] - past[1]))
    torch.testing.assert_close(half[1], past[1] + 0.5 * (whole_gradient[1] - past[1]))
    assert (past[1] - whole_gradient[1]).abs().max() > 1e-4
