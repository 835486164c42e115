"""The handlers of the Ideal image tab that draw what the dials ask for, hold it and take it up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import gradio as gr

from core.architectures import imagenet_classes
from core.backbone import BACKBONES, Backbone, load_backbone
from core.errors import UserError
from core.featurevis import NOISE, OTHER_START, Goal, Recipe, judge_of
from core.featurevis.opinion import IMAGENET_CLASSES
from core.images import centre_square, to_tensor
from core.texts import Section
from demos._classes import short_name
from demos._dial_setter import CATDOG, network_that_draws
from demos._film import Film, Shown
from demos._handlers import end_running, explained, latest_only, session_of
from demos._photos import open_photo
from demos._sessions import SESSIONS
from demos.ideal_image_dials import (
    FIRST,
    PHOTO,
    Dials,
)
from demos.ideal_image_work import BICUBIC, JOB, Work, begin, keep_work, photo_spectrum, work_of

MORE_STEPS = 64  # of one press of the button that goes on
REPLAY_SECONDS = 1 / 24


def _begun_elsewhere(recipes: Sequence[Recipe]) -> list[Recipe]:
    """Recipes of what goes on from a picture, which they cannot bring back."""
    return [replace(each, start=OTHER_START) for each in recipes]


def _drawn(session: str) -> Work:
    """The session's drawing, with at least one picture.

    Raises:
        UserError: when nothing is drawn yet.
    """
    work = work_of(session)
    if work is None or not work.film.kept:
        raise UserError("ideal_image.nothing_drawn")
    return work


class Drawer:
    """Draws what a page asks for, and tells of it in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.first = FIRST
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server
        self.kept_example: tuple[Work, list[Shown]] | None = None

    @explained
    @latest_only(JOB)
    def open(self, asked: bool, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Draw what a link asked for, else the worked example: drawn once for everybody, then replayed."""
        SESSIONS.open(session_of(request))
        if asked:
            yield from self._draw(Dials.of(values), session_of(request), request, by_hand=False)
            return
        if self.kept_example:
            yield from self._replay(*self.kept_example, session_of(request))
            return
        work, drawn = self._begin([self.first], load_backbone(self.first.network), None), []
        keep_work(session_of(request), work)
        for shown in work.frames(session_of(request)):
            drawn.append(shown)
            yield shown
        self.kept_example = work, drawn

    @explained
    @latest_only(JOB)
    def draw(self, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Draw one image or four, showing them as they grow; a second start replaces the first."""
        SESSIONS.open(session_of(request))
        yield from self._draw(Dials.of(values), session_of(request), request)

    @explained
    @latest_only(JOB)
    def branch(self, event: gr.EventData, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Draw on from the frame that is looked at, with the dials as they are now."""
        dials, session = Dials.of(values), session_of(request)
        SESSIONS.open(session)
        yield from self._draw(dials, session, request, began_at=self._looked_at(session, event))

    @explained
    def hold(self, request: gr.Request) -> None:
        """End the run before its next step; the drawing stays."""
        end_running(session_of(request), JOB)

    @explained
    def go_on(self, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Take the drawing up where it was ended; one that is done gets more steps.

        The page asks again when it hears nothing, and says which leg it knows: nothing is begun twice.
        """
        work = work_of(session_of(request))
        if work is None:
            raise UserError("ideal_image.nothing_drawn")
        known = event._data.get("leg") if isinstance(event._data, dict) else None
        if isinstance(known, int) and work.film.leg > known:
            return
        if work.drawings[0].done >= work.drawings[0].steps:
            for each in work.drawings:
                each.extend(MORE_STEPS)
            work.film.recipes = _begun_elsewhere(work.recipes)
        yield from work.frames(session_of(request))

    def _draw(
        self,
        dials: Dials,
        session: str,
        request: gr.Request | None,
        began_at: int | None = None,
        by_hand: bool = True,
    ) -> Iterator[Shown]:
        backbone, known = network_that_draws(dials, request)
        recipes = known.recipes(backbone, self.texts)
        if began_at is not None:
            recipes = _begun_elsewhere(recipes)
        work = self._begin(recipes, backbone, self._starts(known, recipes, session, began_at))
        work.film.by_hand, work.film.began_at = by_hand, began_at
        keep_work(session, work)
        yield from work.frames(session)

    def _begin(self, recipes: Sequence[Recipe], backbone: Backbone, starts: Sequence[Any] | None) -> Work:
        judge = judge_of(backbone)
        film = Film(
            texts=self.texts,
            run=next(self.runs),
            recipes=recipes,
            names=[self._name(backbone, goal) for goal in recipes[0].goals],
            drawer=backbone.info.title,
            judge=BACKBONES[judge].title if judge and recipes[0].goals[0].kind == "class" else None,
            photo_spectrum=photo_spectrum,
        )
        return begin(backbone, recipes, starts, film)

    def _starts(
        self, dials: Dials, recipes: Sequence[Recipe], session: str, began_at: int | None
    ) -> list[Any] | None:
        """What each recipe begins from."""
        if began_at is None and dials["start"] == NOISE:
            return None
        if began_at is None and dials["start"] == PHOTO:
            photo, size = open_photo(dials["photo"])[0], recipes[0].settings.size
            return [to_tensor(centre_square(photo, size, 1.0, BICUBIC))] * len(recipes)
        kept = _drawn(session).film.kept
        shown = [to_tensor(pixels) for pixels in kept[max(kept) if began_at is None else began_at]]
        return shown if len(shown) == len(recipes) else [shown[-1]] * len(recipes)

    def _looked_at(self, session: str, event: gr.EventData) -> int:
        """The step of the frame that is looked at; the nearest that is kept."""
        kept = _drawn(session).film.kept
        step = event._data.get("step") if isinstance(event._data, dict) else None
        asked = step if isinstance(step, int) else max(kept)
        return min(kept, key=lambda each: abs(each - asked))

    def _replay(self, work: Work, drawn: Sequence[Shown], session: str) -> Iterator[Shown]:
        """Show a drawing again; the page gets one of its own, to go on with."""
        mine = work.copy(next(self.runs))
        keep_work(session, mine)
        for frame, *charts in drawn:
            yield frame | {"run": mine.film.run}, *charts  # type: ignore[misc]
            time.sleep(REPLAY_SECONDS)

    def _name(self, backbone: Backbone, goal: Goal) -> str:
        """What a goal is called."""
        if goal.kind != "class":
            return self.texts(f"goal_names.{goal.kind}", layer=goal.layer, index=goal.index)
        if len(backbone.classes) == IMAGENET_CLASSES:
            return short_name(imagenet_classes()[goal.index])
        if backbone.name == "vgg16_catdog":
            return self.texts(f"catdog.{CATDOG[goal.index]}")
        return backbone.classes[goal.index]
