"""Each network as a sequence of named layers, built in code and filled from its checkpoint."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from core import weights

VGG_BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
VGG_CHANNELS = (64, 128, 256, 512, 512)
CLASSES_FILE = Path(__file__).parent.parent / "assets" / "imagenet_classes.txt"

Layers = OrderedDict[str, nn.Module]
# The layers, the name of the last one before the head, and the classes (none without a head)
Loaded = tuple[Layers, str, tuple[str, ...]]


class Normalise(nn.Module):
    """The first layer of every network here: images in [0, 1] to the range it was trained on."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: tuple[float, float, float], std: tuple[float, float, float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> (N, 3, H, W), about zero mean and unit variance."""
        return (images - self.mean) / self.std


@lru_cache(maxsize=1)
def imagenet_classes() -> tuple[str, ...]:
    """The 1,000 ImageNet classes by index: all names of each, the usual one first."""
    return tuple(CLASSES_FILE.read_text(encoding="utf-8").splitlines())


def _load_vgg(name: str, checkpoints: tuple[str, ...]) -> Loaded:
    blocks = VGG_BLOCKS["vgg19" if name == "vgg19" else "vgg16"]
    whole = "vgg16_features" not in checkpoints and name != "vgg16_catdog"
    layers = vgg_features(blocks)
    head = vgg_head() if whole else OrderedDict()
    state = weights.load(checkpoints[0])
    if not whole:
        state = {key: value for key, value in state.items() if key.startswith("features.")}
    _copy_in_order(nn.Sequential(OrderedDict([*layers.items(), *head.items()])), state)
    classes = imagenet_classes() if whole else ()
    if name == "vgg16_catdog":
        head, classes = _catdog_head(), ("cat", "dog")
    return OrderedDict([*layers.items(), *head.items()]), "pool5", classes


def vgg_features(blocks: tuple[int, ...]) -> Layers:
    """VGG's convolution, ReLU and pooling layers (Simonyan and Zisserman 2014, arXiv:1409.1556, table 1)."""
    layers: Layers = OrderedDict()
    channels = 3
    for block, (depth, width) in enumerate(zip(blocks, VGG_CHANNELS, strict=True), start=1):
        for position in range(1, depth + 1):
            layers[f"conv{block}_{position}"] = nn.Conv2d(channels, width, 3, padding=1)
            layers[f"relu{block}_{position}"] = nn.ReLU()
            channels = width
        layers[f"pool{block}"] = nn.MaxPool2d(2)
    return layers


def vgg_head() -> Layers:
    """VGG's three fully connected layers; adaptive pooling lets other image sizes through."""
    return OrderedDict(
        avgpool=nn.AdaptiveAvgPool2d(7),
        flatten=nn.Flatten(),
        fc6=nn.Linear(512 * 7 * 7, 4096),
        relu6=nn.ReLU(),
        fc7=nn.Linear(4096, 4096),
        relu7=nn.ReLU(),
        fc8=nn.Linear(4096, 1000),
    )


def catdog_head() -> Layers:
    """The head trained by `python -m core.finetune.bundled_head`: average over space, one linear layer."""
    return OrderedDict(avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), catdog=nn.Linear(512, 2))


def _catdog_head() -> Layers:
    head = catdog_head()
    _copy_in_order(nn.Sequential(head), weights.load("vgg16_catdog_head"))
    return head


def efficientnet_layers(name: str) -> Layers:
    """EfficientNet-Lite's layers, one for each of its blocks (timm's, without weights)."""
    import timm

    layers: Layers = OrderedDict()
    for part, module in timm.create_model(f"tf_{name}", pretrained=False).named_children():
        if part != "blocks":
            layers[part] = module
            continue
        for stage, blocks in enumerate(module.children(), start=1):
            for position, block in enumerate(blocks.children(), start=1):
                layers[f"block{stage}_{position}"] = block
    return layers


def resnet_layers(name: str) -> Layers:
    """ResNet's layers, one for each of its blocks (torchvision's, without weights)."""
    import torchvision

    network = torchvision.models.get_model(name, weights=None)
    layers: Layers = OrderedDict(
        conv1=network.conv1, bn1=network.bn1, relu=network.relu, maxpool=network.maxpool
    )
    for stage in range(1, 5):
        for position, block in enumerate(getattr(network, f"layer{stage}"), start=1):
            layers[f"layer{stage}_{position}"] = block
    layers.update(avgpool=network.avgpool, flatten=nn.Flatten(), fc=network.fc)
    return layers


def mobilenet_layers(name: str) -> Layers:
    """MobileNetV3's layers, one for each of its blocks (torchvision's, without weights)."""
    import torchvision

    network = torchvision.models.get_model(name, weights=None)
    layers: Layers = OrderedDict((f"block{i}", block) for i, block in enumerate(network.features))
    layers.update(avgpool=network.avgpool, flatten=nn.Flatten(), classifier=network.classifier)
    return layers


def _vgg_layers(name: str) -> Layers:
    features = vgg_features(VGG_BLOCKS["vgg19" if name == "vgg19" else "vgg16"])
    head = catdog_head() if name == "vgg16_catdog" else vgg_head()
    return OrderedDict([*features.items(), *head.items()])


BUILDERS: dict[str, Callable[[str], Layers]] = {
    "vgg": _vgg_layers,
    "efficientnet": efficientnet_layers,
    "resnet": resnet_layers,
    "mobilenet": mobilenet_layers,
}


def outline(name: str, family: str) -> nn.Sequential:
    """A whole network without normalisation or weights: for its figures, it takes no memory and no time.

    Its tensors hold whatever is there; nothing but an empty batch may go through it.
    """
    with torch.device("meta"):
        layers = BUILDERS[family](name)
    return nn.Sequential(layers).to_empty(device="cpu").eval()


def _filled(name: str, family: str, checkpoint: str) -> Layers:
    layers = BUILDERS[family](name)
    _copy_in_order(nn.Sequential(layers), weights.load(checkpoint))
    return layers


def _load_efficientnet(name: str, checkpoints: tuple[str, ...]) -> Loaded:
    return _filled(name, "efficientnet", checkpoints[0]), "bn2", imagenet_classes()


def _load_resnet(name: str, checkpoints: tuple[str, ...]) -> Loaded:
    layers = _filled(name, "resnet", checkpoints[0])
    return layers, next(each for each in reversed(layers) if each.startswith("layer")), imagenet_classes()


def _load_mobilenet(name: str, checkpoints: tuple[str, ...]) -> Loaded:
    layers = _filled(name, "mobilenet", checkpoints[0])
    return layers, next(each for each in reversed(layers) if each.startswith("block")), imagenet_classes()


LOADERS: dict[str, Callable[[str, tuple[str, ...]], Loaded]] = {
    "vgg": _load_vgg,
    "efficientnet": _load_efficientnet,
    "resnet": _load_resnet,
    "mobilenet": _load_mobilenet,
}


def _copy_in_order(module: nn.Module, state: weights.State) -> None:
    """Fill a module's tensors from a published state dict, one to one in order, whatever the names."""
    own = module.state_dict()
    if [value.shape for value in own.values()] != [value.shape for value in state.values()]:
        raise ValueError(f"the weights do not fit: {len(state)} tensors came for {len(own)}")
    module.load_state_dict(dict(zip(own, state.values(), strict=True)))
