"""Attacks within a budget: no pixel, or not the image as a whole, may change by more than epsilon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.attacks.views import View, plain
from core.backbone import Backbone
from core.condensed import condensed
from core.errors import TrainingError, WeightsError
from core.images import require_images
from core.threads import threads_for

Norm = Literal["linf", "l2"]


@dataclass(frozen=True, kw_only=True)
class PGDSettings:
    """How far and how fast projected gradient descent may go."""

    epsilon: float = (
        2.0  # budget: levels of 255 that a value may change (linf), or the length of the change (l2)
    )
    steps: int = 20  # gradient steps
    step_size: float | None = None  # levels of 255 a step; by default epsilon is crossed in a quarter of them
    norm: Norm = "linf"
    momentum: float = 0.75  # share of the last direction kept (Dong et al. 2018, arXiv:1710.06081, eq. 6)
    random_start: bool = False  # begin at a random point within the budget
    confidence: float = 1.0  # stop once the goal is reached with this probability; 1 takes all steps
    seed: int = 0  # of the random start

    EPSILON_RANGE: ClassVar[tuple[float, float]] = (0.0, 16.0)  # of the page's slider, levels of 255
    LENGTH_RANGE: ClassVar[tuple[float, float]] = (0.0, 5.0)  # of the page's slider for l2, epsilon / 255
    STEPS_RANGE: ClassVar[tuple[int, int]] = (1, 100)
    STEP_SIZE_RANGE: ClassVar[tuple[float, float]] = (0.0, 16.0)  # 0 on the page means the default
    MOMENTUM_RANGE: ClassVar[tuple[float, float]] = (0.0, 0.95)
    CONFIDENCE_RANGE: ClassVar[tuple[float, float]] = (0.5, 1.0)
    SEED_RANGE: ClassVar[tuple[int, int]] = (0, 2**31 - 1)

    def __post_init__(self) -> None:
        if not (self.epsilon >= 0 and self.steps >= 1 and 0 <= self.momentum < 1):
            raise ValueError(f"expected epsilon >= 0, steps >= 1 and momentum in [0, 1), got {self}")

    @property
    def step_length(self) -> float:
        """The length of a step in levels of 255."""
        return self.step_size if self.step_size is not None else 4 * self.epsilon / self.steps


@dataclass(frozen=True, kw_only=True, eq=False)
class AttackStep:
    """Where an attack stands; step 0 is its start."""

    step: int
    steps: int
    adversarial: Tensor  # (N, 3, H, W) in [0, 1], within the budget
    probabilities: Tensor  # (N, classes), of `adversarial`


def pgd_steps(
    backbone: Backbone,
    image: Tensor,
    target: int | None,
    settings: PGDSettings | None = None,
    view: View | None = None,
) -> Iterator[AttackStep]:
    """Projected gradient descent (Madry et al. 2018, arXiv:1706.06083, eq. 1), to a class or away from one.

    Args:
        backbone: a network with a head; left untouched.
        image: (N, 3, H, W) in [0, 1].
        target: the class to reach; None leads away from the class the network sees now.
        settings: the budget and the pace.
        view: what stands between the image and the network; by default nothing.

    Yields:
        The start and the state after every step; each holds the budget and stays in [0, 1].

    Raises:
        ValueError: for an image of another form or a target that is no class.
        WeightsError: when the network has no head.
        TrainingError: when the gradient is no longer a number.
    """
    settings = settings or PGDSettings()
    require_images(image)
    require_class(backbone, target)
    # as the network wants it: else every step would mix two orders of memory
    original = image.detach().contiguous(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(settings.seed)
    adversarial = _start(original, settings, generator)
    seen = _Seen(backbone, view or plain(), generator)
    logits, gradient = seen.loss_gradient(adversarial, target, away_from=None)
    goal = logits.argmax(1) if target is None else torch.full((len(image),), target, device=image.device)
    velocity = torch.zeros_like(original)
    for step in range(settings.steps + 1):
        probabilities = logits.softmax(1)
        yield AttackStep(
            step=step, steps=settings.steps, adversarial=adversarial, probabilities=probabilities
        )
        if step == settings.steps or _reached(probabilities, goal, target, settings.confidence):
            return
        velocity.mul_(settings.momentum).add_(_scaled(gradient))
        moved = adversarial - settings.step_length / 255 * _direction(velocity, settings.norm)
        adversarial = _project(moved, original, settings)
        logits, gradient = seen.loss_gradient(adversarial, target, away_from=goal)


def pgd(
    backbone: Backbone,
    image: Tensor,
    target: int | None,
    settings: PGDSettings | None = None,
    view: View | None = None,
) -> AttackStep:
    """The last step of `pgd_steps`."""
    *_, last = pgd_steps(backbone, image, target, settings, view)
    return last


def fgsm(backbone: Backbone, image: Tensor, target: int | None, *, epsilon: float = 2.0) -> AttackStep:
    """The fast gradient sign method (Goodfellow et al. 2015, arXiv:1412.6572, section 4): one whole step.

    Args:
        epsilon: how far each value moves, in levels of 255.
    """
    settings = PGDSettings(epsilon=epsilon, step_size=epsilon, steps=1, momentum=0.0)
    return pgd(backbone, image, target, replace(settings, norm="linf"))


def require_class(backbone: Backbone, target: int | None) -> None:
    """Check that a target is a class of the network, or none.

    Raises:
        ValueError: naming the classes there are.
        WeightsError: when the network has no head.
    """
    if not backbone.has_head:
        raise WeightsError("weights.no_head", network=backbone.info.title)
    if target is not None and not 0 <= target < len(backbone.classes):
        raise ValueError(f"expected a class from 0 to {len(backbone.classes) - 1}, got {target}")


def _start(original: Tensor, settings: PGDSettings, generator: torch.Generator) -> Tensor:
    if not settings.random_start:
        return original.clone()
    noise = 2 * torch.rand(original.shape, generator=generator).to(original) - 1
    if settings.norm == "l2":
        noise = _direction(noise, "l2")
    return _project(original + settings.epsilon / 255 * noise, original, settings)


@dataclass(frozen=True)
class _Seen:
    """The network behind what stands before it."""

    backbone: Backbone
    view: View
    generator: torch.Generator

    def loss_gradient(
        self, images: Tensor, target: int | None, away_from: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Logits of the first view, and the gradient of the mean loss over all views, to be made small."""
        draws = len(self.view.draws)
        with torch.enable_grad(), threads_for(self.backbone, draws * len(images)):
            images = images.detach().requires_grad_(True)
            views = self.view(images, self.generator).contiguous(memory_format=torch.channels_last)
            logits = condensed(self.backbone)(views)
            first = logits[: len(images)].detach()
            if target is not None:
                goal = torch.full((len(logits),), target, device=images.device)
                loss = cross_entropy(logits, goal, reduction="sum") / draws
            else:
                left = first.argmax(1) if away_from is None else away_from
                loss = -cross_entropy(logits, left.repeat(draws), reduction="sum") / draws
            (gradient,) = torch.autograd.grad(loss, images)
        if not torch.isfinite(gradient.sum()):
            raise TrainingError("attack.not_a_number")
        return first, gradient


