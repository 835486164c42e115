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
    """The answer and its class activation map (Zhou et al. 2016, arXiv:1512.04150, eq. 2) for one photo.

    The map is at the last layer with a height and a width. The classifier is linear on that layer's
    average over space, and for such a head Grad-CAM is CAM: the gradient is the class's weight over H * W,
    and that constant goes when the map is scaled (Selvaraju et al. 2017, arXiv:1610.02391, section 3). As
    in Grad-CAM, what speaks against the class is left out.

    Args:
        images: (1, 3, H, W) in [0, 1], as `Backbone.preprocess` gives it.
        class_index: an index into `classifier.classes`; by default the likeliest.

    Raises:
        ValueError: when the images are not of that form, or there is no such class.
    """
    if class_index is not None and not 0 <= class_index < len(classifier.classes):
        raise ValueError(f"expected a class from 0 to {len(classifier.classes) - 1}, got {class_index}")
    layer = classifier.backbone.feature_layer
    activation = capture(classifier.backbone, images, [layer])[layer]
    features = activation.mean((2, 3))
    logits = classifier.logits(features)[0]
    chosen = int(logits.argmax()) if class_index is None else class_index
    weight = classifier.weight[chosen].to(activation.device)
    seen = torch.einsum("c,chw->hw", weight, activation[0]).clamp_min(0)
    return Explained(
        probabilities=logits.softmax(0),
        features=features[0],
        class_index=chosen,
        map=seen / seen.max().clamp_min(1e-12),
    )
