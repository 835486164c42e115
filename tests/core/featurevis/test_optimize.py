"""The drawing itself, on the real small network and on stubs that go wrong."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from core.backbone import BACKBONES, load_backbone
from core.errors import TrainingError, WeightsError
from core.featurevis import (
    RUNGS,
    ChannelObjective,
    ClassObjective,
    Drawing,
    NeuronObjective,
    Settings,
    draw_steps,
    ideal_image,
    ideal_image_steps,
    rung,
    second_opinion,
)
from core.images import open_image, to_tensor
from core.samples import sample_path

SIAMESE = 284
SMALL = Settings(steps=5, size=96)


@pytest.fixture(scope="module")
def lite0():
    return load_backbone("efficientnet_lite0", "cpu")


class Broken(nn.Module):
    """A layer that gives no numbers."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.sum((1, 2, 3))[:, None].expand(1, 2) * torch.nan


def a_network(has_head: bool) -> SimpleNamespace:
    """VGG-16's likeness: broken, or headless."""
    kind = type("Likeness", (SimpleNamespace,), {"__hash__": object.__hash__})
    classes = ("a", "b") if has_head else ()
    model, device = nn.Sequential(OrderedDict(broken=Broken())), torch.device("cpu")
    return kind(
        model=model,
        layers=("broken",),
        has_head=has_head,
        classes=classes,
        device=device,
        info=BACKBONES["vgg16"],
        name="vgg16",
    )


@pytest.mark.parametrize("range", ["sigmoid", "clamp"])
@pytest.mark.parametrize("parametrization", ["pixel", "fourier"])
@pytest.mark.parametrize(("network", "wanted"), [("efficientnet_lite0", SIAMESE), ("vgg16_catdog", 0)])
def test_five_steps_raise_the_objective(range, parametrization, network, wanted):
    plain = replace(SMALL, transforms=False, variation_weight=0.0, coarse=0.0)
    settings = replace(plain, parametrization=parametrization, range=range)
    steps = list(ideal_image_steps(load_backbone(network, "cpu"), wanted, settings))
    assert [each.step for each in steps] == [0, 1, 2, 3, 4, 5]
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


@pytest.mark.parametrize(
    "objective",
    [
        ClassObjective(classes=(281, 340), weights=(0.5, 0.5)),
        ChannelObjective(layer="block3_1", channel=3),
        NeuronObjective(layer="block4_2", channel=7),
    ],
)
def test_other_goals_are_raised_too(lite0, objective):
    settings = replace(SMALL, transforms=False, variation_weight=0.0, coarse=0.0)
    steps = [step for (step,) in draw_steps(lite0, objective, [Drawing(settings)])]
    assert steps[-1].objective > steps[0].objective + 1e-3
    assert len(steps[-1].answers) == len(getattr(objective, "classes", [0]))


@pytest.mark.parametrize("name", ["transforms", "fourier"])
def test_a_run_that_was_ended_is_taken_up_exactly_where_it_was(lite0, name):
    settings = replace(rung(name), steps=5, size=64)
    objective = ClassObjective(
        classes=(SIAMESE,), certainty=settings.certainty, temperature=settings.temperature
    )
    ended = Drawing(settings)
    first = draw_steps(lite0, objective, [ended])
    assert [next(first)[0].step for _ in "ab"] == [0, 1]
    first.close()
    copied = ended.copy()
    for drawing in (ended, copied):
        *_, (last,) = draw_steps(lite0, objective, [drawing])
        assert torch.equal(last.image, ideal_image(lite0, SIAMESE, settings))
    ended.extend(2)
    assert [step.step for (step,) in draw_steps(lite0, objective, [ended])] == [5, 6, 7]


def test_rungs_that_are_drawn_together_come_out_as_alone(lite0):
    shared = {"steps": 3, "size": 64, "certainty": 3.0, "temperature": 2.0}  # one wish for all
    settings = [replace(rung(name), **shared) for name in RUNGS]
    objective = ClassObjective(classes=(SIAMESE,), certainty=3.0, temperature=2.0)
    *_, together = draw_steps(lite0, objective, [Drawing(each) for each in settings])
    for step, each in zip(together, settings, strict=True):
        torch.testing.assert_close(step.image, ideal_image(lite0, SIAMESE, each), atol=0.02, rtol=0)


def test_it_can_begin_from_a_photo(lite0):
    photo = to_tensor(open_image(sample_path("cat")).resize((96, 96)))
    first = next(ideal_image_steps(lite0, SIAMESE, replace(SMALL, coarse=0.0), start=photo))
    assert (first.image - photo).abs().mean() < 0.01


@pytest.mark.parametrize("seed", [0, 1])
def test_pixels_alone_fool_the_network_that_draws_and_not_its_judge(lite0, seed):
    image = ideal_image(lite0, SIAMESE, replace(rung("pixels"), steps=40, size=128, seed=seed))
    assert float(lite0.logits(image).softmax(1)[0, SIAMESE]) > 0.99
    assert second_opinion(load_backbone("efficientnet_lite2", "cpu"), image, [SIAMESE]) < 0.05


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
                lite0, SIAMESE, replace(rung("variation"), steps=8, size=64, variation_weight=w)
            )
        )
        for w in (0.0, 4000.0)
    )
    assert {each.variation_gradient for each in rough} == {0.0}
    assert smooth[1].variation_gradient > 0
    assert neighbours_differ(smooth[-1].image) < 0.9 * neighbours_differ(rough[-1].image)


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
        next(ideal_image_steps(a_network(True), 0, replace(SMALL, statistics_weight=0.0)))
    with pytest.raises(WeightsError):
        next(ideal_image_steps(a_network(False), 0))
    with pytest.raises(ValueError, match="steps >= 1"):
        Settings(steps=0)
    with pytest.raises(ValueError, match="there are pixels, variation, transforms, fourier"):
        rung("cubism")
