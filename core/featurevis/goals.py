"""What a person wants drawn, as data that a file or a link can carry: classes, a channel, a neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from core.backbone import Backbone
from core.featurevis.objectives import (
    ChannelObjective,
    ClassObjective,
    NeuronObjective,
    Objective,
    SumObjective,
)
from core.featurevis.optimize import require_class
from core.layer_table import layer_table

Kind = Literal["class", "channel", "neuron"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_GOALS = 4
WEIGHTS = (0.05, 1.0)  # of a goal beside others


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One thing to draw."""

    kind: Kind = "class"
    index: int  # of the class, or of the channel in its layer
    layer: str = ""  # of a channel or neuron
    weight: float = 1.0  # beside other goals

    def allowed(self) -> bool:
        """Whether it is well formed; a network may still lack it (`require_goals`)."""
        in_range = self.index >= 0 and WEIGHTS[0] <= self.weight <= WEIGHTS[1]
        return in_range and self.kind in KINDS and (self.kind == "class") == (not self.layer)

    def __str__(self) -> str:
        """As a link carries it: 284*0.5 or channel:block5_1:12."""
        place = str(self.index) if self.kind == "class" else f"{self.kind}:{self.layer}:{self.index}"
        return place if self.weight == 1 else f"{place}*{self.weight:g}"


def goals_from_text(text: str) -> tuple[Goal, ...]:
    """Goals joined by "+", as `str` of each gives them.

    Raises:
        ValueError: when it is nothing of the kind.
    """
    goals = tuple(_goal_from_text(part) for part in text.split("+"))
    if len(goals) > MOST_GOALS or not all(each.allowed() for each in goals):
        raise ValueError(f"no goals: {text!r}")
    return goals


def _goal_from_text(text: str) -> Goal:
    place, _, weight = text.partition("*")
    *where, index = place.split(":")
    told = {"index": int(index), "weight": float(weight) if weight else 1.0}
    if not where:
        return Goal(**told)  # type: ignore[arg-type]
    kind, layer = where
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    return Goal(kind=kind, layer=layer, **told)  # type: ignore[arg-type]


def drawable_layers(backbone: Backbone) -> dict[str, int]:
    """The layers whose channels can be drawn, with a height and width, and their numbers of channels."""
    return {layer.name: layer.shape[0] for layer in layer_table(backbone) if len(layer.shape) == 3}


def require_goals(backbone: Backbone, goals: Sequence[Goal]) -> None:
    """Check that a network has all that is asked for.

    Raises:
        ValueError: when it has not, or nothing is asked for.
        WeightsError: when classes are asked for and it has no head.
    """
    if not goals:
        raise ValueError("expected at least one goal")
    channels = drawable_layers(backbone) if any(each.layer for each in goals) else {}
    for goal in goals:
        if goal.kind == "class":
            require_class(backbone, goal.index)
        elif not 0 <= goal.index < channels.get(goal.layer, 0):
            raise ValueError(f"{backbone.name} has no channel {goal.index} in {goal.layer}")


def objective_of(goals: Sequence[Goal], certainty: float = 0.0, temperature: float = 1.0) -> Objective:
    """The objective that asks for all goals, each by its weight.

    Args:
        goals: at least one; classes come first in the answers.
        certainty: of the classes' log-probability, as in `ClassObjective`; so is `temperature`.
    """
    classes = [each for each in goals if each.kind == "class"]
    parts: list[tuple[Objective, float]] = []
    if classes:
        indices, weights = (tuple(each.index for each in classes), tuple(each.weight for each in classes))
        wanted = ClassObjective(
            classes=indices, weights=weights, certainty=certainty, temperature=temperature
        )
        parts.append((wanted, 1.0))
    for each in goals:
        if each.kind == "channel":
            parts.append((ChannelObjective(layer=each.layer, channel=each.index), each.weight))
        elif each.kind == "neuron":
            parts.append((NeuronObjective(layer=each.layer, channel=each.index), each.weight))
    return parts[0][0] if len(parts) == 1 and parts[0][1] == 1 else SumObjective(parts=tuple(parts))
