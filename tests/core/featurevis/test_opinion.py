"""The second opinion, on photos whose answer is known."""

from __future__ import annotations

import pytest

from core.architectures import imagenet_classes
from core.backbone import load_backbone
from core.featurevis import JUDGES, NETWORKS, judged_classes, second_opinion
from core.images import open_image, to_tensor
from core.samples import sample_path


def test_every_network_that_draws_has_a_judge_other_than_itself():
    assert set(JUDGES) == set(NETWORKS)
    assert all(judge != drawer for drawer, judge in JUDGES.items())


def test_cats_and_dogs_are_all_the_kinds_that_imagenet_has():
    cats, dogs = (judged_classes("vgg16_catdog", index) for index in (0, 1))
    names = imagenet_classes()
    assert [names[index].split(",")[0] for index in (cats[0], cats[-1])] == ["tabby", "Egyptian cat"]
    assert [names[index].split(",")[0] for index in (dogs[0], dogs[-1])] == ["Chihuahua", "Mexican hairless"]
    assert list(judged_classes("efficientnet_lite0", 340)) == [340]


@pytest.mark.parametrize(("photo", "kind"), [("cat", 0), ("mastiff", 1)])
def test_a_photo_of_a_cat_is_a_cat_to_the_judge_and_one_of_a_dog_a_dog(photo, kind):
    judge = load_backbone(JUDGES["vgg16_catdog"], "cpu")
    image = to_tensor(open_image(sample_path(photo)))
    seen = [second_opinion(judge, image, judged_classes("vgg16_catdog", index)) for index in (0, 1)]
    assert seen[kind] > 0.5
    assert seen[1 - kind] < 0.05
    assert sum(seen) <= 1.0001
