"""The smallest change that does it, as an exact 8-bit image: what is found here survives being saved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from core.attacks.budgeted import AttackStep, Norm, require_class
from core.backbone import Backbone
from core.errors import TrainingError
from core.images import require_images
from core.threads import threads_for

MARGIN = 0.02  # logits by which the goal must lead, so that another processor finds the same
FIRST_LENGTHS = (2.0, 1000.0)  # between which the first guess is, in levels
TURN = (0.5, 0.02)  # how far each gradient turns the direction: at first, at the end
PACE = (0.053, 0.003)  # by what share the length shrinks or grows: at first, at the end
ROUNDING_HALVINGS = 18  # to find the scale at which the rounded change has the wanted length
LARGEST = 255


@dataclass(frozen=True, kw_only=True)
class SmallestSettings:
    """What counts as small, and how long to look."""

    norm: Norm = "l2"
    passes: int = 100  # gradient passes through the network

    PASSES_RANGE: ClassVar[tuple[int, int]] = (20, 300)

    def __post_init__(self) -> None:
        if self.passes < 1:
            raise ValueError(f"expected at least one pass, got {self}")


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchStep(AttackStep):
    """Where the search stands: the image tried now; at the end the best of all."""

    sizes: Tensor  # (N,) of the smallest change that worked so far: L2 in [0, 1] or levels; else inf


def smallest_change_steps(
    backbone: Backbone, image: Tensor, target: int | None, settings: SmallestSettings | None = None
) -> Iterator[SearchStep]:
    """Search for the smallest change with which the network says `target` (or anything else, with None).

    L2 is decoupled direction and norm (Rony et al. 2019, arXiv:1811.09600, algorithm 1), with two changes
    that make it whole-numbered: gradients are gathered in an unrounded change, so that small ones are not
    lost, and what is tried is that change scaled before it is rounded, until the rounded one has the wanted
    length. For a linear network that is the best whole-numbered change of this length: a value deserves its
    k-th level if its gradient divided by that level's price, 2k - 1, is large enough. L-infinity looks for
    the least number of levels by doubling and halving, with signed steps inside each.

    Args:
        backbone: a network with a head; left untouched.
        image: (N, 3, H, W) in [0, 1]; rounded to 8 bits first.
        target: the class to reach; None leads away from the class the network sees now.
        settings: the norm and the number of passes.

    Yields:
        Each image tried, exactly of 8 bits; the last step has the best of them, or the image unchanged
        where none worked.

    Raises:
        ValueError: for an image of another form or a target that is no class.
        TrainingError: when the gradient is no longer a number.
    """
    settings = settings or SmallestSettings()
    require_images(image)
    require_class(backbone, target)
    search = _Search(backbone, image.detach().mul(255).round(), target)
    propose = _LengthSearch(search, settings) if settings.norm == "l2" else _LevelSearch(search, settings)
    change = torch.zeros_like(search.levels)
    for number in range(settings.passes):
        probabilities = search.look(change, settings.norm)
        yield search.step(number, settings.passes, change, probabilities)
        if search.unchanged_works:
            break
        following = propose(number)
        if following is None:
            break
        change = following
    yield search.step(settings.passes, settings.passes, search.best, search.best_probabilities)


def smallest_change(
    backbone: Backbone, image: Tensor, target: int | None, settings: SmallestSettings | None = None
) -> SearchStep:
    """The last step of `smallest_change_steps`."""
    *_, last = smallest_change_steps(backbone, image, target, settings)
    return last


class _Search:
    """A batch of images in whole levels, what was tried, and the smallest change of each that works."""

    def __init__(self, backbone: Backbone, levels: Tensor, target: int | None) -> None:
        self.backbone, self.levels, self.target = backbone, levels, target
        self.best = torch.zeros_like(levels)
        self.sizes = torch.full((len(levels),), math.inf, device=levels.device)
        self.goal: Tensor | None = None
        self.best_probabilities = torch.empty(0)
        self.works = torch.empty(0)
        self.slope = torch.empty(0)
        self.distance = torch.empty(0)

    @property
    def unchanged_works(self) -> bool:
        """Whether there is nothing to look for, in any image."""
        return bool((self.sizes == 0).all())

    def look(self, change: Tensor, norm: Norm) -> Tensor:
        """Ask the network; gives probabilities.

        Sets `works`, `slope` (towards the goal, unit length) and `distance` (in levels, to where the goal
        would lead if the network were linear).
        """
        with torch.enable_grad(), threads_for(self.backbone, len(change)):
            images = ((self.levels + change) / LARGEST).requires_grad_(True)
            logits = self.backbone.logits(images)
            if self.goal is None:
                first = logits.detach().argmax(1)
                self.goal = first if self.target is None else torch.full_like(first, self.target)
            odds = _log_odds(logits, self.goal).sum()
            (gradient,) = torch.autograd.grad(odds if self.target is not None else -odds, images)
        if not torch.isfinite(gradient).all():
            raise TrainingError("attack.not_a_number")
        steepness = gradient.flatten(1).norm(dim=1).clamp_min(1e-12)
        self.slope = gradient / steepness.view(-1, 1, 1, 1)
        logits = logits.detach()
        lead = self._lead(logits)
        self.works = lead >= MARGIN
        self.distance = LARGEST * (MARGIN - lead) / steepness
        probabilities = logits.softmax(1)
        self._remember(change, probabilities, norm)
        return probabilities

    def _lead(self, logits: Tensor) -> Tensor:
        assert self.goal is not None
        held = logits.gather(1, self.goal[:, None])[:, 0]
        rest = logits.scatter(1, self.goal[:, None], -math.inf).amax(1)
        return held - rest if self.target is not None else rest - held

    def _remember(self, change: Tensor, probabilities: Tensor, norm: Norm) -> None:
        if not len(self.best_probabilities):
            self.best_probabilities = probabilities.clone()
        flat = change.flatten(1)
        size = flat.norm(dim=1) / LARGEST if norm == "l2" else flat.abs().amax(1)
        better = self.works & (size < self.sizes)
        self.sizes = torch.where(better, size, self.sizes)
        self.best[better] = change[better]
        self.best_probabilities[better] = probabilities[better]

    def step(self, number: int, passes: int, change: Tensor, probabilities: Tensor) -> SearchStep:
        """What is told of a change."""
        return SearchStep(
            step=number,
            steps=passes,
            adversarial=(self.levels + change) / LARGEST,
            probabilities=probabilities,
            sizes=self.sizes.clone(),
        )

    def within(self, change: Tensor) -> Tensor:
        """The change cut off where the image would leave 0 to 255."""
        return (self.levels + change).clamp(0, LARGEST) - self.levels


def _log_odds(logits: Tensor, goal: Tensor) -> Tensor:
    """log p - log (1 - p) of the goal's probability; steep everywhere, unlike the cross-entropy."""
    held = logits.gather(1, goal[:, None])[:, 0]
    return held - logits.scatter(1, goal[:, None], -math.inf).logsumexp(1)