def _reached(probabilities: Tensor, goal: Tensor, target: int | None, confidence: float) -> bool:
    if confidence >= 1:  # a probability may be rounded to 1
        return False
    held = probabilities.gather(1, goal[:, None])[:, 0]
    reached = held if target is not None else 1 - held
    return bool((reached >= confidence).all())


def _scaled(gradient: Tensor) -> Tensor:
    """Of mean absolute value 1, so that momentum adds directions and not sizes (Dong et al., eq. 6)."""
    return gradient / gradient.abs().mean((1, 2, 3), keepdim=True).clamp_min(1e-12)


def _direction(velocity: Tensor, norm: Norm) -> Tensor:
    """The steepest direction of length 1 in the norm."""
    if norm == "linf":
        return velocity.sign()
    unit: Tensor = velocity / velocity.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)
    return unit


def _project(images: Tensor, original: Tensor, settings: PGDSettings) -> Tensor:
    """The nearest images within the budget and within [0, 1]."""
    radius = settings.epsilon / 255
    if settings.norm == "linf":
        low, high = (original - radius).clamp_min(0.0), (original + radius).clamp_max(1.0)
        return torch.clamp(images, low, high)
    change = images - original
    length = change.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)
    return torch.clamp(original + change * (radius / length).clamp_max(1.0), 0.0, 1.0)
