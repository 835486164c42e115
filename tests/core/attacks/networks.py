"""Networks whose best attack is known in closed form."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.backbone import BACKBONES


class _Function(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images)


class Linear:
    """A network of one linear layer, whose best attack is known in closed form."""

    info, device, has_head = BACKBONES["vgg16"], torch.device("cpu"), True

    def __init__(self, side: int = 4, classes: int = 3) -> None:
        generator = torch.Generator().manual_seed(1)
        self.weight = torch.randn(classes, 3 * side * side, generator=generator)
        self.classes = tuple(map(str, range(classes)))
        self.model = nn.Sequential(_Function(self.logits))

    def logits(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T