@dataclass
class _LengthSearch:
    """L2: turn the direction with every gradient; shorter after a success, longer after a failure."""

    search: _Search
    settings: SmallestSettings
    gathered: Tensor = field(init=False)
    length: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.gathered = torch.zeros_like(self.search.levels)
        self.length = torch.full_like(self.search.sizes, math.inf)  # not yet known

    def __call__(self, number: int) -> Tensor | None:
        search = self.search
        early = (1 + math.cos(math.pi * number / self.settings.passes)) / 2
        turn, pace = (end + (start - end) * early for start, end in (TURN, PACE))
        if number == 0:
            self.length = search.distance.clamp(*FIRST_LENGTHS)
        else:
            self.length = self.length * torch.where(search.works, 1 - pace, 1 + pace)
        column = self.length.view(-1, 1, 1, 1)
        self.gathered = self.gathered + turn * column * search.slope
        unit = self.gathered / self.gathered.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)
        self.gathered = search.within(unit * column)
        return self._rounded()

    def _rounded(self) -> Tensor:
        """The gathered change scaled and rounded, so that its length is just within `length`."""
        low, high = torch.zeros_like(self.length), torch.full_like(self.length, 4.0)
        for _ in range(ROUNDING_HALVINGS):
            middle = (low + high) / 2
            long = self._at(middle).flatten(1).norm(dim=1) > self.length
            low, high = torch.where(long, low, middle), torch.where(long, middle, high)
        return self._at(low)

    def _at(self, scale: Tensor) -> Tensor:
        return self.search.within((self.gathered * scale.view(-1, 1, 1, 1)).round())


@dataclass
class _LevelSearch:
    """L-infinity: how many levels are enough, by doubling and then halving, each with a few signed steps."""

    search: _Search
    settings: SmallestSettings
    gathered: Tensor = field(init=False)
    levels: Tensor = field(init=False)  # allowed now
    too_few: Tensor = field(init=False)
    tried: Tensor = field(init=False)  # passes with these levels

    def __post_init__(self) -> None:
        self.gathered = torch.zeros_like(self.search.levels)
        self.levels = torch.ones_like(self.search.sizes)
        self.too_few = torch.zeros_like(self.levels)
        self.tried = torch.zeros_like(self.levels)

    @property
    def patience(self) -> int:
        """Passes before a number of levels is given up."""
        return max(2, self.settings.passes // 5)

    def __call__(self, number: int) -> Tensor | None:
        search, enough = self.search, self.search.sizes
        failed = (self.tried >= self.patience) & (enough > self.levels)
        self.too_few = torch.where(failed, self.levels, self.too_few)
        settled = failed | (enough <= self.levels)
        halfway = ((self.too_few + enough) / 2).floor()
        following = torch.where(enough.isinf(), (2 * self.levels).clamp_max(LARGEST), halfway)
        self.levels = torch.where(settled, following.clamp_min(1), self.levels)
        self.tried = torch.where(settled, torch.zeros_like(self.tried), self.tried + 1)
        if bool((enough - self.too_few <= 1).all()):
            return None
        room = self.levels.view(-1, 1, 1, 1)
        step = 2.5 * room / self.patience * (1.0 - 0.5 * number / self.settings.passes)
        moved = (self.gathered + (step + 0.25) * search.slope.sign()).clamp(-room, room)
        self.gathered = search.within(moved)
        return self.gathered.round()
