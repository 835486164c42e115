"""Capturing layers: equal to running them by hand, and nothing stays on the shared network."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor

from core import backbone, weights
from core.activations import capture, capture_steps, run_rest, silence
from core.backbone import Backbone, load_backbone
from core.images import open_image
from core.samples import sample_path

OFFLINE = ("vgg16", "vgg16_catdog", "efficientnet_lite0", "efficientnet_lite2")


def network_named(name: str) -> Backbone:
    return load_backbone(name, "cpu")


def photo(network: Backbone, side: int) -> Tensor:
    return network.preprocess(open_image(sample_path("cat")))[:, :, :side, :side]


def is_untouched(network: Backbone) -> bool:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    hooks = any(getattr(module, kind) for module in network.model.modules() for kind in kinds)
    changed = any(
        parameter.requires_grad or parameter.grad is not None for parameter in network.model.parameters()
    )
    return not hooks and not changed and not any(module.training for module in network.model.modules())


@pytest.mark.parametrize("name", OFFLINE)
def test_capture_equals_running_the_layers_by_hand(name: str):
    network = network_named(name)
    images = photo(network, 96)
    captured = capture(network, images, network.layers)
    assert tuple(captured) == network.layers
    activation = images.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        for layer, module in network.model.named_children():
            activation = module(activation.clone())
            if layer != "normalise":
                assert torch.equal(captured[layer], activation), layer
    assert is_untouched(network)


def test_a_layer_that_writes_in_place_does_not_reach_what_was_captured(monkeypatch):
    state = torchvision.models.get_model("resnet18", weights=None).state_dict()
    monkeypatch.setattr(weights, "load", lambda checkpoint: state)
    network = backbone._load("resnet18", torch.device("cpu"), ("resnet18",))
    captured = capture(network, photo(network, 64), ["bn1", "relu"])
    assert captured["bn1"].min() < 0
    assert torch.equal(captured["relu"], captured["bn1"].clamp_min(0))


def test_layers_after_the_last_asked_are_not_run(monkeypatch):
    network = load_backbone("vgg16", "cpu")
    monkeypatch.setattr(network.model.conv2_1, "forward", lambda images: pytest.fail("conv2_1 was run"))
    assert set(capture(network, photo(network, 32), ["pool1"])) == {"pool1"}
    assert capture(network, photo(network, 32), []) == {}


def test_an_unknown_layer_is_named_with_those_that_exist():
    network = load_backbone("vgg16", "cpu")
    with pytest.raises(ValueError, match=r"vgg16 has no layer conv9_9; there are conv1_1, relu1_1"):
        capture(network, photo(network, 32), ["conv1_1", "conv9_9"])
    assert is_untouched(network)


def test_images_of_another_form_are_refused():
    network = load_backbone("vgg16", "cpu")
    with pytest.raises(ValueError, match=r"expected floating-point images"):
        capture(network, torch.zeros(3, 32, 32), ["conv1_1"])
    with pytest.raises(ValueError, match=r"got values from"):
        capture(network, torch.full((1, 3, 32, 32), 255.0), ["conv1_1"])


def test_nothing_stays_open_between_steps_or_after_an_error(monkeypatch):
    network = load_backbone("vgg16", "cpu")
    steps = capture_steps(network, photo(network, 32), ["conv1_1", "pool2"], exact=False)
    next(steps)
    assert torch.is_grad_enabled()
    assert not torch.is_autocast_enabled("cpu")
    steps.close()
    assert is_untouched(network)

    def fail(images: Tensor) -> Tensor:
        raise RuntimeError("a layer failed")

    with monkeypatch.context() as patched:
        patched.setattr(network.model.pool1, "forward", fail)
        with pytest.raises(RuntimeError, match="a layer failed"):
            capture(network, photo(network, 32), ["pool2"])
    assert torch.is_grad_enabled()
    assert is_untouched(network)


@pytest.mark.parametrize("layer", ["conv_stem", "block3_2", "bn2", "global_pool"])
def test_the_rest_of_the_network_gives_the_networks_answer(layer: str):
    network = load_backbone("efficientnet_lite0", "cpu")
    images = photo(network, 224)
    captured = capture(network, images, [layer])[layer]
    kept = captured.clone()
    torch.testing.assert_close(run_rest(network, captured, layer), network.logits(images))
    assert torch.equal(captured, kept)


def test_silencing_every_channel_equals_zeroing_the_layer():
    network = load_backbone("efficientnet_lite0", "cpu")
    captured = capture(network, photo(network, 64), ["block2_1"])["block2_1"]
    silenced = silence(captured, range(captured.shape[1]))
    assert torch.equal(silenced, torch.zeros_like(captured))
    assert torch.equal(
        run_rest(network, silenced, "block2_1"), run_rest(network, torch.zeros_like(captured), "block2_1")
    )


def test_silencing_some_channels_leaves_the_others():
    activation = torch.randn(2, 5, 3, 3)
    silenced = silence(activation, [1, 4, 4])
    assert torch.equal(silenced[:, [1, 4]], torch.zeros(2, 2, 3, 3))
    assert torch.equal(silenced[:, [0, 2, 3]], activation[:, [0, 2, 3]])
    assert torch.equal(silence(activation, []), activation)
    for channel in (-1, 5):
        with pytest.raises(ValueError, match="expected channels from 0 to 4"):
            silence(activation, [channel])
