"""What a network says and why: against softmax by hand, zeroing by hand, and the grad-cam package."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor

from core.activations import capture, run_rest
from core.answers import answers, grad_cam, logits_without, one_pass
from core.backbone import Backbone, load_backbone
from core.errors import WeightsError
from core.images import open_image
from core.samples import sample_path
from core.variants import variant


@pytest.fixture(scope="module")
def lite() -> Backbone:
    return load_backbone("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def dog(lite: Backbone) -> Tensor:
    return lite.preprocess(open_image(sample_path("dalmatian")))


def test_answers_are_the_softmax_in_order(lite, dog):
    found = answers(lite, dog)
    assert (found[0].index, len(found)) == (251, 1000)
    assert found[0].name.startswith("dalmatian")
    assert sum(each.probability for each in found) == pytest.approx(1, abs=1e-4)
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)


@pytest.mark.parametrize(("name", "layer"), [("efficientnet_lite0", "block2_1"), ("vgg16_catdog", "pool5")])
def test_one_pass_gives_the_layer_and_the_answer(name: str, layer: str):
    network = load_backbone(name, "cpu")
    images = network.preprocess(open_image(sample_path("cat")))
    maps, found = one_pass(network, images, layer)
    exact = capture(network, images, [layer])[layer]
    assert float((maps - exact).norm() / exact.norm()) < 0.02  # bf16 where the processor has it
    right = answers(network, images)
    assert found[0].index == right[0].index
    assert found[0].probability == pytest.approx(right[0].probability, abs=0.02)
    with pytest.raises(ValueError, match="comes after"):
        one_pass(network, images, network.layers[-1])


def test_switching_off_equals_zeroing_by_hand_in_two_layers(lite, dog):
    off = {"block5_1": [2, 3], "block2_1": range(5)}
    early = capture(lite, dog, ["block2_1"])["block2_1"]
    early[:, :5] = 0
    late = run_rest(lite, early, "block2_1", until="block5_1")
    late[:, [2, 3]] = 0
    expected = run_rest(lite, late, "block5_1")
    torch.testing.assert_close(logits_without(lite, dog, off), expected)
    known = capture(lite, dog, ["block2_1"])
    kept = known["block2_1"].clone()
    torch.testing.assert_close(logits_without(lite, dog, off, known), expected)
    assert torch.equal(known["block2_1"], kept)


def test_switching_off_nothing_changes_nothing(lite, dog):
    assert torch.equal(logits_without(lite, dog, {"block2_1": []}), lite.logits(dog))


def test_one_users_switches_do_not_reach_another(lite, dog):
    before = lite.logits(dog)
    assert not torch.allclose(logits_without(lite, dog, {"bn2": range(640)}), before)
    assert torch.equal(lite.logits(dog), before)


def test_unknown_layers_channels_classes_and_heads_are_named(lite, dog):
    with pytest.raises(ValueError, match="has no layer conv1_1"):
        logits_without(lite, dog, {"conv1_1": [0]})
    with pytest.raises(ValueError, match="expected channels from 0 to 15"):
        logits_without(lite, dog, {"block1_1": [16]})
    with pytest.raises(ValueError, match="expected a class from 0 to 999"):
        grad_cam(lite, dog, "bn2", 1000)
    with pytest.raises(ValueError, match="global_pool gives"):
        grad_cam(lite, dog, "global_pool", 0)
    if not load_backbone("vgg16", "cpu").has_head:
        with pytest.raises(WeightsError):
            logits_without(load_backbone("vgg16", "cpu"), dog, {"pool5": [0]})


@pytest.mark.parametrize(
    ("name", "layer"),
    [("efficientnet_lite0", "bn2"), ("efficientnet_lite0", "block5_3"), ("vgg16_catdog", "relu5_3")],
)
@pytest.mark.parametrize("sample", ["dalmatian", "cat"])
def test_grad_cam_equals_the_grad_cam_package(name: str, layer: str, sample: str):
    network = load_backbone(name, "cpu")
    images = network.preprocess(open_image(sample_path(sample)))
    class_index = answers(network, images)[0].index
    ours = grad_cam(network, images, layer, class_index).map
    model = copy.deepcopy(network.model)
    with GradCAM(model, [model.get_submodule(layer)]) as judge:
        theirs = judge(images.clone().requires_grad_(), [ClassifierOutputTarget(class_index)])[0]
    resized = torch.nn.functional.interpolate(ours[None, None], theirs.shape, mode="bilinear")[0, 0]
    assert np.corrcoef(resized.numpy().ravel(), theirs.ravel())[0, 1] > 0.999


def test_shares_of_a_linear_head_are_exactly_what_the_channels_add_to_the_logit():
    network = load_backbone("vgg16_catdog", "cpu")
    images = network.preprocess(open_image(sample_path("cat")))
    shares = grad_cam(network, images, "pool5", 0).shares
    head = network.model.catdog
    torch.testing.assert_close(
        shares.sum() + head.bias[0], network.logits(images)[0, 0], rtol=1e-4, atol=1e-4
    )


def test_variants_are_the_wrong_use_done_by_hand_and_leave_the_network_alone(lite, dog):
    right = lite.logits(dog)
    torch.testing.assert_close(variant(lite, photo="bgr").logits(dog), lite.logits(dog.flip(1)))
    raw = variant(lite, photo="raw").logits(dog)
    torch.testing.assert_close(raw, lite.logits(dog / 2 + 0.5))  # (x / 2 + 0.5 - 0.5) / 0.5 = x
    assert variant(lite).logits(dog).equal(right)
    assert lite.logits(dog).equal(right)


def test_random_weights_are_drawn_by_their_seed(lite, dog):
    first, again = (variant(lite, weights="random", seed=1) for _ in range(2))
    assert first.logits(dog).equal(again.logits(dog))
    assert not first.logits(dog).allclose(variant(lite, weights="random", seed=2).logits(dog))
    assert not first.logits(dog).allclose(lite.logits(dog))
    stem, shared = first.model.conv_stem.weight, lite.model.conv_stem.weight
    assert stem.data_ptr() != shared.data_ptr()
    assert first.model.classifier.weight.data_ptr() == lite.model.classifier.weight.data_ptr()
    with pytest.raises(ValueError, match=r"expected one of .*random"):
        variant(lite, weights="best")
