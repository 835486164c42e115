"""The classifier that was trained or loaded on the Fine-tune tab, as a network for the other tabs.

The page names it "own-1", after the next training run "own-2" and so on, so that a tab that was left open
notices that it is another one now.
"""

from __future__ import annotations

from itertools import count

import gradio as gr

from core.backbone import Backbone, load_backbone
from core.errors import WeightsError
from core.finetune.classifier import OWN, Classifier
from core.texts import load_section
from demos._handlers import session_of
from demos._sessions import SESSIONS

_KEPT = "own_network"
_NAMED_CLASSES = 3  # how many of its classes its title names
_NUMBERS = count(1)


def keep_own(session: str, classifier: Classifier) -> None:
    """Offer `classifier` to the other tabs of this session, in place of the one before."""
    SESSIONS.put(session, _KEPT, (f"{OWN}-{next(_NUMBERS)}", classifier.as_backbone()))


def is_own(name: str) -> bool:
    """Whether the page means the session's own classifier by `name`, this one or one before it."""
    return name.startswith(f"{OWN}-")


def own_choice(request: gr.Request | None) -> tuple[str, str] | None:
    """What a list of networks shows for the session's own classifier, and its name; None without one."""
    kept = SESSIONS.get(session_of(request), _KEPT)
    if kept is None:
        return None
    name, network = kept
    classes = ", ".join(network.classes[:_NAMED_CLASSES])
    more = "…" if len(network.classes) > _NAMED_CLASSES else ""
    words = load_section("common")("networks.own", classes=classes + more, network=network.info.title)
    return words, name


def network_named(name: str, request: gr.Request | None) -> Backbone:
    """A network by its name in `BACKBONES`, or the session's own classifier by its name.

    Raises:
        ValueError: when there is no network of that name.
        WeightsError: when it is not on this machine, or the session has no such classifier (any more).
    """
    if not is_own(name):
        return load_backbone(name)
    kept = SESSIONS.get(session_of(request), _KEPT)
    if kept is None or kept[0] != name:
        raise WeightsError("weights.no_own")
    network: Backbone = kept[1]
    return network
