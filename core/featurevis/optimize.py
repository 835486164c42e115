"""The loop that draws: gradient ascent on an image, the network's weights left as they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.backbone import Backbone
from core.errors import TrainingError, WeightsError
from core.featurevis.drawing import Drawing
from core.featurevis.network import WatchedNetwork
from core.featurevis.objectives import ClassObjective, Objective, total_variation
from core.featurevis.settings import Settings
from core.threads import threads_for


@dataclass(frozen=True, kw_only=True, eq=False)
class IdealImageStep:
    """Where the search stands after `step` of `steps` changes; step 0 is the start.

    Gradient sizes are root mean squares over the image's values, the weight included: they say which of
    the two wishes pulls harder.
    """

    step: int
    steps: int
    image: Tensor  # (1, 3, size, size) in [0, 1]
    answers: tuple[float, ...]  # of the objective's parts, in the view that the network saw; at the last
    # step in the image itself: the probability of each class, or a channel's answer
    objective: float  # unbounded
    objective_gradient: float
    variation_gradient: float

    @property
    def probability(self) -> float:
        """The first of the answers: for a class, its probability."""
        return self.answers[0]


def ideal_image_steps(
    backbone: Backbone,
    class_index: int,
    settings: Settings | None = None,
    *,
    start: Tensor | None = None,
) -> Iterator[IdealImageStep]:
    """Draw what a network sees as one class (Simonyan et al. 2013, arXiv:1312.6034; Olah et al. 2017).

    Args:
        backbone: a network with a head; left untouched.
        class_index: which of `backbone.classes`.
        settings: every dial; by default those of the best rung.
        start: an image (1, 3, H, W) to begin from; by default noise.

    Yields:
        The start and the state after every step.

    Raises:
        ValueError: when the network has no such class.
        WeightsError: when the network has no head.
        TrainingError: when the gradient is no longer a number.
    """
    settings = settings or Settings()
    require_class(backbone, class_index)
    objective = ClassObjective(
        classes=(class_index,), certainty=settings.certainty, temperature=settings.temperature
    )
    drawing = Drawing(settings, start=start, device=backbone.device)
    for (step,) in draw_steps(backbone, objective, [drawing]):
        yield step


def ideal_image(
    backbone: Backbone, class_index: int, settings: Settings | None = None, *, start: Tensor | None = None
) -> Tensor:
    """The last image of `ideal_image_steps`: (1, 3, size, size) in [0, 1]."""
    for step in ideal_image_steps(backbone, class_index, settings, start=start):
        image = step.image
    return image


def draw_steps(
    backbone: Backbone, objective: Objective, drawings: Sequence[Drawing]
) -> Iterator[tuple[IdealImageStep, ...]]:
    """Advance drawings together, each by its own settings, until the first of them has done its steps.

    Views of one size go through the network as one batch: four rungs take about 2.5 times as long as one. A
    drawing whose run was ended is taken up where it stood, and comes out the same as without the break.

    Yields:
        For each drawing its state before the next change, and at last the images as they are, without views.

    Raises:
        ValueError: when the network has no such layer or channel.
        WeightsError: when classes are asked for and the network has no head.
        TrainingError: when the gradient is no longer a number.
    """
    wish = _Wish(backbone, objective, drawings)
    while all(each.done < each.steps for each in drawings):
        with threads_for(backbone, len(drawings)):
            with torch.enable_grad():
                rendered = [each.image(each.settings.rendered_side(each.progress)) for each in drawings]
            pulls, told = wish(rendered)
            places = [each.done for each in drawings]
            # changed before anything is told: whoever ends the run here can take it up again
            for drawing, image, pull in zip(drawings, rendered, pulls, strict=True):
                drawing.change(image, pull)
        yield wish.steps(rendered, told, places)
    with torch.no_grad():
        rendered = [each.image() for each in drawings]
    _, told = wish(rendered, plain=True)
    yield wish.steps(rendered, told, [each.done for each in drawings])


def require_class(backbone: Backbone, class_index: int) -> None:
    """Check that a network has a class.

    Raises:
        ValueError: when it has not.
        WeightsError: when it has no head.
    """
    if not backbone.has_head:
        raise WeightsError("weights.no_head", network=backbone.info.title)
    if not 0 <= class_index < len(backbone.classes):
        raise ValueError(f"expected a class from 0 to {len(backbone.classes) - 1}, got {class_index}")


@dataclass(frozen=True, kw_only=True)
class _Told:
    """The figures of one drawing's step."""

    answers: tuple[float, ...]
    objective: float
    objective_gradient: float
    variation_gradient: float


