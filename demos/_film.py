"""What the page shows of a drawing: frames, how sure two networks are, and what pulls at the picture."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.featurevis import IdealImageStep, Recipe, write_png
from core.images import data_uri, jpeg, to_uint8
from core.texts import Section

FRAME_SECONDS = 1 / 12  # the shortest time between two frames that are encoded and sent
OPINIONS = 12  # how often in a run the second network is asked

Points = list[tuple[int, float]]
Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


@dataclass
class Film:
    """One run, of one rung or of several that advance together."""

    texts: Section
    run: int
    recipes: Sequence[Recipe]
    name: str  # of the class
    drawer: str  # titles of the networks
    judge: str
    sure: dict[str, Points] = field(default_factory=lambda: defaultdict(list))
    opinions: dict[str, Points] = field(default_factory=lambda: defaultdict(list))
    pulls: dict[str, Points] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    last_shown: float = 0.0

    @property
    def rungs(self) -> list[str]:
        """The rungs in the order of the pictures."""
        return [recipe.rung for recipe in self.recipes]

    def add(self, rung: str, step: IdealImageStep) -> None:
        """Take note of a step's figures."""
        self.sure[rung].append((step.step, round(step.probability, 4)))
        self.pulls["objective"].append((step.step, step.objective_gradient))
        self.pulls["variation"].append((step.step, step.variation_gradient))

    def add_opinion(self, rung: str, step: IdealImageStep, probability: float) -> None:
        """Take note of what the judge says of a step."""
        self.opinions[rung].append((step.step, round(probability, 4)))

    def wants_opinion(self, step: IdealImageStep) -> bool:
        """Whether the judge should look at this step; it always sees the last."""
        return step.step % max(1, step.steps // OPINIONS) == 0 or step.step == step.steps

    def is_due(self, step: IdealImageStep) -> bool:
        """Whether it is time for another frame; the last step always is one."""
        return step.step == step.steps or time.monotonic() - self.last_shown >= FRAME_SECONDS

    def waiting(self) -> Shown:
        """What the page shows before the first step."""
        return {"run": self.run, "state": "waiting"}, {}, {}

    def shown(self, steps: Sequence[IdealImageStep]) -> Shown:
        """The newest frame, one step for each rung, and the curves up to it."""
        self.last_shown = time.monotonic()
        self.sent += 1
        now, last = steps[0].step, steps[0].steps
        frame = {
            "run": self.run,
            "state": "done" if now == last else "running",
            "step": now,
            "steps": last,
            "sent": self.sent,
            "pictures": [
                self._picture(recipe, step) for recipe, step in zip(self.recipes, steps, strict=True)
            ],
        }
        if len(self.rungs) > 1:
            return (
                frame,
                self._sureness("probability_title", self._by_rung(self.sure), last),
                self._judged(last),
            )
        own = {
            self.texts("drawn_by", network=self.drawer): self.sure[self.rungs[0]],
            self.texts("judged_by", network=self.judge): self.opinions[self.rungs[0]],
        }
        return frame, self._sureness("probability_title", own, last), self._pulls(last)

    def _picture(self, recipe: Recipe, step: IdealImageStep) -> dict[str, str]:
        """A quick JPEG on the way; at the end a PNG with the recipe in it, which is what Save saves."""
        facts = {
            "name": self.name,
            "probability": f"{step.probability:.0%}",
            "opinion": f"{self.opinions[recipe.rung][-1][1]:.0%}",
            "step": step.step,
        }
        last = step.step == step.steps
        encoded = write_png(step.image, recipe) if last else jpeg(to_uint8(step.image)[0], quality=90)
        picture = {
            "image": data_uri(encoded),
            "caption": self.texts("caption", **facts),
            "alt": self.texts("alt", **facts),
        }
        return picture | {"title": self.texts(f"rungs.{recipe.rung}")} if len(self.rungs) > 1 else picture

    def _by_rung(self, curves: dict[str, Points]) -> dict[str, Points]:
        return {self.texts(f"rungs.{rung}"): curves[rung] for rung in self.rungs}

    def _judged(self, steps: int) -> dict[str, Any]:
        return self._sureness("opinion_title", self._by_rung(self.opinions), steps)

    def _sureness(self, title: str, curves: dict[str, Points], steps: int) -> dict[str, Any]:
        fixed = {"y": self.texts("probability"), "y_range": (0, 1), "percent": True}
        return self._chart(title, curves, steps) | fixed

    def _pulls(self, steps: int) -> dict[str, Any]:
        curves = {self.texts(f"pulls.{name}"): points for name, points in self.pulls.items()}
        return self._chart("pull_title", curves, steps) | {"y": self.texts("pull")}

    def _chart(self, title: str, curves: dict[str, Points], steps: int) -> dict[str, Any]:
        return {
            "title": self.texts(title),
            "x": self.texts("step"),
            "x_range": (0, steps),
            "series": [{"name": name, "points": list(points)} for name, points in curves.items()],
        }
