"""One photo, one pass through the network: what the classifier says, where it looks, and the features."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.activations import capture
from core.finetune.classifier import Classifier


@dataclass(frozen=True, kw_only=True, eq=False)
class Explained:
    """A classifier's answer to one photo."""

    probabilities: Tensor  # (classes,), sums to 1
    features: Tensor  # (channels,), what the classifier's layer was given
    class_index: int  # that `map` speaks for
    map: (
        Tensor  # (H, W) in [0, 1]; 1 where the network finds most that speaks for the class, all 0 if nothing
    )


def explain(classifier: Classifier, images: Tensor, class_index: int | None = None) -> Explained:
    """The answer and its Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2) for one photo.

    The map is at the last layer with a height and a width, whose average over space the classifier sees.

    Args:
        images: (1, 3, H, W) in [0, 1], as `Backbone.preprocess` gives it.
        class_index: an index into `classifier.classes`; by default the likeliest.

    Raises:
        ValueError: when the images are not of that form, or there is no such class.
    """
    if class_index is not None and not 0 <= class_index < len(classifier.classes):
        raise ValueError(f"expected a class from 0 to {len(classifier.classes) - 1}, got {class_index}")
    layer = classifier.backbone.feature_layer
    activation = capture(classifier.backbone, images, [layer])[layer].clone()
    with torch.enable_grad():
        activation.requires_grad_()
        features = activation.mean((2, 3))
        logits = classifier.logits(features)[0]
        chosen = int(logits.argmax()) if class_index is None else class_index
        (gradient,) = torch.autograd.grad(logits[chosen], activation)
    seen = (gradient.mean((2, 3), keepdim=True) * activation.detach()).sum(1)[0].clamp_min(0)
    return Explained(
        probabilities=logits.detach().softmax(0),
        features=features.detach()[0],
        class_index=chosen,
        map=seen / seen.max().clamp_min(1e-12),
    )
