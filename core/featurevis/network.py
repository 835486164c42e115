"""The network as the drawing loop runs it: condensed, and with what it knows of photos.

While a network learns, every batch-normalisation layer notes the mean and the variance of each channel over
all photos. An image whose channels are far from those is no photo, whatever its class (Yin et al. 2020,
"Dreaming to Distill", arXiv:1912.08795, equation 4).

Many networks are made of blocks that add what their own layers find to what came in. A gradient that is led
past those layers more than through them says less of this one network's ways and more of what any network
sees (Wu et al. 2020, "Skip Connections Matter", arXiv:2002.05990, equation 5, there for attacks).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from timm.models._efficientnet_blocks import DepthwiseSeparableConv, InvertedResidual
from torch import Tensor, nn
from torchvision.models.mobilenetv3 import InvertedResidual as MobileBlock
from torchvision.models.resnet import BasicBlock, Bottleneck

from core.activations import require_layers
from core.backbone import Backbone
from core.condensed import condensed, last_normalisations, shared_copy
from core.errors import WeightsError
from core.featurevis.objectives import LOGITS
from core.images import require_images

EPSILON = 1e-3  # beside variances of dead channels, near 0


class WatchedNetwork:
    """A network that gives some of its layers' outputs and, if asked, how unlike photos its inputs are.

    It runs on a copy that shares most weights with the shared network, which stays as it is. Layers after the
    last one asked for are not run.
    """

    def __init__(self, backbone: Backbone, layers: Iterable[str] = (LOGITS,), *, statistics: bool = False):
        """Prepare the copy.

        Args:
            backbone: any network; with `LOGITS` among the layers, one with a head.
            layers: names out of `backbone.layers`, or `LOGITS`.
            statistics: whether to measure the distance from what the network knows of photos.

        Raises:
            ValueError: when there is no such layer.
            WeightsError: when the classes are asked for and the network has none.
        """
        self.layers = frozenset(layers)
        require_layers(backbone, self.layers - {LOGITS})
        if LOGITS in self.layers and not backbone.has_head:
            raise WeightsError("weights.no_head", network=backbone.info.title)
        # A convolution whose own output is asked for must stay as it is
        plain = any(
            isinstance(backbone.model.get_submodule(each), nn.Conv2d) for each in self.layers - {LOGITS}
        )
        model = shared_copy(backbone.model if plain else condensed(backbone, keep_last=True))
        self.steps = list(model.named_children())
        self.distances: list[Tensor] = []
        self.watched = last_normalisations(model) if statistics else ()
        for layer in self.watched:
            layer.register_forward_pre_hook(self._note)
        self.shares = torch.ones(())
        for branch in _branches(model):
            branch.register_forward_hook(self._hold_back)

    @property
    def knows_photos(self) -> bool:
        """Whether distances are measured at all."""
        return bool(self.watched)

    def __call__(
        self, images: Tensor, branch_shares: Sequence[float] | None = None
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Outputs by layer of images (N, 3, H, W) in [0, 1], and the mean distance (N,) over its layers.

        The distance of a channel is ((mean - mean of photos) / deviation of photos)^2 +
        (deviation / deviation of photos - 1)^2. It is 0 without such layers.

        Args:
            images: what to look at.
            branch_shares: for each image the share of the gradient that goes back through the layers of a
                block that has a way past them; None is 1 for all, the true gradient. Outputs stay the same.
        """
        require_images(images)
        self.distances.clear()
        self.shares = images.new_tensor(branch_shares or [1.0] * len(images)).view(-1, 1, 1, 1)
        outputs = self._run(images.contiguous(memory_format=torch.channels_last))
        distance = torch.stack(self.distances).mean(0) if self.distances else images.new_zeros(len(images))
        self.distances.clear()
        return outputs, distance

    def _hold_back(self, layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        shares = self.shares
        if output.requires_grad and bool((shares != 1).any()):
            output.register_hook(lambda gradient: gradient * shares)  # type: ignore[no-untyped-call]

    def _note(self, layer: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        known_mean, known_variance = layer.running_mean, layer.running_var
        if known_mean is None or known_variance is None:
            return  # a layer that keeps no statistics
        # not var_mean, which takes three times as long where channels are last
        mean = inputs[0].mean((2, 3))
        variance = (inputs[0].square().mean((2, 3)) - mean.square()).clamp_min(0)
        deviation = (known_variance + EPSILON).sqrt()
        shift = (mean - known_mean) / deviation
        spread = (variance + EPSILON).sqrt() / deviation - 1
        self.distances.append((shift.square() + spread.square()).mean(1))

    def _run(self, activation: Tensor) -> dict[str, Tensor]:
        outputs, left = {}, set(self.layers)
        for name, layer in self.steps:
            activation = layer(activation)
            if name in left:
                outputs[name] = activation
                left.discard(name)
                if not left:
                    return outputs
        outputs[LOGITS] = activation
        return outputs


def _branches(model: nn.Module) -> Iterator[nn.Module]:
    """Where the own layers of each block end, whose result is added to what came in."""
    for block in model.modules():
        if isinstance(block, InvertedResidual | DepthwiseSeparableConv) and block.has_skip:
            yield block.drop_path
        elif isinstance(block, MobileBlock) and block.use_res_connect:
            yield block.block
        elif isinstance(block, Bottleneck):
            yield block.bn3
        elif isinstance(block, BasicBlock):
            yield block.bn2
