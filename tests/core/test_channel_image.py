"""What a channel wants: known answers for a first layer, and pictures that do make a channel answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import channel_image as module
from core.activations import capture
from core.backbone import Backbone, load_backbone
from core.channel_image import (
    ChannelSettings,
    channel_image,
    channel_image_steps,
    first_filter,
    objective,
    settings_for,
)
from core.errors import TrainingError
from core.images import open_image
from core.layer_table import layer_table
from core.samples import available_samples, sample_path
from core.variants import variant

QUICK = ChannelSettings(size=64, steps=12)


@pytest.fixture(scope="module")
def vgg16() -> Backbone:
    return load_backbone("vgg16", "cpu")


@pytest.mark.parametrize("name", ["vgg16", "efficientnet_lite0"])
def test_the_picture_excites_its_channel_more_than_any_photo_and_noise(name: str):
    network = load_backbone(name, "cpu")
    layer, channel = {"vgg16": ("conv2_2", 60), "efficientnet_lite0": ("block3_1", 5)}[name]
    steps = list(channel_image_steps(network, layer, channel, QUICK))
    assert [each.step for each in steps] == list(range(13))
    last = steps[-1]
    assert last.image.shape == (1, 3, 64, 64)
    assert 0 <= last.image.min() <= last.image.max() <= 1

    def mean_square(images: torch.Tensor) -> float:
        return float(objective(capture(network, images, [layer])[layer][:, channel]))

    photos = [network.preprocess(open_image(sample_path(each))) for each in available_samples("photo")[:4]]
    assert mean_square(last.image) > 2 * max(map(mean_square, photos))
    assert mean_square(last.image) > 10 * mean_square(steps[0].image)
    assert last.answer == pytest.approx(float(capture(network, last.image, [layer])[layer][0, channel].max()))


def test_the_faintest_channels_are_excited_too(vgg16: Backbone):
    random = variant(vgg16, weights="random")
    first, *_, last = channel_image_steps(random, "conv4_1", 3, QUICK)
    assert last.answer > 1.5 * first.answer > 0


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(vgg16: Backbone):
    first, again = (channel_image(vgg16, "conv1_2", 3, QUICK) for _ in range(2))
    assert torch.equal(first, again)
    other = channel_image(vgg16, "conv1_2", 3, ChannelSettings(size=64, steps=12, seed=1))
    assert not torch.allclose(first, other)


def test_later_layers_are_not_run_and_nothing_stays(vgg16: Backbone, monkeypatch):
    monkeypatch.setattr(vgg16.model.conv2_2, "forward", lambda images: pytest.fail("conv2_2 was run"))
    steps = channel_image_steps(vgg16, "conv2_1", 0, QUICK)
    with torch.no_grad():
        next(steps)
        next(steps)
        assert not torch.is_grad_enabled()
    steps.close()
    assert not any(each.requires_grad or each.grad is not None for each in vgg16.model.parameters())
    assert not any(each._forward_hooks or each._backward_hooks for each in vgg16.model.modules())


def test_unknown_layers_and_channels_and_flat_ones_are_named(vgg16: Backbone):
    with pytest.raises(ValueError, match="has no layer conv9_9"):
        next(channel_image_steps(vgg16, "conv9_9", 0))
    with pytest.raises(ValueError, match="no map 64"):
        next(channel_image_steps(vgg16, "conv1_2", 64, QUICK))
    lite = load_backbone("efficientnet_lite0", "cpu")
    with pytest.raises(ValueError, match="no map 0"):
        next(channel_image_steps(lite, "global_pool", 0, QUICK))
    with pytest.raises(ValueError, match="expected a channel from 0 to 63"):
        first_filter(vgg16, "conv1_1", 64)
    with pytest.raises(ValueError, match="size >= 32"):
        ChannelSettings(size=8)


def test_a_gradient_that_is_no_number_ends_with_a_sentence(vgg16: Backbone, monkeypatch):
    monkeypatch.setattr(module, "objective", lambda answers: (answers * torch.nan).mean())
    with pytest.raises(TrainingError):
        next(channel_image_steps(vgg16, "conv1_2", 0, QUICK))


def test_negative_answers_count_little_but_still_have_a_slope():
    assert float(objective(torch.tensor([[[3.0, -2.0]]]))) == pytest.approx((9 - 0.05 * 4) / 2)
    silent = torch.tensor([[[-1.0]]], requires_grad=True)
    objective(silent).backward()
    assert silent.grad.item() > 0


def test_a_first_filter_is_its_weights_in_colour(vgg16: Backbone):
    weights = vgg16.model.conv1_1.weight[7].detach().numpy()
    expected = 127.5 + 127 * weights / np.abs(weights).max()
    np.testing.assert_allclose(first_filter(vgg16, "conv1_1", 7), expected.transpose(1, 2, 0), atol=0.51)
    assert first_filter(vgg16, "conv1_2", 7) is None


def test_a_picture_is_about_four_receptive_fields():
    table = {each.name: each for each in layer_table(load_backbone("vgg16", "cpu"))}
    sizes = {name: settings_for(table[name]).size for name in ("conv1_2", "conv2_2", "conv3_1", "conv5_3")}
    assert sizes == {"conv1_2": 64, "conv2_2": 64, "conv3_1": 96, "conv5_3": 128}
