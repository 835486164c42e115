"""The handlers of the Ideal image tab: what the dials ask for, and what is drawn of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import gradio as gr

from core.architectures import imagenet_classes
from core.backbone import BACKBONES, Backbone, load_backbone, missing_checkpoints
from core.errors import UserError, WeightsError
from core.featurevis import Goal, Recipe, Settings, drawable_layers, judge_of, read_recipe
from core.featurevis.opinion import IMAGENET_CLASSES
from core.images import centre_square, to_tensor
from core.texts import Section
from demos._classes import imagenet_choices, short_name
from demos._film import Film, Shown
from demos._own_network import is_own, network_named
from demos._photos import open_photo
from demos._sessions import SESSIONS
from demos._shared import end_running, explained, latest_only, session_of
from demos.ideal_image_dials import (
    DIALS,
    FIRST,
    LINK,
    NETWORKS,
    NOTHING,
    PHOTO,
    SHOWN,
    Dials,
    link_of,
    recipe_of_link,
    usual_settings,
    values_of,
)
from demos.ideal_image_work import BICUBIC, JOB, Work, begin, keep_work, photo_spectrum, work_of

CATDOG = ("cat", "dog")
MORE_STEPS = 64  # of one press of the button that goes on
REPLAY_SECONDS = 1 / 24
# Set anew when another rung or network is chosen; what a person looks at, and its size, stay
OF_A_RUNG = tuple(
    name for name in DIALS if name in Settings.names() and name not in ("seed", "size", "steps")
)
LINKED = "ideal_image_linked"  # the network that a link or a file has just set
BEGINNING = {"second": NOTHING, "balance": 50, "channel": 0}  # of dials that the example does not use
OF_A_NETWORK = (*OF_A_RUNG, "steps", "size")


class Drawer:
    """Draws what a page asks for, and tells of it in the words of one language."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.first = FIRST
        self.runs = count(time.time_ns() // 1_000_000)  # rising also over restarts of the server
        self.kept_example: tuple[Work, list[Shown]] | None = None

    @explained
    def take_link(self, current: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """What the page's address asks for: the dials, the link below, and whether to draw it.

        Without settings it is the worked example.
        """
        asked = LINK.read(event)
        if not asked.settings:
            values = BEGINNING | values_of(self.first) if asked.given else {}
            shown = LINK.value(link_of([self.first]), asked.told())
            self._note_linked(self.first.network, current, request)
            return *self._dial_updates(values, self.first.network, request), shown, False
        recipe, way = recipe_of_link(asked.settings, self.first)
        values = values_of(recipe) | {"way": way}
        self._note_linked(recipe.network, current, request)
        shown = LINK.value(link_of([recipe]) | {"way": way}, asked.told())
        return *self._dial_updates(values, recipe.network, request), shown, True

    @explained
    @latest_only(JOB)
    def open(self, asked: bool, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Draw what a link asked for, else the worked example: drawn once for everybody, then replayed."""
        SESSIONS.open(session_of(request))
        if asked:
            yield from self._draw(Dials.of(values), session_of(request), request)
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
        yield from self._draw(dials, session, request, self._shown(session, event))

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
        yield from work.frames(session_of(request))

    @explained
    def load(self, path: str, current: str, request: gr.Request) -> tuple[Any, ...]:
        """Set every dial to what a saved picture says."""
        recipe = read_recipe(path)
        self._note_linked(recipe.network, current, request)
        if recipe.network not in NETWORKS:
            network_named(recipe.network, request)  # one's own classifier, if it is still there
        return self._dial_updates(values_of(recipe), recipe.network, request)

    @explained
    def tell_link(self, request: gr.Request, *values: Any) -> dict[str, Any]:
        """The link to what the dials ask for."""
        dials = Dials.of(values)
        if is_own(str(dials["network"])):
            return LINK.value({})
        recipes = dials.recipes(*self._known(dials, request)[:1], self.texts)
        return LINK.value(link_of(recipes))

    def chooser(self, index: int) -> Callable[..., tuple[Any, ...]]:
        """A handler that chooses one class."""

        def handler(network: str, way: str, request: gr.Request) -> tuple[Any, ...]:
            return self.choose(index, network, way, request)

        return handler

    @explained
    def choose(self, index: int, network: str, way: str, request: gr.Request) -> tuple[Any, ...]:
        """One of the ImageNet classes under the thumb; where the network does not know it, one that does."""
        if not (is_own(network) or network == "vgg16_catdog" or missing_checkpoints(network, whole=True)):
            return self._dial_updates({"kind": "class", "wanted": index}, None, request)
        known = self.first.network
        values = self._usual(known, way) | {
            "network": known,
            "kind": "class",
            "wanted": index,
            "second": NOTHING,
        }
        return self._dial_updates(values, known, request)

    @explained
    def choose_class(
        self, network: str, wanted: int | None, way: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """The class that was searched for; it may need the network that knows it."""
        if wanted is None or knowing(network, wanted)[0] == network:
            return self._dial_updates({}, None, request)
        return self.choose(knowing(network, wanted)[1], network, way, request)

    @explained
    def change_network(
        self, network: str, wanted: int | None, way: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """The classes and layers of another network, and its usual dials for this rung."""
        linked = SESSIONS.get(session_of(request), LINKED)
        SESSIONS.put(session_of(request), LINKED, None)
        absent = not is_own(network) and bool(missing_checkpoints(network, whole=True))
        if absent or linked == network:
            # the picker offers to download it, or all dials were set together with it
            return self._dial_updates({}, None, request)
        classes = {index for _, index in self.choices(network, request)}
        keep = wanted if wanted in classes and network != "vgg16_catdog" and not is_own(network) else None
        first = self.first.goals[0].index if len(classes) == IMAGENET_CLASSES else 0
        values = {"wanted": first if keep is None else keep, "second": NOTHING, **self._usual(network, way)}
        return self._dial_updates(values, network, request)

    @explained
    def change_way(self, network: str, way: str, request: gr.Request) -> tuple[Any, ...]:
        """The dials of another rung."""
        usual = usual_settings(network, way)
        return self._dial_updates({name: getattr(usual, name) for name in OF_A_RUNG}, None, request)

    def _note_linked(self, network: str, current: str, request: gr.Request) -> None:
        """A link or a file sets the network with all its dials: its change is then no new choice."""
        SESSIONS.open(session_of(request))
        SESSIONS.put(session_of(request), LINKED, network if network != current else None)

    def choices(self, network: str, request: gr.Request | None = None) -> list[tuple[str, int]]:
        """What can be drawn, by the names that a person reads: a network's classes, then what others know."""
        if is_own(network):
            return [(name, index) for index, name in enumerate(network_named(network, request).classes)]
        if network == "vgg16_catdog":
            own = [(self.texts(f"catdog.{name}"), index) for index, name in enumerate(CATDOG)]
            return own + [(name, len(CATDOG) + index) for name, index in imagenet_choices()]
        return imagenet_choices()

    def _usual(self, network: str, way: str) -> dict[str, Any]:
        usual = usual_settings(network, way)
        return {name: getattr(usual, name) for name in OF_A_NETWORK}

    def _dial_updates(
        self, values: dict[str, Any], network: str | None, request: gr.Request | None
    ) -> tuple[Any, ...]:
        """An update for each dial; `network` says whose classes and layers are offered, None leaves them."""
        updates = {name: gr.skip() for name in DIALS} | {
            name: gr.update(value=value) for name, value in values.items()
        }
        if network is not None:
            backbone = network_named(network, request)
            classes = self.choices(network, request)
            layers = [(name, name) for name in drawable_layers(backbone)]
            chosen = values.get("layer") or layers[len(layers) * 2 // 3][1]
            updates["wanted"] = gr.update(choices=classes, **_value(values, "wanted"))
            updates["second"] = gr.update(
                choices=[(self.texts("nothing"), NOTHING), *classes], **_value(values, "second")
            )
            updates["layer"] = gr.update(choices=layers, value=chosen)
        if "photo" in values:
            updates["photo"] = values["photo"]
        return tuple(updates[name] for name in DIALS)

    def _known(self, dials: Dials, request: gr.Request | None) -> tuple[Backbone, Dials]:
        """The network that draws, and the dials as it understands them."""
        network, values = dials["network"], dict(dials.values)
        if network == "vgg16_catdog" and dials["kind"] == "class" and dials["wanted"] is not None:
            network, values["wanted"] = knowing(network, int(dials["wanted"]))
            values["second"] = _same_network(network, dials["second"])
        if not is_own(network) and network in BACKBONES and missing_checkpoints(network, whole=True):
            raise WeightsError("ideal_image.not_here", network=BACKBONES[network].title)
        return network_named(network, request), Dials(values=values)

    def _draw(
        self, dials: Dials, session: str, request: gr.Request | None, shown: Sequence[Any] | None = None
    ) -> Iterator[Shown]:
        backbone, known = self._known(dials, request)
        recipes = known.recipes(backbone, self.texts)
        work = self._begin(recipes, backbone, self._starts(known, recipes, session, shown))
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
        self, dials: Dials, recipes: Sequence[Recipe], session: str, shown: Sequence[Any] | None
    ) -> list[Any] | None:
        """What each recipe begins from."""
        if shown is None and dials["start"] == PHOTO:
            photo, size = open_photo(dials["photo"])[0], recipes[0].settings.size
            shown = [to_tensor(centre_square(photo, size, 1.0, BICUBIC))]
        elif shown is None and dials["start"] == SHOWN:
            shown = self._shown(session, None)
        if shown is None:
            return None
        return list(shown) if len(shown) == len(recipes) else [shown[-1]] * len(recipes)

    def _shown(self, session: str, event: gr.EventData | None) -> list[Any]:
        """The pictures of a frame by its step; the last ones unless told."""
        work = work_of(session)
        if work is None or not work.film.kept:
            raise UserError("ideal_image.nothing_drawn")
        data = event._data if event and isinstance(event._data, dict) else {}
        step = data.get("step")
        asked = step if isinstance(step, int) else max(work.film.kept)
        nearest = min(work.film.kept, key=lambda kept: abs(kept - asked))
        return [to_tensor(pixels) for pixels in work.film.kept[nearest]]

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


def _value(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {"value": values[name]} if name in values else {}


def _same_network(network: str, second: Any) -> int | None:
    """The second class where the same network knows it."""
    if second in (None, NOTHING):
        return None
    knows, index = knowing("vgg16_catdog", int(second))
    return index if knows == network else None


def knowing(network: str, wanted: int) -> tuple[str, int]:
    """The network that knows a choice, and its index there: VGG-16 offers its own classes, then others."""
    if network == "vgg16_catdog" and wanted >= len(CATDOG):
        return FIRST.network, wanted - len(CATDOG)
    return network, wanted
