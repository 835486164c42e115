"""A copy of a network that learns on, batch by batch, with what is kept of it (see core/finetune/tune.py)."""

from __future__ import annotations

import copy
import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backbone import Backbone
from core.finetune.augment import augmented
from core.finetune.dataset import ImageFolder
from core.finetune.fit import Epoch, FitSettings, Fitted, KnownFeatures, split
from core.finetune.probe import ProbeSettings, probe_steps
from core.images import open_image

Depth = Literal["last_block", "everything"]
DEPTHS: tuple[Depth, ...] = ("last_block", "everything")
WEIGHT_DECAY = 1e-4
VALIDATION_SHARE = 0.15  # of the photos learnt from: they choose the epoch to keep, and are not learnt from


@dataclass(frozen=True, kw_only=True)
class TuneSettings:
    """What a learner can choose."""

    depth: Depth = "last_block"
    epochs: int = 6  # passes over the photos
    rate: float = 1e-3  # learning rate of the new layer and the last block, at the start
    slower: float = 0.3  # each earlier block learns so many times as fast as the one after it
    batch: int = 8  # photos a step
    augment: bool = True
    smoothing: float = 0.1  # of the labels: the share of probability that is spread over all classes
    patience: int = 3  # epochs without a better validation loss, after which it stops

    EPOCHS_RANGE: ClassVar[tuple[int, int]] = (1, 20)
    RATES: ClassVar[tuple[float, ...]] = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3)  # to choose from
    BATCHES: ClassVar[tuple[int, ...]] = (4, 8, 16, 32)


@dataclass(frozen=True, kw_only=True)
class TuneProgress:
    """A batch has been learnt from."""

    epoch: int
    epochs: int
    done: int  # photos of this epoch
    total: int
    photos_per_second: float
    seconds_left: float  # until the last epoch's end
    loss: float  # of this batch, nats


class Learner:
    """A copy of the network with its new layer, learning; and the best that they have been."""

    def __init__(
        self,
        backbone: Backbone,
        folder: ImageFolder,
        start: Fitted,
        settings: FitSettings,
        tune: TuneSettings,
        known: KnownFeatures,
    ) -> None:
        self.folder, self.start, self.tune, self.number = folder, start, tune, 0
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.backbone = replace(backbone, model=copy.deepcopy(backbone.model))
        self.frozen, self.blocks = blocks(self.backbone, tune.depth)
        self.train, self.validation = _validation(folder, start, settings.seed)
        weight, bias = _probe(folder, self.train, settings, known)
        self.classifier = replace(start.classifier, backbone=self.backbone, weight=weight, bias=bias)
        self.judged = [folder.photos[i] for i in sorted({*self.validation, *start.held_out})]
        self.weights = _class_weights(folder, self.train)
        self.optimiser = torch.optim.AdamW(self._groups(), weight_decay=WEIGHT_DECAY)
        steps = tune.epochs * math.ceil(len(self.train) / tune.batch)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
        )
        self.started = time.monotonic()
        self.losses: list[float] = []  # of the photos learnt from in this epoch
        self.right: list[bool] = []
        self.best: tuple[float, int, list[Tensor]] | None = None  # validation loss, epoch, parameters

    def _groups(self) -> list[dict[str, Any]]:
        """The new layer and the last block at the full rate, each earlier block slower."""
        head = [self.classifier.weight.requires_grad_(True), self.classifier.bias.requires_grad_(True)]
        groups: list[dict[str, Any]] = [{"params": head, "lr": self.tune.rate}]
        for place, block in enumerate(reversed(self.blocks)):
            block.requires_grad_(True)
            parameters = list(block.parameters())
            if parameters:
                groups.append({"params": parameters, "lr": self.tune.rate * self.tune.slower**place})
        return groups

    @property
    def parameters(self) -> list[Tensor]:
        """All that learns."""
        return [parameter for group in self.optimiser.param_groups for parameter in group["params"]]

    @property
    def is_stale(self) -> bool:
        """Whether it has not become better for too long."""
        return self.best is not None and self.number - self.best[1] >= self.tune.patience

    def learn(self) -> Iterator[TuneProgress]:
        """One epoch: all photos learnt from, in a new order."""
        self.number += 1
        self.losses, self.right = [], []
        order = [self.train[i] for i in torch.randperm(len(self.train), generator=self.generator).tolist()]
        for start in range(0, len(order), self.tune.batch):
            chosen = order[start : start + self.tune.batch]
            loss = self._step(chosen)
            done = start + len(chosen)
            so_far = (self.number - 1) * len(order) + done
            speed = so_far / max(time.monotonic() - self.started, 1e-6)
            yield TuneProgress(
                epoch=self.number,
                epochs=self.tune.epochs,
                done=done,
                total=len(order),
                photos_per_second=speed,
                seconds_left=(self.tune.epochs * len(order) - so_far) / speed,
                loss=loss,
            )

    def _step(self, chosen: Sequence[int]) -> float:
        photos = [self.folder.photos[i] for i in chosen]
        labels = torch.tensor([photo.label for photo in photos])
        images = torch.cat([self.backbone.preprocess(open_image(photo.path)) for photo in photos])
        if self.tune.augment:
            images = augmented(images, self.generator)
        logits = self.logits(images)
        loss = functional.cross_entropy(
            logits, labels, weight=self.weights, label_smoothing=self.tune.smoothing
        )
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.schedule.step()
        with torch.no_grad():
            self.losses += functional.cross_entropy(logits, labels, reduction="none").tolist()
            self.right += (logits.argmax(1) == labels).tolist()
        return loss.item()

    def logits(self, images: Tensor) -> Tensor:
        """Class scores of images, with a gradient in what learns only."""
        activation = images.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            for layer in self.frozen:
                activation = layer(activation)
        for block in self.blocks:
            activation = block(activation)
        features = activation.mean((2, 3)) if activation.ndim == 4 else activation.flatten(1)
        return self.classifier.logits(features.cpu())

    def judge(self, features: Sequence[Tensor | None]) -> None:
        """Note how good it is, from the features of the photos; those that are not judged may have none."""
        with torch.no_grad():
            self.shown = {
                i: self.classifier.logits(each) for i, each in enumerate(features) if each is not None
            }
        loss = self._mean_loss(self.validation)
        if self.best is None or loss < self.best[0]:
            self.best = (loss, self.number, [parameter.detach().clone() for parameter in self.parameters])

    def _mean_loss(self, which: Sequence[int]) -> float:
        logits = torch.stack([self.shown[i] for i in which])
        labels = torch.tensor([self.folder.photos[i].label for i in which])
        return functional.cross_entropy(logits, labels).item()

    def _accuracy(self, which: Sequence[int]) -> float:
        right = [int(self.shown[i].argmax()) == self.folder.photos[i].label for i in which]
        return sum(right) / len(right)

    def epoch(self) -> Epoch:
        """How good it is now; the photos learnt from are judged as they went in, changed at random."""
        first = not self.losses
        return Epoch(
            epoch=self.number,
            epochs=self.tune.epochs,
            loss=self._mean_loss(self.train) if first else sum(self.losses) / len(self.losses),
            accuracy=self._accuracy(self.train) if first else sum(self.right) / len(self.right),
            held_out_loss=self._mean_loss(self.start.held_out),
            held_out_accuracy=self._accuracy(self.start.held_out),
        )

    @property
    def best_epoch(self) -> int:
        """The epoch that was the best so far; 0 is the probe."""
        assert self.best is not None
        return self.best[1]

    def keep_best(self) -> None:
        """Go back to the best epoch; nothing learns any more."""
        assert self.best is not None
        with torch.no_grad():
            for parameter, kept in zip(self.parameters, self.best[2], strict=True):
                parameter.copy_(kept)
        for parameter in self.parameters:
            parameter.requires_grad_(False)
            parameter.grad = None


