"""Photos that are on their way through a network: their sheets, kept until the page has fetched them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from core.activations import capture
from core.answers import Answer, answers
from core.backbone import Backbone, loaded_backbones
from core.memory import Held
from core.sheets import Sheet, make_sheet

PATIENCE = 60.0  # seconds that a page waits for a sheet; others may be using the device
MOST_STUDIES = 24  # about 5 MB each


@dataclass(eq=False)
class Study:
    """One photo and one network, and the sheets, which come while pages already wait for them."""

    owner: str | None  # the session it is for; None once it is a whole sample, which all share
    backbone: Backbone
    images: Any  # (1, 3, H, W) in [0, 1], as the network gets them
    use: tuple[str, ...] = ()  # the network's name and how it is used
    _maps: dict[str, Any] = field(default_factory=dict)  # (C, H, W) by layer, until its sheet is made
    _sheets: dict[str, Sheet] = field(default_factory=dict)
    _answers: tuple[Answer, ...] = ()
    _output: tuple[str, Any] | None = None  # of the layer looked into last
    _ended: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _drawing: threading.Lock = field(default_factory=threading.Lock)

    def add(self, layer: str, maps: Any) -> None:
        """Give a layer's feature maps to whoever waits for its sheet."""
        with self._changed:
            self._maps[layer] = maps
            self._changed.notify_all()

    def finish(self) -> None:
        """All maps have come: draw the sheets that nobody asked for yet, so that the maps can go."""
        for layer in list(self._maps):
            self._draw(layer)

    def end(self) -> None:
        """No more maps will come, and those without a sheet go."""
        with self._changed:
            self._maps.clear()
            self._ended = True
            self._changed.notify_all()

    def wait(self, layer: str) -> Sheet | None:
        """The sheet of a layer as soon as its maps are there; None when it will not come.

        The sheet that is asked for first is drawn first, so that the open layer need not wait for others.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: layer in self._maps or layer in self._sheets or self._ended, PATIENCE
            )
        return self._draw(layer)

    def _draw(self, layer: str) -> Sheet | None:
        with self._drawing:
            maps = self._maps.get(layer)
            if maps is not None and layer not in self._sheets:
                self._sheets[layer] = make_sheet(layer, maps)
            with self._changed:
                self._maps.pop(layer, None)
            return self._sheets.get(layer)

    def answers(self) -> tuple[Answer, ...]:
        """What the network says of the photo; raises as `core.answers.answers`."""
        self._answers = self._answers or answers(self.backbone, self.images)
        return self._answers

    def known(self, layer: str) -> dict[str, Any]:
        """The exact output of a layer by its name, kept while the same layer is asked for again."""
        kept = self._output
        if kept is None or kept[0] != layer:
            kept = layer, capture(self.backbone, self.images, [layer])[layer]
            self._output = kept
        return dict([kept])


@dataclass(eq=False)
class Shelf:
    """The studies in memory, the latest used last; of each session's own photos only the newest."""

    _studies: OrderedDict[str, Study] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: str) -> Study | None:
        """The study of that key, if it is still here."""
        with self._lock:
            if key in self._studies:
                self._studies.move_to_end(key)
            return self._studies.get(key)

    def put(self, key: str, study: Study) -> None:
        """Keep a study, letting go of the session's former one and of the one unused for longest."""
        with self._lock:
            if study.owner is not None:
                self._drop_owner(study.owner)
            self._studies[key] = study
            self._studies.move_to_end(key)
            while len(self._studies) > MOST_STUDIES:
                self._studies.popitem(last=False)

    def drop(self, owner: str) -> None:
        """Let go of what a session's page had here."""
        with self._lock:
            self._drop_owner(owner)

    def weigh(self) -> int:
        """The bytes that all studies hold."""
        with self._lock:
            studies = list(self._studies.values())
        held = Held(loaded_backbones())
        return sum(held.add(study) for study in studies)

    def _drop_owner(self, owner: str) -> None:
        for key in [key for key, study in self._studies.items() if study.owner == owner]:
            del self._studies[key]


SHELF = Shelf()
