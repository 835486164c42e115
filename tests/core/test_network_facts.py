"""The table of networks against what torchvision publishes, whether or not the weights are here."""

from __future__ import annotations

import pytest
import torchvision

from core.backbone import BACKBONES, load_backbone
from core.layer_table import layer_table
from core.network_facts import missing_bytes, network_facts, time_passes

PUBLISHED = {
    "vgg16": torchvision.models.VGG16_Weights.IMAGENET1K_V1,
    "vgg19": torchvision.models.VGG19_Weights.IMAGENET1K_V1,
    "resnet18": torchvision.models.ResNet18_Weights.IMAGENET1K_V1,
    "resnet50": torchvision.models.ResNet50_Weights.IMAGENET1K_V2,
    "mobilenet_v3_large": torchvision.models.MobileNet_V3_Large_Weights.IMAGENET1K_V2,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_equal_torchvisions_published_ones(name: str):
    facts, published = network_facts(name), PUBLISHED[name].meta
    assert facts.parameters == published["num_params"]
    assert facts.macs / 1e9 == pytest.approx(published["_ops"], abs=0.006)
    assert facts.top1 == published["_metrics"]["ImageNet-1K"]["acc@1"]


def test_depth_is_what_networks_are_named_for():
    depths = {name: network_facts(name).layers for name in ("vgg16", "vgg19", "resnet18", "resnet50")}
    assert depths == {"vgg16": 16, "vgg19": 19, "resnet18": 18, "resnet50": 50}


@pytest.mark.parametrize("name", ["vgg16_catdog", "efficientnet_lite0", "efficientnet_lite2"])
def test_an_outline_has_the_figures_of_the_network_itself(name: str):
    network = load_backbone(name, "cpu")
    facts, table = network_facts(name), layer_table(network)
    assert facts.parameters == sum(parameter.numel() for parameter in network.model.parameters())
    assert facts.macs == sum(layer.macs for layer in table)
    assert missing_bytes(name) == 0


def test_every_network_has_a_row_and_an_unknown_one_is_named():
    assert all(network_facts(name).title == info.title for name, info in BACKBONES.items())
    with pytest.raises(ValueError, match="no backbone 'alexnet'; there are vgg16"):
        network_facts("alexnet")


def test_the_first_pass_does_not_count():
    network = load_backbone("efficientnet_lite0", "cpu")
    times = list(time_passes(network, passes=2))
    assert len(times) == 2
    assert min(times) > 0