def blocks(backbone: Backbone, depth: Depth) -> tuple[list[nn.Module], list[nn.Sequential]]:
    """The layers before the head that stay as they are, and those that learn, block by block.

    A layer's block is the number in its name (conv5_1, block7_1, layer4_2); what has none belongs to the
    block before it.
    """
    frozen: list[nn.Module] = []
    learning: dict[int, nn.Sequential] = {}
    number = 0
    for name, layer in backbone.model.named_children():
        found = re.match(r"(?:conv|block|layer)(\d+)", name)
        number = int(found.group(1)) if found else number
        if name == "normalise":
            frozen.append(layer)
        else:
            learning.setdefault(number, nn.Sequential()).append(layer)
        if name == backbone.feature_layer:
            break
    if depth == "last_block":
        *earlier, last = learning.values()
        return [*frozen, *earlier], [last]
    return frozen, list(learning.values())


def _validation(folder: ImageFolder, start: Fitted, seed: int) -> tuple[list[int], list[int]]:
    """The photos learnt from, parted into those that learn and those that choose the epoch."""
    photos = tuple(replace(folder.photos[i], part=None) for i in start.learnt_from)
    counts = Counter(photo.label for photo in photos)
    if min(counts.values()) < 2:
        return list(start.learnt_from), list(start.learnt_from)  # too few to spare any
    learn, choose = split(replace(folder, photos=photos), VALIDATION_SHARE, seed)
    return [start.learnt_from[i] for i in learn], [start.learnt_from[i] for i in choose]


def _probe(
    folder: ImageFolder, train: Sequence[int], settings: FitSettings, known: KnownFeatures
) -> tuple[Tensor, Tensor]:
    """The last layer to begin with: it may not know the photos that choose, or none could be better."""
    features = torch.stack([known[folder.photos[i].path] for i in train])
    labels = torch.tensor([folder.photos[i].label for i in train])
    probe = ProbeSettings(epochs=settings.epochs, l2=settings.l2)
    *_, last = probe_steps(features, labels, len(folder.classes), probe)
    return last.weight.clone(), last.bias.clone()


def _class_weights(folder: ImageFolder, train: Sequence[int]) -> Tensor:
    """(classes,): every class weighs alike in the loss, however many photos it has; 1 on average."""
    counts = torch.tensor([folder.photos[i].label for i in train]).bincount(minlength=len(folder.classes))
    return len(train) / (len(counts) * counts.clamp(min=1))
