"""The drawing itself, on the real small network and on stubs that go wrong."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
import torch

from core.backbone import BACKBONES, load_backbone
from core.errors import TrainingError, WeightsError
from core.featurevis import RUNGS, Settings, ideal_image, ideal_image_steps, rung

SIAMESE = 284
SMALL = Settings(steps=5, size=96)


@pytest.fixture(scope="module")
def lite0():
    return load_backbone("efficientnet_lite0", "cpu")


class Broken:
    """A network whose logits are no numbers."""

    has_head, classes, device = True, ("a", "b"), torch.device("cpu")

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        return images.sum((1, 2, 3))[:, None].expand(1, 2) * torch.nan


class Headless(Broken):
    """VGG-16 where only its convolution layers are on the machine."""

    has_head, info = False, BACKBONES["vgg16"]


@pytest.mark.parametrize("parametrization", ["pixel", "fourier"])
@pytest.mark.parametrize(("network", "wanted"), [("efficientnet_lite0", SIAMESE), ("vgg16_catdog", 0)])
def test_five_steps_raise_the_objective(parametrization, network, wanted):
    settings = replace(SMALL, parametrization=parametrization, transforms=False, variation_weight=0.0)
    steps = list(ideal_image_steps(load_backbone(network, "cpu"), wanted, settings))
    assert [each.step for each in steps] == list(range(6))
    assert steps[-1].objective > steps[0].objective + 0.3
    assert steps[-1].probability > steps[0].probability
    assert all(each.image.shape == (1, 3, 96, 96) for each in steps)
    assert all(each.image.min() >= 0 and each.image.max() <= 1 for each in steps)


@pytest.mark.parametrize("name", RUNGS)
def test_the_same_seed_gives_the_same_image_on_every_rung(lite0, name):
    settings = replace(rung(name), steps=3, size=64)
    image = ideal_image(lite0, SIAMESE, settings)
    assert torch.equal(image, ideal_image(lite0, SIAMESE, settings))
    assert not torch.equal(image, ideal_image(lite0, SIAMESE, replace(settings, seed=1)))


def test_each_rung_adds_something_to_the_one_before():
    rungs = [rung(name) for name in RUNGS]
    assert len(set(rungs)) == len(RUNGS)
    assert [each.variation_weight > 0 for each in rungs] == [False, True, True, True]
    assert [each.transforms for each in rungs] == [False, False, True, True]
    assert [each.parametrization for each in rungs] == ["pixel", "pixel", "pixel", "fourier"]


def test_more_variation_weight_gives_a_smoother_image_and_its_gradient_is_told(lite0):
    rough, smooth = (
        list(
            ideal_image_steps(
                lite0, SIAMESE, replace(rung("variation"), steps=5, size=64, variation_weight=w)
            )
        )
        for w in (0.0, 2000.0)
    )
    assert {each.variation_gradient for each in rough} == {0.0}
    assert smooth[1].variation_gradient > 0
    assert neighbours_differ(smooth[-1].image) < 0.85 * neighbours_differ(rough[-1].image)


def neighbours_differ(image: torch.Tensor) -> float:
    return float((image[..., 1:] - image[..., :-1]).abs().mean())


def test_neither_the_network_nor_the_global_generator_is_touched(lite0):
    before = {name: value.clone() for name, value in lite0.model.state_dict().items()}
    random_state = torch.get_rng_state()
    with torch.no_grad():
        ideal_image(lite0, SIAMESE, SMALL)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(value, before[name]) for name, value in lite0.model.state_dict().items())
    assert not any(each._forward_hooks or each._backward_hooks for each in lite0.model.modules())
    assert all(not each.requires_grad and each.grad is None for each in lite0.model.parameters())


def test_closing_the_generator_frees_the_drawing(lite0):
    steps = ideal_image_steps(lite0, SIAMESE, SMALL)
    next(steps)
    drawing = weakref.ref(steps.gi_frame.f_locals["drawing"])
    assert drawing() is not None
    steps.close()
    gc.collect()
    assert drawing() is None


def test_what_cannot_be_drawn_is_named(lite0):
    with pytest.raises(ValueError, match="class from 0 to 999, got 1000"):
        next(ideal_image_steps(lite0, 1000))
    with pytest.raises(TrainingError, match="no longer a number"):
        next(ideal_image_steps(Broken(), 0, replace(SMALL, statistics_weight=0.0)))
    with pytest.raises(WeightsError):
        next(ideal_image_steps(Headless(), 0))
    with pytest.raises(ValueError, match="steps >= 1"):
        Settings(steps=0)
    with pytest.raises(ValueError, match="there are pixels, variation, transforms, fourier"):
        rung("cubism")
