"""What is asked of an image. Objectives are immutable and always maximised; total variation is a penalty.

An objective reads the outputs of the layers it names (`LOGITS` for the scores of the classes) and gives one
score for each image. Any of them can be used alone, on outputs from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

LOGITS = "logits"  # in place of a layer's name: what comes out at the end
SILENT_SLOPE = 0.05  # share that a negative answer counts for: a channel silent everywhere still finds a way

Outputs = Mapping[str, Tensor]


class Objective(Protocol):
    """What is maximised."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers whose outputs it reads."""
        ...

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), larger is better, unbounded."""
        ...

    def answers(self, outputs: Outputs) -> Tensor:
        """What a person is told, (N, parts): probabilities of classes, answers of channels."""
        ...


@dataclass(frozen=True, kw_only=True)
class ClassObjective:
    """How much of one class, or of several, a network sees.

    The logits by weight, plus `certainty` times the log-probability, at a temperature, of any of them.

    The logit alone asks for as much of the class as possible (Simonyan, Vedaldi and Zisserman 2013,
    arXiv:1312.6034, eq. 1); the log-probability also asks that it look like no other class, which tells a
    tabby from a tiger cat. A temperature above 1 divides the logits first (Hinton, Vinyals and Dean 2015,
    arXiv:1503.02531, eq. 1): a network that is sure of its own picture then still has others to rule out.
    """

    classes: tuple[int, ...]
    weights: tuple[float, ...] = ()  # one for each class; empty: all count alike and add up to 1
    certainty: float = 0.0
    temperature: float = 1.0  # of the log-probability

    def __post_init__(self) -> None:
        if not self.classes or len(self.weights) not in (0, len(self.classes)) or self.temperature <= 0:
            raise ValueError(
                f"expected at least one class, no weights or one for each, temperature > 0; got {self}"
            )

    @property
    def layers(self) -> tuple[str, ...]:
        """The scores of the classes."""
        return (LOGITS,)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,) of logits (N, classes)."""
        logits = outputs[LOGITS]
        weights = self.weights or (1 / len(self.classes),) * len(self.classes)
        score = logits[:, list(self.classes)] @ logits.new_tensor(weights)
        if self.certainty:
            log_shares = nn.functional.log_softmax(logits / self.temperature, dim=1)[:, list(self.classes)]
            score = score + self.certainty * log_shares.logsumexp(1)
        return score

    def answers(self, outputs: Outputs) -> Tensor:
        """The probability of each class."""
        return outputs[LOGITS].softmax(1)[:, list(self.classes)]


@dataclass(frozen=True, kw_only=True)
class ChannelObjective:
    """How strongly a channel answers anywhere: the mean over its map of each answer times its size.

    So a few strong answers count more than many weak ones (Mordvintsev, Olah and Tyka 2015, "Inceptionism").
    """

    layer: str
    channel: int

    @property
    def layers(self) -> tuple[str, ...]:
        """The channel's layer."""
        return (self.layer,)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,) of activations (N, C, H, W) or (N, C)."""
        maps = _channel(outputs[self.layer], self.channel)
        return (nn.functional.leaky_relu(maps, SILENT_SLOPE) * maps.abs()).flatten(1).mean(1)

    def answers(self, outputs: Outputs) -> Tensor:
        """The mean answer over the map, (N, 1)."""
        return _channel(outputs[self.layer], self.channel).flatten(1).mean(1, keepdim=True)


@dataclass(frozen=True, kw_only=True)
class NeuronObjective:
    """How strongly the one neuron in the middle of a channel's map answers."""

    layer: str
    channel: int

    @property
    def layers(self) -> tuple[str, ...]:
        """The neuron's layer."""
        return (self.layer,)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,) of activations (N, C, H, W) or (N, C)."""
        return self.answers(outputs)[:, 0]

    def answers(self, outputs: Outputs) -> Tensor:
        """The neuron's answer, (N, 1)."""
        maps = _channel(outputs[self.layer], self.channel)
        middle = maps[:, maps.shape[1] // 2, maps.shape[2] // 2] if maps.ndim == 3 else maps
        return middle.reshape(-1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class DirectionObjective:
    """How far a layer's answers, averaged over the image, reach into a direction of its channels.

    The dot product, times the cosine to the power `narrow`: 0 asks for as much as possible, more asks that
    little else be there (Olah et al. 2017; Lucid's `dot_compare` in lucid/optvis/objectives.py).
    """

    layer: str
    direction: Tensor  # (C,), any length
    narrow: float = 0.0

    @property
    def layers(self) -> tuple[str, ...]:
        """The layer in question."""
        return (self.layer,)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,) of activations (N, C, H, W) or (N, C)."""
        answer, cosine = self._along(outputs)
        return answer * cosine.clamp_min(0.1) ** self.narrow

    def answers(self, outputs: Outputs) -> Tensor:
        """The cosine of the angle between the mean answer and the direction, (N, 1)."""
        return self._along(outputs)[1].unsqueeze(1)

    def _along(self, outputs: Outputs) -> tuple[Tensor, Tensor]:
        activation = outputs[self.layer]
        mean = activation.flatten(2).mean(2) if activation.ndim == 4 else activation
        way = nn.functional.normalize(self.direction.to(mean), dim=0)
        along = mean @ way
        return along, along / mean.norm(dim=1).clamp_min(1e-12)


@dataclass(frozen=True, kw_only=True, eq=False)
class SumObjective:
    """Several objectives at once, each by its weight."""

    parts: tuple[tuple[Objective, float], ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of all parts."""
        return tuple(dict.fromkeys(layer for part, _ in self.parts for layer in part.layers))

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return torch.stack([weight * part(outputs) for part, weight in self.parts]).sum(0)

    def answers(self, outputs: Outputs) -> Tensor:
        """The answers of every part, side by side."""
        return torch.cat([part.answers(outputs) for part, _ in self.parts], dim=1)


def _channel(activation: Tensor, channel: int) -> Tensor:
    """One channel of (N, C, H, W) or (N, C).

    Raises:
        ValueError: when there is no such channel.
    """
    if not 0 <= channel < activation.shape[1]:
        raise ValueError(f"expected a channel from 0 to {activation.shape[1] - 1}, got {channel}")
    return activation[:, channel]


def total_variation(images: Tensor, power: int = 1) -> Tensor:
    """Mean difference between neighbours: mean |x[i+1, j] - x[i, j]|^p + mean |x[i, j+1] - x[i, j]|^p.

    The means run over all images, channels and pairs of neighbours, so that the size of an image does not
    change what a weight means. Power 1 keeps edges and is the total variation of Rudin, Osher and Fatemi
    (1992, doi:10.1016/0167-2789(92)90242-F) in its anisotropic form; power 2 blurs them (Mahendran and
    Vedaldi 2015, arXiv:1412.0035, eq. 4, with beta = 2).

    Args:
        images: (N, C, H, W), any range; H and W at least 2.
        power: 1 or 2.

    Returns:
        A scalar, at least 0; 0 for an image of one colour.
    """
    if power not in (1, 2):
        raise ValueError(f"expected power 1 or 2, got {power}")
    down = images[..., 1:, :] - images[..., :-1, :]
    right = images[..., 1:] - images[..., :-1]
    if power == 1:
        return down.abs().mean() + right.abs().mean()
    return down.square().mean() + right.square().mean()
