"""How much an image stirs a network as photos do, told by the statistics that batch normalisation keeps.

While a network learns, every batch-normalisation layer notes the mean and the variance of each channel over
all photos. An image whose channels are far from those is no photo, whatever its class (Yin et al. 2020,
"Dreaming to Distill", arXiv:1912.08795, equation 4).
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from core.backbone import Backbone
from core.images import require_images

EPSILON = 1e-3  # beside variances of dead channels, near 0


class PhotoStatistics:
    """A network that also tells how far each of its normalisation layers is from what it knows of photos.

    It is a copy that shares every weight with the shared network, which stays as it is.
    """

    def __init__(self, backbone: Backbone) -> None:
        weights = [*backbone.model.parameters(), *backbone.model.buffers()]
        self.model = copy.deepcopy(backbone.model, {id(each): each for each in weights})
        self.distances: list[Tensor] = []
        for block in self.model.children():
            layers = [layer for layer in block.modules() if isinstance(layer, nn.BatchNorm2d)]
            # The last of a block says as much as all of them: it is narrow, so that it costs a tenth
            for layer in layers[-1:]:
                layer.register_forward_pre_hook(self._note)

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, classes) of images (N, 3, H, W) in [0, 1], and the layers' mean distance, a scalar.

        The distance of a channel is ((mean - mean of photos) / deviation of photos)^2 +
        (deviation / deviation of photos - 1)^2. It is 0 without such layers.
        """
        require_images(images)
        self.distances.clear()
        logits: Tensor = self.model(images.contiguous(memory_format=torch.channels_last))
        distance = torch.stack(self.distances).mean() if self.distances else logits.new_zeros(())
        self.distances.clear()
        return logits, distance

    def _note(self, layer: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        known_mean, known_variance = layer.running_mean, layer.running_var
        if known_mean is None or known_variance is None:
            return  # a layer that keeps no statistics
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        deviation = (known_variance + EPSILON).sqrt()
        shift = (mean - known_mean) / deviation
        spread = (variance + EPSILON).sqrt() / deviation - 1
        self.distances.append((shift.square() + spread.square()).mean())
