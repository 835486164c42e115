"""The loop that draws: gradient ascent on an image, the network's weights left as they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.backbone import Backbone
from core.errors import TrainingError, WeightsError
from core.featurevis.objectives import ClassObjective, total_variation
from core.featurevis.parametrization import FourierImage, PixelImage
from core.featurevis.settings import Settings
from core.featurevis.statistics import PhotoStatistics


@dataclass(frozen=True, kw_only=True, eq=False)
class IdealImageStep:
    """Where the search stands after `step` of `steps` changes; step 0 is the start.

    Gradient sizes are root mean squares over the image's values, the weight included: they say which of
    the two wishes pulls harder.
    """

    step: int
    steps: int
    image: Tensor  # (1, 3, size, size) in [0, 1]
    probability: (
        float  # of the class, in the view that the network saw; at the last step, in the image itself
    )
    objective: float  # unbounded
    objective_gradient: float
    variation_gradient: float


def ideal_image_steps(
    backbone: Backbone, class_index: int, settings: Settings | None = None
) -> Iterator[IdealImageStep]:
    """Draw what a network sees as one class (Simonyan et al. 2013, arXiv:1312.6034; Olah et al. 2017).

    Args:
        backbone: a network with a head; left untouched.
        class_index: which of `backbone.classes`.
        settings: every dial; by default those of the best rung.

    Yields:
        The start and the state after every step.

    Raises:
        ValueError: when the network has no such class.
        WeightsError: when the network has no head.
        TrainingError: when the gradient is no longer a number.
    """
    settings = settings or Settings()
    _require_class(backbone, class_index)
    generator = torch.Generator().manual_seed(settings.seed)
    drawing = _drawing(settings, generator).to(backbone.device)
    optimiser = torch.optim.Adam(drawing.parameters(), lr=settings.rate)
    wish = _Wish(backbone, class_index, settings, generator)
    for step in range(settings.steps):
        with torch.enable_grad():
            image = drawing()
            pull, told = wish(image.detach())
        yield IdealImageStep(step=step, steps=settings.steps, image=image.detach(), **told)
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * pace(step / settings.steps)
        optimiser.zero_grad()
        image.backward(-pull)
        optimiser.step()
    with torch.no_grad():
        image = drawing()
    _, told = wish(image, plain=True)
    yield IdealImageStep(step=settings.steps, steps=settings.steps, image=image, **told)


def ideal_image(backbone: Backbone, class_index: int, settings: Settings | None = None) -> Tensor:
    """The last image of `ideal_image_steps`: (1, 3, size, size) in [0, 1]."""
    for step in ideal_image_steps(backbone, class_index, settings):
        image = step.image
    return image


def _require_class(backbone: Backbone, class_index: int) -> None:
    if not backbone.has_head:
        raise WeightsError("weights.no_head", network=backbone.info.title)
    if not 0 <= class_index < len(backbone.classes):
        raise ValueError(f"expected a class from 0 to {len(backbone.classes) - 1}, got {class_index}")


def _drawing(settings: Settings, generator: torch.Generator) -> PixelImage | FourierImage:
    if settings.parametrization == "pixel":
        return PixelImage(settings.size, generator)
    return FourierImage(settings.size, generator, settings.decay)


def pace(done: float) -> float:
    """The rate's share after `done` of the steps: half a cosine, so that the image settles."""
    return 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2


class _Wish:
    """What the image should become: its gradient, and the figures of a step."""

    def __init__(
        self, backbone: Backbone, class_index: int, settings: Settings, generator: torch.Generator
    ) -> None:
        self.settings, self.generator = settings, generator
        self.objective = ClassObjective(index=class_index, certainty=settings.certainty)
        self.view = settings.random_view()
        self.logits = backbone.logits
        self.watched = PhotoStatistics(backbone) if settings.statistics_weight else None

    def __call__(self, image: Tensor, plain: bool = False) -> tuple[Tensor, dict[str, float]]:
        """The direction (1, 3, H, W) that the image should move in; `plain` shows it without transforms."""
        with torch.enable_grad():
            leaf = image.detach().requires_grad_()
            seen = leaf if plain or self.view is None else self.view(leaf, self.generator)
            logits, unlike_photos = self._look(seen.clamp(0, 1))
            score = self.objective(logits).sum()
            wish = score - self.settings.statistics_weight * unlike_photos
            (wanted,) = torch.autograd.grad(wish, leaf)
            rough = self.settings.variation_weight * total_variation(leaf)
            (smoothing,) = torch.autograd.grad(rough, leaf)
        told = {
            "probability": float(logits.detach().softmax(1)[0, self.objective.index]),
            "objective": float(score.detach()),
            "objective_gradient": float(wanted.square().mean().sqrt()),
            "variation_gradient": float(smoothing.square().mean().sqrt()),
        }
        if not math.isfinite(told["objective_gradient"]):
            raise TrainingError("ideal_image.not_a_number")
        return wanted - smoothing, told

    def _look(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and how unlike photos the image is (0 where that is not asked)."""
        if self.watched is not None:
            return self.watched(seen)
        return self.logits(seen), seen.new_zeros(())
