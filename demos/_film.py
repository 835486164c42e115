"""What the page shows of a drawing: frames, how sure two networks are, and what pulls at the picture."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from core.featurevis import IdealImageStep, Recipe, power_spectrum, write_png
from core.images import Pixels, data_uri, jpeg, to_uint8
from core.texts import Section
from demos._shared import probability

FRAME_SECONDS = 1 / 8  # the shortest time between two frames that are encoded and sent
OPINION_SHARE = 0.08  # of the time that goes into second opinions while the picture grows
KEPT_BYTES = 48_000_000  # of pictures, to branch from and to make films of

Points = list[tuple[int, float]]
Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]


@dataclass
class Film:
    """One drawing, of one rung or of several that advance together; it may be ended and taken up again."""

    texts: Section
    run: int
    recipes: Sequence[Recipe]
    names: Sequence[str]  # of what is drawn: the classes or channels, as the answers are in order
    drawer: str  # titles of the networks
    judge: str | None
    photo_spectrum: Callable[[int], Sequence[tuple[float, float]]]
    by_hand: bool = True  # begun by the visitor, not by the page; a task is done by hand only
    began_at: int | None = None  # the step of the picture before that it goes on from
    judged: Sequence[Sequence[int]] = ()  # the judge's classes for each class that is drawn
    leg: int = 0  # rises each time it is taken up
    sure: dict[tuple[str, int], Points] = field(default_factory=lambda: defaultdict(list))
    opinions: dict[tuple[str, int], Points] = field(default_factory=lambda: defaultdict(list))
    pulls: dict[str, Points] = field(default_factory=lambda: defaultdict(list))
    kept: dict[int, list[Pixels]] = field(default_factory=dict)
    answered: dict[int, list[tuple[float, ...]]] = field(default_factory=dict)
    sent: int = 0
    last_shown: float = 0.0
    opinion_seconds: float = 0.0
    began: float = field(default_factory=time.monotonic)
    spectrum: dict[str, Any] = field(default_factory=dict)

    @property
    def rungs(self) -> list[str]:
        """The rungs in the order of the pictures."""
        return [recipe.rung for recipe in self.recipes]

    @property
    def of_classes(self) -> bool:
        """Whether classes are drawn, whose answers are probabilities."""
        return all(goal.kind == "class" for goal in self.recipes[0].goals)

    def copy(self, run: int) -> Film:
        """The same film as another run; what becomes of one does not touch the other."""
        own = {name: deepcopy(getattr(self, name)) for name in ("sure", "opinions", "pulls")}
        return replace(self, run=run, kept=dict(self.kept), answered=dict(self.answered), **own)

    def add(self, steps: Sequence[IdealImageStep]) -> None:
        """Take note of the figures of a step, one for each rung."""
        for rung, step in zip(self.rungs, steps, strict=True):
            for part, answer in enumerate(step.answers):
                self.sure[rung, part].append((step.step, round(answer, 4)))
        self.pulls["objective"].append((steps[0].step, steps[0].objective_gradient))
        self.pulls["variation"].append((steps[0].step, steps[0].variation_gradient))

    def keep(self, steps: Sequence[IdealImageStep]) -> None:
        """Keep the pictures of a step that is shown; every second older one goes when there are too many."""
        now = steps[0].step
        self.kept[now] = [to_uint8(step.image)[0] for step in steps]
        self.answered[now] = [step.answers for step in steps]
        size = sum(pixels.nbytes for pixels in self.kept[now])
        if len(self.kept) * size > KEPT_BYTES:
            for step in list(self.kept)[1:-1:2]:
                del self.kept[step]

    def wants_opinion(self, last: bool) -> bool:
        """Whether the judge should look at the frame that comes; it always sees the last one."""
        if self.judge is None:
            return False
        return last or self.opinion_seconds <= OPINION_SHARE * (time.monotonic() - self.began)

    def add_opinion(self, step: int, shares: Sequence[Sequence[float]], seconds: float = 0.0) -> None:
        """Take note of the judge's probabilities: for each rung, for each class."""
        self.opinion_seconds += seconds
        for rung, found in zip(self.rungs, shares, strict=True):
            for part, share in enumerate(found):
                self.opinions[rung, part] = sorted({*self.opinions[rung, part], (step, round(share, 4))})

    def unjudged(self) -> list[int]:
        """The kept frames that the judge has not seen."""
        if self.judge is None:
            return []
        seen = {step for step, _ in self.opinions[self.rungs[0], 0]}
        return [step for step in self.kept if step not in seen]

    def is_due(self, last: bool) -> bool:
        """Whether it is time for another frame; the last step always is one."""
        return last or time.monotonic() - self.last_shown >= FRAME_SECONDS

    def waiting(self) -> Shown:
        """What the page shows before the first step."""
        return {**self._message("waiting")}, {}, {}, {}

    def shown(self, steps: Sequence[IdealImageStep]) -> Shown:
        """The newest frame, one step for each rung, and the curves up to it."""
        self.last_shown = time.monotonic()
        self.sent += 1
        now, last = steps[0].step, steps[0].steps
        done = now == last
        pictures = [self._picture(place, step, done) for place, step in enumerate(steps)]
        if done:
            self.spectrum = self._spectrum(steps)
        drawn = {"did": {"drawn": "ladder" if len(self.rungs) > 1 else self.rungs[0]}}
        frame = self._message("done" if done else "running") | {
            "step": now,
            "steps": last,
            "sent": self.sent,
            "pictures": pictures,
            **(drawn if done and self.by_hand else {}),
        }
        return frame, *self.charts(last), self.spectrum

    def judged_late(self, steps: int) -> Shown:
        """The captions of all kept frames once the judge has seen them all, and its whole curve."""
        captions = {
            str(step): [self._caption(place, step, told) for place, told in enumerate(self.answered[step])]
            for step in self.kept
        }
        frame = self._message("done") | {"steps": steps, "sent": self.sent, "captions": captions}
        return frame, *self.charts(steps), self.spectrum

    def charts(self, steps: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """How sure the networks are, and what pulls; for several rungs the second opinion instead."""
        if len(self.rungs) > 1:
            second = self._chart("opinion_title", self._by_rung(self.opinions), steps)
            return self._chart("probability_title", self._by_rung(self.sure), steps), second
        curves = {}
        for part, name in enumerate(self.names):
            which = f": {name}" if len(self.names) > 1 else ""
            own = self.sure[self.rungs[0], part]
            curves[self.texts("drawn_by", network=self.drawer) + which] = own
            if self.judge and self.of_classes:
                judged = self.opinions[self.rungs[0], part]
                curves[self.texts("judged_by", network=self.judge) + which] = judged
        title = "probability_title" if self.of_classes else "answer_title"
        return self._chart(title, curves, steps), self._pulls(steps)

    def _message(self, state: str) -> dict[str, Any]:
        title = self.texts("drawn_title", name=" + ".join(self.names), network=self.drawer)
        if self.began_at is not None:
            title += " " + self.texts("drawn_on", step=self.began_at)
        return {"run": self.run, "leg": self.leg, "state": state, "title": title}

    def _picture(self, place: int, step: IdealImageStep, done: bool) -> dict[str, str]:
        """A quick JPEG on the way; at the end a PNG with the recipe in it, which is what Save saves."""
        recipe = self.recipes[place]
        encoded = write_png(step.image, recipe) if done else jpeg(self._pixels(place, step), quality=90)
        picture = {
            "image": data_uri(encoded),
            "caption": self._caption(place, step.step, step.answers),
            "alt": self.texts("alt", name=" + ".join(self.names), step=step.step),
        }
        return picture | {"title": self.texts(f"rungs.{recipe.rung}")} if len(self.rungs) > 1 else picture

    def _pixels(self, place: int, step: IdealImageStep) -> Pixels:
        return self.kept[step.step][place] if step.step in self.kept else to_uint8(step.image)[0]

    def _caption(self, place: int, step: int, answers: Sequence[float]) -> str:
        """What the network that draws says, and what the other one says or last said."""
        if not self.of_classes:
            return ". ".join(
                self.texts("answers", name=name, answer=f"{answer:.2f}")
                for name, answer in zip(self.names, answers, strict=True)
            )
        told = []
        for part, (name, answer) in enumerate(zip(self.names, answers, strict=True)):
            said = self.texts("seen", name=name, probability=probability(answer))
            opinions = [share for at, share in self.opinions[self.rungs[place], part] if at <= step]
            if opinions:
                said += " " + self.texts("opinion", opinion=probability(opinions[-1]))
            told.append(said)
        return " ".join(told)

    def _by_rung(self, curves: dict[tuple[str, int], Points]) -> dict[str, Points]:
        return {self.texts(f"rungs.{rung}"): curves[rung, 0] for rung in self.rungs}

    def _pulls(self, steps: int) -> dict[str, Any]:
        curves = {self.texts(f"pulls.{name}"): points for name, points in self.pulls.items()}
        return self._axes("pull_title", curves, steps) | {"y": self.texts("pull")}

    def _chart(self, title: str, curves: dict[str, Points], steps: int) -> dict[str, Any]:
        chart = self._axes(title, curves, steps)
        if not self.of_classes:
            return chart | {"y": self.texts("answer")}
        return chart | {"y": self.texts("probability"), "y_range": (0, 1), "percent": True}

    def _axes(self, title: str, curves: dict[str, Points], steps: int) -> dict[str, Any]:
        return {
            "title": self.texts(title),
            "x": self.texts("step"),
            "x_range": (0, steps),
            "by_step": True,
            "series": [{"name": name, "points": list(points)} for name, points in curves.items()],
        }

    def _spectrum(self, steps: Sequence[IdealImageStep]) -> dict[str, Any]:
        """The spectrum of the pictures beside that of a photo."""
        several = len(self.rungs) > 1
        curves = {
            self.texts(f"rungs.{rung}") if several else self.texts("spectrum_picture"): power_spectrum(
                step.image
            )
            for rung, step in zip(self.rungs, steps, strict=True)
        }
        curves[self.texts("spectrum_photo")] = list(self.photo_spectrum(steps[0].image.shape[-1]))
        return {
            "title": self.texts("spectrum_title"),
            "x": self.texts("frequency"),
            "y": self.texts("power"),
            "log": True,
            "log_x": True,
            "series": [{"name": name, "points": points} for name, points in curves.items()],
        }
