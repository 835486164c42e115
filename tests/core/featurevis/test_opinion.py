"""The second opinion, on photos whose answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.architectures import imagenet_classes
from core.backbone import load_backbone
from core.featurevis import judge_of, judged_classes, second_opinion
from core.images import open_image, to_tensor
from core.samples import sample_path

NAMES = ("efficientnet_lite0", "efficientnet_lite2", "vgg16_catdog")


def test_every_network_that_draws_has_a_judge_other_than_itself_if_one_knows_its_classes():
    assert [judge_of(load_backbone(name, "cpu")) for name in NAMES] == [
        "efficientnet_lite2",
        "efficientnet_lite0",
        "efficientnet_lite0",
    ]
    own = SimpleNamespace(name="own-1", classes=("mug", "pen"))
    assert judge_of(own) is None


def test_cats_and_dogs_are_all_the_kinds_that_imagenet_has():
    catdog, lite0 = (load_backbone(name, "cpu") for name in ("vgg16_catdog", "efficientnet_lite0"))
    cats, dogs = (judged_classes(catdog, index) for index in (0, 1))
    names = imagenet_classes()
    assert [names[index].split(",")[0] for index in (cats[0], cats[-1])] == ["tabby", "Egyptian cat"]
    assert [names[index].split(",")[0] for index in (dogs[0], dogs[-1])] == ["Chihuahua", "Mexican hairless"]
    assert list(judged_classes(lite0, 340)) == [340]


@pytest.mark.parametrize(("photo", "kind"), [("cat", 0), ("mastiff", 1)])
def test_a_photo_of_a_cat_is_a_cat_to_the_judge_and_one_of_a_dog_a_dog(photo, kind):
    catdog = load_backbone("vgg16_catdog", "cpu")
    judge = load_backbone(judge_of(catdog), "cpu")
    image = to_tensor(open_image(sample_path(photo)))
    seen = [second_opinion(judge, image, judged_classes(catdog, index)) for index in (0, 1)]
    assert seen[kind] > 0.5
    assert seen[1 - kind] < 0.05
    assert sum(seen) <= 1.0001
