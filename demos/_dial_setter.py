"""The dials of the Ideal image tab, set by a link, a saved picture, a class, a network or a rung."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from core.backbone import BACKBONES, Backbone, missing_checkpoints
from core.errors import UserError, WeightsError
from core.featurevis import OTHER_START, Settings, drawable_layers, read_recipe
from core.featurevis.opinion import IMAGENET_CLASSES
from core.texts import Section
from demos._classes import imagenet_choices
from demos._handlers import explained, session_of
from demos._own_network import is_own, network_named
from demos._sessions import SESSIONS
from demos.ideal_image_dials import (
    DIALS,
    FIRST,
    LINK,
    NETWORKS,
    NOTHING,
    Dials,
    link_of,
    recipe_of_link,
    usual_settings,
    values_of,
)

CATDOG = ("cat", "dog")
# Set anew when another rung or network is chosen; what a person looks at, and its size, stay
OF_A_RUNG = tuple(
    name for name in DIALS if name in Settings.names() and name not in ("seed", "size", "steps")
)
LINKED = "ideal_image_linked"  # the network that a link or a file has just set
BEGINNING = {"second": NOTHING, "balance": 50, "channel": 0}  # of dials that the example does not use
OF_A_NETWORK = (*OF_A_RUNG, "steps", "size")


class DialSetter:
    """Says what the dials are set to, in the words of one language. What handlers give is for all dials."""

    def __init__(self, texts: Section) -> None:
        self.texts = texts
        self.first = FIRST

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
    def load(self, path: str, current: str, request: gr.Request) -> tuple[Any, ...]:
        """Set every dial to what a saved picture says."""
        recipe = read_recipe(path)
        self._note_linked(recipe.network, current, request)
        if recipe.network not in NETWORKS:
            network_named(recipe.network, request)  # one's own classifier, if it is still there
        if recipe.start == OTHER_START:
            gr.Info(self.texts("load_begins"))
        return self._dial_updates(values_of(recipe), recipe.network, request)

    @explained
    def tell_link(self, request: gr.Request, *values: Any) -> dict[str, Any]:
        """The link to what the dials ask for."""
        return self._link(values, request)

    @explained
    def follow_link(self, former: Any, request: gr.Request, *values: Any) -> Any:
        """The same while the dials change: what was told of the link that was opened stays."""
        told = former.get("told") if isinstance(former, dict) else None
        if told in (self.texts("link_begins"), self.texts("link_gone_on")):
            told = None
        try:
            link = self._link(values, request)
            return link | {"told": link["told"] or told}
        except UserError:  # while a field is being typed in, the former link
            return gr.skip()

    def _link(self, values: Sequence[Any], request: gr.Request) -> dict[str, Any]:
        dials = Dials.of(values)
        if is_own(str(dials["network"])):
            return LINK.value({})
        backbone, _ = network_that_draws(dials, request)
        recipes = dials.recipes(backbone, self.texts)
        told = self.texts("link_begins") if recipes[0].start == OTHER_START else None
        return LINK.value(link_of(recipes), told)

    @explained
    def tell_gone_on(self, former: Any) -> Any:
        """The same link, and that what is shown went on from there by hand."""
        return former | {"told": self.texts("link_gone_on")} if isinstance(former, dict) else gr.skip()

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
        updates = self._dial_updates({name: getattr(usual, name) for name in OF_A_RUNG}, None, request)
        place = DIALS.index("way")
        return *updates[:place], gr.update(info=self.texts(f"rung_reasons.{way}")), *updates[place + 1 :]

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
        if "way" in values:
            reason = self.texts(f"rung_reasons.{values['way']}")
            updates["way"] = gr.update(value=values["way"], info=reason)
        if "photo" in values:
            updates["photo"] = values["photo"]
        return tuple(updates[name] for name in DIALS)


def network_that_draws(dials: Dials, request: gr.Request | None) -> tuple[Backbone, Dials]:
    """The network that draws, and the dials as it understands them.

    Raises:
        WeightsError: when it is not on this machine.
    """
    network, values = dials["network"], dict(dials.values)
    if network == "vgg16_catdog" and dials["kind"] == "class" and dials["wanted"] is not None:
        network, values["wanted"] = knowing(network, int(dials["wanted"]))
        values["second"] = _same_network(network, dials["second"])
    if not is_own(network) and network in BACKBONES and missing_checkpoints(network, whole=True):
        raise WeightsError("ideal_image.not_here", network=BACKBONES[network].title)
    return network_named(network, request), Dials(values=values)


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
