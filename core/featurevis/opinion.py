"""A second opinion: a network that took no part in the drawing says what it sees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from core.backbone import Backbone
from core.images import to_uint8

# Who judges whom. The Lites are sisters, trained alike on the same photos; neither is a stranger
JUDGES = {"efficientnet_lite0": "efficientnet_lite2", "vgg16_catdog": "efficientnet_lite0"}
CATS = range(281, 286)  # of ImageNet's classes: tabby to Egyptian cat
DOGS = range(151, 269)  # Chihuahua to Mexican hairless


def judged_classes(network: str, class_index: int) -> Sequence[int]:
    """The judge's classes that stand for one class of `network`: all cats or dogs for vgg16_catdog."""
    if network == "vgg16_catdog":
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
    picture = Image.fromarray(to_uint8(image)[0])
    with torch.inference_mode():
        probabilities = judge.logits(judge.preprocess(picture)).softmax(1)[0]
        return float(probabilities[list(classes)].sum())
