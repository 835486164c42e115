"""What the page shows of one attack: the pictures, the bars and the curve of each step, then the verdict."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from core.attacks import AttackStep, SearchStep, Verdict
from core.attacks.verdict import ask
from core.attacks.views import View, fitting, own_size, world
from core.backbone import Backbone
from core.errors import UserError
from core.images import Pixels, data_uri, png, to_tensor, to_uint8
from core.runner import run_once
from core.texts import load_section
from demos._classes import short_name
from demos._shared import probability
from demos._verdict import verdict_table
from demos.adversarial_dials import ANYTHING, EXAMPLE_TARGET, LEAST_LIKELY, RANDOM, Dials
from demos.adversarial_work import MOST_FRAMES

FRAME_SECONDS = 1 / 12
SHOWN_CLASSES = 3

# The values of the wipe, the bars, the curve and the verdict
Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]


@dataclass
class AttackRun:
    """One attack and what it has shown so far."""

    backbone: Backbone
    picture: Image.Image
    dials: Dials
    target: int | None = None
    attacks: bool = True  # else the photo is only shown as it is
    by_hand: bool = True  # begun by the visitor, not by the page; a task is done by hand only
    image: Any = field(init=False)  # (1, 3, H, W) in [0, 1], what is changed
    view: View | None = field(init=False)  # what stands between it and the network
    original: str = field(init=False)  # data URI
    before: list[float] = field(init=False)  # probabilities of the classes for the photo
    rows: list[int] = field(init=False)  # the classes whose bars are shown
    curves: dict[int, list[tuple[int, float]]] = field(init=False)
    frames: list[tuple[Pixels, float, float]] = field(default_factory=list)
    last_shown: float = 0.0

    def __post_init__(self) -> None:
        self.view = world() if self.dials.survive else None
        if not self.dials.own_size:
            self.image = self._cut()
        else:
            self.image = to_tensor(fitting(self.picture)).to(self.backbone.device)
            height, width = self.image.shape[2:]
            self.view = own_size(self.backbone, height, width, then=self.view)
        self.original = data_uri(png(self._pixels(self.image)))

    def _cut(self) -> Any:
        """What the network sees of the photo; a saved file, of exactly that size, was cut before."""
        side = self.backbone.input_size
        if self.picture.size == (side, side):
            return to_tensor(self.picture.convert("RGB")).to(self.backbone.device)
        return self.backbone.preprocess(self.picture)

    def aim(self, session: str) -> None:
        """Settle the target; one that depends on the photo needs the network's answer.

        Raises:
            UserError: when the network says the target already.
        """
        whole = [Image.fromarray(self._pixels(self.image))]
        found = run_once(ask, session, self.backbone, whole)[0]
        said, target = int(found.argmax()), self.dials.target
        if target == LEAST_LIKELY:
            target = int(found.argmin())
        elif target == RANDOM:
            drawn = int(np.random.default_rng(self.dials.seed).integers(len(found) - 1))
            target = drawn + (drawn >= said)
        self.target = None if target == ANYTHING else target
        if self.target is not None and self.target >= len(found):
            raise UserError("attack.no_target")
        if self.target == said:
            raise UserError("attack.already", target=self.name(said))

    def add(self, step: AttackStep) -> None:
        """Take note of a step."""
        probabilities = step.probabilities[0].tolist()
        if step.step == 0:
            self._begin(probabilities)
        if self.target is None:  # what it leads to is known only on the way
            best = max(range(len(probabilities)), key=probabilities.__getitem__)
            if best not in self.curves and best not in self.rows:
                self.rows = [*self.rows[:SHOWN_CLASSES], best]
        for index, points in self.curves.items():
            points.append((step.step, probabilities[index]))
        if step.step % max(1, -(-step.steps // MOST_FRAMES)) == 0 or step.step == step.steps:
            goal = self.target if self.target is not None else self.rows[-1]
            picture = self._pixels(step.adversarial)
            self.frames.append((picture, probabilities[self.rows[0]], probabilities[goal]))

    def _begin(self, probabilities: list[float]) -> None:
        ranked = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
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
        changed = data_uri(png(self._pixels(step.adversarial)))
        pictures = self._pictures(step, self.original, changed)
        if self.attacks:
            texts = load_section("adversarial")
            pictures["told"] = texts("verdict.running", step=step.step, steps=step.steps)
        return pictures, *self._figures(step), self._under_way(step)

    def _under_way(self, step: AttackStep) -> str:
        """How far the attack is, and what stands there once it is stopped."""
        if not self.attacks:
            return f"<p>{html.escape(load_section('adversarial')('not_yet'))}</p>"
        names = ("judging" if step.step == step.steps else "running", "stopped")
        going, held = (
            html.escape(load_section("adversarial")(f"verdict.{name}", step=step.step, steps=step.steps))
            for name in names
        )
        return f'<p class="headline under-way"><span>{going}</span><span class="held">{held}</span></p>'

    def judged(self, step: AttackStep, judged: Verdict) -> Shown:
        """The end: the picture is the very file that was judged."""
        table = verdict_table(judged, self.backbone.classes, self.target, self.dials)
        original = data_uri(png(to_uint8(self.image)[0]))
        goal = "example" if self.dials.target == EXAMPLE_TARGET else "own_goal"
        told: dict[str, Any] = {"did": {"fooled": goal}} if judged.succeeded and self.by_hand else {}
        told["told"] = load_section("adversarial")("verdict.won" if judged.succeeded else "verdict.lost")
        return self._pictures(step, original, data_uri(judged.png)) | told, *self._figures(step), table

    def name(self, index: int) -> str:
        """A class as people call it."""
        return short_name(self.backbone.classes[index])

    def _pixels(self, images: Any) -> Pixels:
        """What is shown of images on the way: what the network gets."""
        whole: Pixels = to_uint8(images)[0]
        if self.dials.own_size:
            whole = to_uint8(self.backbone.preprocess(Image.fromarray(whole)))[0]
        return whole

    def _pictures(self, step: AttackStep, original: str, adversarial: str) -> dict[str, Any]:
        now = step.probabilities[0].tolist()
        return {
            "original": original,
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
        if isinstance(step, SearchStep) and bool(step.sizes.isfinite().all()):
            words = f"smallest_so_far.{self.dials.norm}"
            groups[1]["note"] = texts(words, size=float(step.sizes[0]))
        series = [
            {"name": self.name(index), "points": points} for index, points in reversed(self.curves.items())
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
            {"label": self.name(index), "share": probabilities[index], "mark": marks.get(index)}
            for index in self.rows
        ]

    def _says(self, probabilities: list[float]) -> str:
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return load_section("adversarial")(
            "says", label=self.name(best), percent=probability(probabilities[best])
        )
