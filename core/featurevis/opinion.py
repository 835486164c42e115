"""A second opinion: a network that took no part in the drawing says what it sees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from core.backbone import Backbone
from core.images import to_uint8
from core.threads import threads_for

CATS = range(281, 286)  # of ImageNet's classes: tabby to Egyptian cat
DOGS = range(151, 269)  # Chihuahua to Mexican hairless
IMAGENET_CLASSES = 1000


def judge_of(backbone: Backbone) -> str | None:
    """The network that judges what `backbone` draws; None where nobody else knows its classes.

    The Lites are sisters, trained alike on the same photos; neither is a stranger to the other.
    """
    if backbone.name == "efficientnet_lite0":
        return "efficientnet_lite2"
    knows = len(backbone.classes) == IMAGENET_CLASSES or backbone.name == "vgg16_catdog"
    return "efficientnet_lite0" if knows else None


def judged_classes(backbone: Backbone, class_index: int) -> Sequence[int]:
    """The judge's classes that stand for one class of `backbone`: all cats or dogs for vgg16_catdog."""
    if backbone.name == "vgg16_catdog":
        return (CATS, DOGS)[class_index]
    return (class_index,)


def second_opinion(judge: Backbone, image: Tensor, classes: Sequence[int]) -> float:
    """The probability, from 0 to 1, that the judge gives to any of `classes`.

    Args:
        judge: a network with a head.
        image: (1, 3, H, W) in [0, 1]. The judge sees it as it would see the saved picture: rounded to 8 bits,
            its centre cropped and resized as for photos.
        classes: indices of the judge's classes.
    """
    return float(opinions(judge, image)[list(classes)].sum())


def opinions(judge: Backbone, image: Tensor) -> Tensor:
    """All of the judge's probabilities (classes,) for an image as in `second_opinion`."""
    picture = Image.fromarray(to_uint8(image)[0])
    with torch.inference_mode(), threads_for(judge, 1):
        return judge.logits(judge.preprocess(picture)).softmax(1)[0].cpu()
