"""The networks: loaded once, never changed, and they know a dog when they see one."""

from __future__ import annotations

import threading

import pytest
import torch
import torchvision
from torch import nn

from core import architectures, backbone, weights
from core.architectures import imagenet_classes
from core.backbone import BACKBONES, Backbone, load_backbone
from core.errors import WeightsError
from core.images import open_image
from core.samples import sample_path

OFFLINE = ("vgg16", "vgg16_catdog", "efficientnet_lite0", "efficientnet_lite2")


def answer(name: str, sample: str) -> int:
    network = load_backbone(name, "cpu")
    with torch.no_grad():
        return int(network.logits(network.preprocess(open_image(sample_path(sample)))).argmax())


@pytest.mark.parametrize(("sample", "class_index"), [("mastiff", 243), ("dalmatian", 251)])
@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite2"])
def test_the_lites_name_foolbox_dogs(name: str, sample: str, class_index: int):
    assert answer(name, sample) == class_index


@pytest.mark.parametrize(("sample", "expected"), [("cat", "cat"), ("mastiff", "dog"), ("dalmatian", "dog")])
def test_vgg16_tells_cat_from_dog(sample: str, expected: str):
    assert load_backbone("vgg16_catdog", "cpu").classes[answer("vgg16_catdog", sample)] == expected


def test_class_names_stand_at_their_published_places():
    names = imagenet_classes()
    assert len(names) == len(set(names)) == 1000
    known = {
        0: "tench",
        243: "bull mastiff",
        251: "dalmatian",
        281: "tabby",
        284: "Siamese cat",
        340: "zebra",
    }
    assert {index: names[index].split(",")[0] for index in known} == known


@pytest.mark.parametrize("name", OFFLINE)
def test_asking_again_gives_the_same_object(name: str):
    found: list[Backbone] = []
    threads = [threading.Thread(target=lambda: found.append(load_backbone(name, "cpu"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1


@pytest.mark.parametrize("name", OFFLINE)
def test_shared_networks_are_frozen(name: str):
    model = load_backbone(name, "cpu").model
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_vgg16_is_headless_until_its_whole_checkpoint_is_there():
    network = load_backbone("vgg16", "cpu")
    if weights.is_present("vgg16"):
        assert network.has_head
        return
    assert not network.has_head
    with pytest.raises(WeightsError, match="cannot name what it sees"):
        network.logits(torch.zeros(1, 3, 224, 224))


def test_unknown_names_are_answered_with_the_known():
    with pytest.raises(ValueError, match="vgg16_catdog"):
        load_backbone("vgg17")


def test_networks_that_are_not_here_say_their_size(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "is_present", lambda name: False)
    with pytest.raises(WeightsError, match="47 MB"):
        load_backbone("resnet18")


@pytest.mark.parametrize("bad", [torch.zeros(1, 3, 224, 224) + 2, torch.zeros(3, 224, 224)])
def test_images_out_of_range_are_refused(bad: torch.Tensor):
    with pytest.raises(ValueError, match="expected floating-point images"):
        load_backbone("efficientnet_lite0", "cpu").logits(bad)


@pytest.mark.parametrize("name", OFFLINE)
def test_features_are_the_average_of_the_feature_layer(name: str):
    network = load_backbone(name, "cpu")
    image = network.preprocess(open_image(sample_path("cat")))
    with torch.no_grad():
        activation = image
        for layer_name, layer in network.model.named_children():
            activation = layer(activation)
            if layer_name == network.feature_layer:
                break
        torch.testing.assert_close(network.features(image), activation.mean((2, 3)), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["vgg16", "vgg19", "resnet18", "resnet50", "mobilenet_v3_large"])
def test_downloaded_networks_equal_torchvisions(name: str, monkeypatch: pytest.MonkeyPatch):
    """With the same random weights, our sequence of layers computes what torchvision's network computes."""
    torch.manual_seed(0)
    theirs = torchvision.models.get_model(name, weights=None).eval()
    monkeypatch.setattr(weights, "is_present", lambda checkpoint: checkpoint == name)
    monkeypatch.setattr(weights, "load", lambda checkpoint: theirs.state_dict())
    monkeypatch.setattr(backbone, "_LOADED", {})
    ours = load_backbone(name, "cpu")
    image = torch.rand(1, 3, 224, 224)
    info = BACKBONES[name]
    with torch.no_grad():
        normalised = (image - torch.tensor(info.mean).view(1, 3, 1, 1)) / torch.tensor(info.std).view(
            1, 3, 1, 1
        )
        torch.testing.assert_close(ours.logits(image), theirs(normalised), atol=1e-4, rtol=1e-3)


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        architectures._copy_in_order(nn.Linear(2, 3), {"weight": torch.zeros(2, 2), "bias": torch.zeros(2)})
