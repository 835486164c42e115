"""The layer table against published figures, and receptive fields against the gradient."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
import torchvision
from torch import nn

from core import architectures, backbone, weights
from core.architectures import VGG_BLOCKS, Normalise, vgg_features, vgg_head
from core.backbone import BACKBONES, Backbone, load_backbone
from core.layer_table import Layer, layer_table

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def vgg16() -> Backbone:
    return load_backbone("vgg16", "cpu")


def with_layers(network: Backbone, layers: OrderedDict[str, nn.Module]) -> Backbone:
    model = nn.Sequential(OrderedDict([("normalise", Normalise(ZERO, ONE)), *layers.items()])).eval()
    device = next(layers[next(iter(layers))].parameters()).device
    return replace(network, model=model, device=device)


def with_random_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> Backbone:
    """A network of torchvision's without its checkpoint."""
    state = torchvision.models.get_model(name, weights=None).state_dict()
    monkeypatch.setattr(weights, "load", lambda checkpoint: state)
    return backbone._load(name, torch.device("cpu"), (name,))


def totals(table: tuple[Layer, ...]) -> tuple[int, float]:
    return sum(layer.parameters for layer in table), sum(layer.macs for layer in table) / 1e9


def test_vgg16_convolutions_sum_to_the_known_figures(vgg16: Backbone):
    parameters, giga_macs = totals(layer_table(vgg16)[:31])
    assert parameters == 14_714_688
    assert giga_macs == pytest.approx(15.35, abs=0.005)


def test_whole_vgg16_equals_torchvisions_published_figures(vgg16: Backbone):
    published = torchvision.models.VGG16_Weights.IMAGENET1K_V1.meta
    with torch.device("meta"):
        layers = OrderedDict([*vgg_features(VGG_BLOCKS["vgg16"]).items(), *vgg_head().items()])
        whole = with_layers(vgg16, layers)
        whole.model.normalise = Normalise(ZERO, ONE)
    parameters, giga_macs = totals(layer_table(whole))
    assert parameters == published["num_params"] == 138_357_544
    assert giga_macs == pytest.approx(published["_ops"], abs=0.005) == pytest.approx(15.47, abs=0.005)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("resnet18", torchvision.models.ResNet18_Weights.IMAGENET1K_V1),
        ("resnet50", torchvision.models.ResNet50_Weights.IMAGENET1K_V2),
        ("mobilenet_v3_large", torchvision.models.MobileNet_V3_Large_Weights.IMAGENET1K_V2),
    ],
)
def test_other_networks_equal_torchvisions_published_figures(name, published, monkeypatch):
    table = layer_table(with_random_weights(name, monkeypatch))
    parameters, giga_macs = totals(table)
    assert parameters == published.meta["num_params"]
    assert giga_macs == pytest.approx(published.meta["_ops"], abs=0.001)
    assert any(layer.squeeze_excitation for layer in table) == (name == "mobilenet_v3_large")


def test_vgg16_rows_are_those_of_the_paper(vgg16: Backbone):
    table = {layer.name: layer for layer in layer_table(vgg16)}
    assert table["conv3_1"] == Layer(
        name="conv3_1",
        kind="convolution",
        shape=(256, 56, 56),
        parameters=128 * 256 * 9 + 256,
        macs=128 * 256 * 9 * 56 * 56,
        receptive_field=24,
        stride=4,
        start=1.5,
        squeeze_excitation=False,
    )
    assert (table["pool5"].kind, table["pool5"].shape) == ("pooling", (512, 7, 7))
    assert (table["pool5"].receptive_field, table["pool5"].stride) == (212, 32)


@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite2"])
def test_lites_have_every_layer_and_parameter(name: str):
    network = load_backbone(name, "cpu")
    table = layer_table(network)
    assert tuple(layer.name for layer in table) == network.layers
    assert totals(table)[0] == sum(parameter.numel() for parameter in network.model.parameters())
    assert table[0].shape[1] == BACKBONES[name].input_size // 2
    assert table[-1].shape == (1000,)


def test_the_network_is_left_as_it_was():
    network = load_backbone("efficientnet_lite0", "cpu")
    before = {name: id(value) for name, value in network.model.named_parameters()}
    layer_table(network)
    assert before == {name: id(value) for name, value in network.model.named_parameters()}
    assert not any(module._forward_hooks for module in network.model.modules())


def seen_by_gradient(
    model: nn.Module, names: set[str], *, images: int, size: int = 224
) -> dict[str, tuple[int, ...]]:
    """First and last row and column of the input on which each layer's middle unit depends.

    Random images and channels together, so that a maximum taken elsewhere in one does not hide a pixel.
    """
    batch = torch.rand(images, 3, size, size, dtype=torch.float64, requires_grad=True)
    activation, seen = batch, {}
    for name, layer in model.named_children():
        if len(seen) == len(names):
            break
        activation = layer(activation)
        if name in names:
            middle = activation.shape[2] // 2
            answers = activation[:, :, middle, middle]
            (gradient,) = torch.autograd.grad(answers.sum(), batch, retain_graph=True)
            rows, columns = gradient.abs().sum((0, 1)).nonzero(as_tuple=True)
            seen[name] = tuple(int(edge) for edge in (rows.min(), rows.max(), columns.min(), columns.max()))
    return seen


def by_table(layer: Layer, size: int) -> tuple[int, ...]:
    centre = layer.start + layer.shape[1] // 2 * layer.stride
    first = max(0, round(centre - (layer.receptive_field - 1) / 2))
    last = min(size - 1, round(centre + (layer.receptive_field - 1) / 2))
    return first, last, first, last


def test_receptive_field_equals_the_region_of_gradient_for_every_vgg16_layer(vgg16: Backbone, monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(architectures, "VGG_CHANNELS", (8, 8, 8, 8, 8))
    narrow = with_layers(vgg16, vgg_features(VGG_BLOCKS["vgg16"]))
    for name in narrow.layers:
        if name.startswith("relu"):  # a dead unit would hide what lies behind it
            setattr(narrow.model, name, nn.LeakyReLU(0.1))
    table = {layer.name: layer for layer in layer_table(narrow)}
    asked = {name for name in table if not name.startswith("relu")}
    seen = seen_by_gradient(narrow.model.double(), asked, images=8)
    assert len(seen) == 18
    assert seen == {name: by_table(table[name], 224) for name in seen}


def test_receptive_field_follows_the_main_path_through_residual_blocks(monkeypatch):
    torch.manual_seed(0)
    network = with_random_weights("resnet18", monkeypatch)
    table = {layer.name: layer for layer in layer_table(network)}
    asked = {"conv1", "maxpool", "layer1_2", "layer2_1"}
    seen = seen_by_gradient(network.model.double(), asked, images=2)
    assert seen == {name: by_table(table[name], 224) for name in asked}
