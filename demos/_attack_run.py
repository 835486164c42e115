"""What the page shows of one attack: the pictures, the bars and the curve of each step, then the verdict."""

from __future__ import annotations

import time
from dataclasses import InitVar, dataclass, field
from typing import Any

from PIL import Image

from core.attacks import AttackStep, Verdict
from core.backbone import Backbone
from core.errors import UserError
from core.images import data_uri, png, to_uint8
from core.texts import load_section
from demos._classes import short_name
from demos._shared import probability
from demos._verdict import verdict_table

FRAME_SECONDS = 1 / 12
SHOWN_CLASSES = 3

# The values of the wipe, the bars, the curve and the verdict
Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]


@dataclass
class AttackRun:
    """One attack and what it has shown so far."""

    backbone: Backbone
    picture: InitVar[Image.Image]
    target: int | None
    image: Any = field(init=False)  # (1, 3, S, S) in [0, 1]
    original: str = field(init=False)  # data URI
    before: list[float] = field(init=False)  # probabilities of the classes for the photo
    rows: list[int] = field(init=False)  # the classes whose bars are shown
    curves: dict[int, list[tuple[int, float]]] = field(init=False)
    last_shown: float = 0.0

    def __post_init__(self, picture: Image.Image) -> None:
        self.image = self.backbone.preprocess(picture)
        self.original = data_uri(png(to_uint8(self.image)[0]))

    def add(self, step: AttackStep) -> None:
        """Take note of a step."""
        probabilities = step.probabilities[0].tolist()
        if step.step == 0:
            self._begin(probabilities)
        for index, points in self.curves.items():
            points.append((step.step, probabilities[index]))

    def _begin(self, probabilities: list[float]) -> None:
        ranked = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
        if self.target == ranked[0]:
            raise UserError("attack.already", target=self._name(ranked[0]))
        self.before = probabilities
        wanted = [] if self.target is None else [self.target]
        self.rows = list(dict.fromkeys([*ranked[:SHOWN_CLASSES], *wanted]))
        self.curves = {index: [] for index in (ranked[0], *wanted)}

    def is_due(self, step: AttackStep) -> bool:
        """Whether to show this step: the first, the last, and as many between as the eye can follow."""
        now = time.monotonic()
        due = step.step in (0, step.steps) or now - self.last_shown >= FRAME_SECONDS
        if due:
            self.last_shown = now
        return due

    def shown(self, step: AttackStep) -> Shown:
        """The picture, bars and curve of a step; no verdict yet."""
        return self._pictures(step, data_uri(png(to_uint8(step.adversarial)[0]))), *self._figures(step), ""

    def judged(self, step: AttackStep, judged: Verdict) -> Shown:
        """The end: the picture is the very file that was judged."""
        table = verdict_table(judged, self.backbone.classes, self.target)
        return self._pictures(step, data_uri(judged.png)), *self._figures(step), table

    def _pictures(self, step: AttackStep, adversarial: str) -> dict[str, Any]:
        now = step.probabilities[0].tolist()
        return {
            "original": self.original,
            "adversarial": adversarial,
            "before": self._says(self.before),
            "after": self._says(now),
        }

    def _figures(self, step: AttackStep) -> tuple[dict[str, Any], dict[str, Any]]:
        texts = load_section("adversarial")
        now = step.probabilities[0].tolist()
        groups = [
            {"title": texts("before"), "rows": self._bars(self.before)},
            {"title": texts("now"), "rows": self._bars(now)},
        ]
        series = [
            {"name": self._name(index), "points": points} for index, points in reversed(self.curves.items())
        ]
        curve = {
            **texts.tree("curve"),
            "percent": True,
            "x_range": [0, step.steps],
            "y_range": [0, 1],
            "series": series,
        }
        return {"groups": groups}, curve

    def _bars(self, probabilities: list[float]) -> list[dict[str, Any]]:
        marks = {self.rows[0]: "warm", self.target: "accent"}
        return [
            {"label": self._name(index), "share": probabilities[index], "mark": marks.get(index)}
            for index in self.rows
        ]

    def _says(self, probabilities: list[float]) -> str:
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return load_section("adversarial")(
            "says", label=self._name(best), percent=probability(probabilities[best])
        )

    def _name(self, index: int) -> str:
        return short_name(self.backbone.classes[index])
