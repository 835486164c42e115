"""What a page's last attack left on the server: the pictures, the verdict, and frames of the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from core.attacks import Verdict
from core.backbone import Backbone
from core.errors import UserError
from core.images import Pixels, to_uint8
from demos._handlers import session_of
from demos._sessions import SESSIONS
from demos.adversarial_dials import Dials

MOST_FRAMES = 48  # of the way, kept for a film
_KEPT = "attack"


@dataclass(kw_only=True, eq=False)
class Work:
    """An attack that has ended."""

    backbone: Backbone
    photo: str | None  # the name of the sample; None for one's own photo
    dials: Dials
    target: int | None
    said: int  # what the network said of the photo
    before: Any  # (1, 3, H, W) in [0, 1]
    after: Any
    verdict: Verdict
    frames: list[tuple[Pixels, float, float]] = field(default_factory=list)  # picture, and two probabilities

    @property
    def wanted(self) -> int:
        """The class that the attack leads to; without a target, the one it led to."""
        return self.target if self.target is not None else self.verdict.trials[0].class_index

    def seen(self) -> tuple[Pixels, Pixels]:
        """Both pictures as uint8 (S, S, 3), as the network gets them."""
        pairs = []
        for images in (self.before, self.after):
            pixels = to_uint8(images)[0]
            if self.dials.own_size:
                pixels = to_uint8(self.backbone.preprocess(Image.fromarray(pixels)))[0]
            pairs.append(pixels)
        return pairs[0], pairs[1]


def keep(request: Any, work: Work) -> None:
    """Keep a page's latest attack for as long as the page is open."""
    SESSIONS.put(session_of(request), _KEPT, work)


def forget(request: Any) -> None:
    """What is on the page now is not what was attacked."""
    SESSIONS.put(session_of(request), _KEPT, None)


def kept_work(request: Any) -> Work | None:
    """A page's last attack, if what is on the page is what was attacked."""
    work: Work | None = SESSIONS.get(session_of(request), _KEPT)
    return work


def last_work(request: Any) -> Work:
    """A page's last attack.

    Raises:
        UserError: when there is none.
    """
    work = kept_work(request)
    if work is None:
        raise UserError("attack.none_yet")
    return work