class _Wish:
    """What the images should become: their gradients, and the figures of a step."""

    def __init__(self, backbone: Backbone, objective: Objective, drawings: Sequence[Drawing]) -> None:
        self.objective, self.drawings, self.device = objective, drawings, backbone.device
        statistics = any(each.settings.statistics_weight for each in drawings)
        self.network = WatchedNetwork(backbone, objective.layers, statistics=statistics)

    def __call__(self, rendered: Sequence[Tensor], plain: bool = False) -> tuple[list[Tensor], list[_Told]]:
        """For each image (1, 3, H, W) the direction to move in, and its figures; `plain` without views."""
        with torch.enable_grad():
            leaves = [image.detach().requires_grad_() for image in rendered]
            views = [
                self._view(drawing, leaf, plain) for drawing, leaf in zip(self.drawings, leaves, strict=True)
            ]
            scores, answers, wishes = self._look(views)
            wanted = torch.autograd.grad(torch.stack(wishes).sum(), leaves)
        smoothing = [self._smoothing(each, leaf) for each, leaf in zip(self.drawings, leaves, strict=True)]
        told = [
            _Told(
                answers=tuple(answer.tolist()),
                objective=float(score),
                objective_gradient=_size(want),
                variation_gradient=_size(smooth),
            )
            for answer, score, want, smooth in zip(answers, scores, wanted, smoothing, strict=True)
        ]
        if not all(math.isfinite(each.objective_gradient) for each in told):
            raise TrainingError("ideal_image.not_a_number")
        return [want - smooth for want, smooth in zip(wanted, smoothing, strict=True)], told

    def _view(self, drawing: Drawing, leaf: Tensor, plain: bool) -> Tensor:
        view = None if plain else drawing.settings.random_view(drawing.progress)
        seen = leaf if view is None else view(leaf, drawing.generator)
        return seen.clamp(0, 1).to(self.device)

    def _look(self, views: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Each view's score, its answers, and what is to grow; views of one size in one pass."""
        scores, answers, wishes = ([views[0]] * len(views) for _ in range(3))
        for side in dict.fromkeys(each.shape[-1] for each in views):
            places = [place for place, each in enumerate(views) if each.shape[-1] == side]
            shares = [self.drawings[place].settings.branch_share for place in places]
            outputs, unlike_photos = self.network(torch.cat([views[place] for place in places]), shares)
            score, answer = self.objective(outputs), self.objective.answers(outputs).detach()
            for row, place in enumerate(places):
                weight = self.drawings[place].settings.statistics_weight
                scores[place], answers[place] = score[row].detach(), answer[row]
                wishes[place] = score[row] - weight * unlike_photos[row]
        return scores, answers, wishes

    @staticmethod
    def _smoothing(drawing: Drawing, leaf: Tensor) -> Tensor:
        """The gradient of the variation loss, as if the image had its full size."""
        settings = drawing.settings
        if not settings.variation_weight:
            return torch.zeros_like(leaf)
        share = (leaf.shape[-1] / settings.size) ** settings.variation_power
        with torch.enable_grad():
            rough = settings.variation_weight * share * total_variation(leaf, settings.variation_power)
            (gradient,) = torch.autograd.grad(rough, leaf)
        return gradient

    def steps(
        self, rendered: Sequence[Tensor], told: Sequence[_Told], places: Sequence[int]
    ) -> tuple[IdealImageStep, ...]:
        """What is told of each drawing."""
        return tuple(
            IdealImageStep(
                step=place,
                steps=drawing.steps,
                image=_full_size(image.detach(), drawing.settings.size),
                **vars(figures),
            )
            for drawing, image, figures, place in zip(self.drawings, rendered, told, places, strict=True)
        )


def _size(gradient: Tensor) -> float:
    return float(gradient.square().mean().sqrt())


def _full_size(image: Tensor, size: int) -> Tensor:
    if image.shape[-1] == size:
        return image
    return interpolate(image, (size, size), mode="bilinear", align_corners=False)
