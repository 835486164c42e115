"""A drawing at work: kept by a page's session, so that it can be taken up and branched from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image

from core.backbone import Backbone, load_backbone
from core.featurevis import (
    Drawing,
    IdealImageStep,
    Recipe,
    draw_steps,
    judge_of,
    judged_classes,
    objective_of,
    power_spectrum,
    require_goals,
    second_opinion,
)
from core.images import centre_square, open_image, to_tensor
from core.runner import run_once, run_steps
from core.samples import available_samples, sample_path
from demos._film import Film, Shown
from demos._sessions import SESSIONS

BICUBIC = Image.Resampling.BICUBIC
JOB = "ideal_image"
_KEPT = "ideal_image"


@dataclass(eq=False)
class Work:
    """One drawing with all that is needed to go on with it."""

    backbone: Backbone
    judge: Backbone | None
    drawings: Sequence[Drawing]
    film: Film

    @property
    def recipes(self) -> Sequence[Recipe]:
        """What is drawn, one for each rung."""
        return self.film.recipes

    def copy(self, run: int) -> Work:
        """The same drawing as another run."""
        return replace(self, drawings=[each.copy() for each in self.drawings], film=self.film.copy(run))

    def frames(self, session: str) -> Iterator[Shown]:
        """What the page shows of the run from where it stands; only shown frames are encoded."""
        film, goals = self.film, self.recipes[0].goals
        film.leg += 1
        yield film.waiting()
        film.began, film.opinion_seconds = time.monotonic(), 0.0
        settings = self.recipes[-1].settings
        objective = objective_of(goals, settings.certainty, settings.temperature)
        running = run_steps(draw_steps, self.backbone, objective, self.drawings, session=session, job=JOB)
        with closing(running):
            for steps in running:
                last = steps[0].step == steps[0].steps
                film.add(steps)
                if not film.is_due(last):
                    continue
                film.keep(steps)
                if film.wants_opinion(last):
                    self._judge(steps, session)
                yield film.shown(steps)
        yield from self._judge_the_rest(session)

    def _judge(self, steps: Sequence[IdealImageStep], session: str) -> None:
        started = time.monotonic()
        shares = run_once(self._opinions, session, [step.image for step in steps])
        self.film.add_opinion(steps[0].step, shares, time.monotonic() - started)

    def _judge_the_rest(self, session: str) -> Iterator[Shown]:
        """The judge's word on every kept frame, which there was no time for while the picture grew."""
        unjudged = self.film.unjudged()
        for step in unjudged:
            images = [to_tensor(pixels) for pixels in self.film.kept[step]]
            self.film.add_opinion(step, run_once(self._opinions, session, images))
        if unjudged:
            yield self.film.judged_late(self.drawings[0].steps)

    def _opinions(self, images: Sequence[object]) -> list[list[float]]:
        """For each image what the judge says of each class that is drawn."""
        assert self.judge is not None
        return [
            [second_opinion(self.judge, image, classes) for classes in self.film.judged]  # type: ignore[arg-type]
            for image in images
        ]


def begin(backbone: Backbone, recipes: Sequence[Recipe], starts: Sequence[object] | None, film: Film) -> Work:
    """Prepare a drawing.

    Args:
        starts: an image (1, 3, H, W) for each recipe to begin from; None begins from noise.
        film: of these recipes.

    Raises:
        ValueError: when the network lacks what is asked for.
    """
    require_goals(backbone, recipes[0].goals)
    begins = starts or [None] * len(recipes)
    drawings = [
        Drawing(each.settings, start=start, device=backbone.device)  # type: ignore[arg-type]
        for each, start in zip(recipes, begins, strict=True)
    ]
    judge = judge_of(backbone) if film.of_classes else None
    film.judged = [judged_classes(backbone, goal.index) for goal in recipes[0].goals] if judge else ()
    return Work(
        backbone=backbone, judge=load_backbone(judge) if judge else None, drawings=drawings, film=film
    )


def keep_work(session: str, work: Work) -> None:
    """Keep a drawing until the session ends or another one takes its place."""
    SESSIONS.put(session, _KEPT, work)


def work_of(session: str) -> Work | None:
    """The session's drawing."""
    found: Work | None = SESSIONS.get(session, _KEPT)
    return found


@lru_cache(maxsize=8)
def photo_spectrum(size: int) -> tuple[tuple[float, float], ...]:
    """The power spectrum of the sample photos of this machine, at the size of a picture."""
    names = available_samples("photo")[:3]
    squares = [centre_square(open_image(sample_path(name)), size, 1.0, BICUBIC) for name in names]
    spectra = [power_spectrum(to_tensor(square)) for square in squares]
    return tuple(
        (points[0][0], sum(power for _, power in points) / len(points))
        for points in zip(*spectra, strict=True)
    )
