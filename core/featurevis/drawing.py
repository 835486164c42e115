"""An image on its way, and all that a search has to remember of it."""

from __future__ import annotations

import math
from copy import deepcopy

import torch
from torch import Tensor

from core.featurevis.parametrization import FourierImage, Parametrization, PixelImage
from core.featurevis.settings import Settings

SLOWEST = 0.05  # of the rate, at the end of a run


class Drawing:
    """An image on its way: what is free in it, its optimiser, its random numbers, and the steps done.

    All that a search has to remember is here, so that a run can be ended after any step and be taken up
    later, exactly where it was, by another call of `draw_steps`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        start: Tensor | None = None,
        device: torch.device | None = None,
    ) -> None:
        """Begin from noise, or from an image.

        Args:
            settings: every dial; by default those of the best rung.
            start: (1, 3, H, W) in [0, 1], any size; None begins from the noise of the seed.
            device: where the network is. Apple's MPS lacks gradients of some steps here, so there the
                image stays on the processor and only the network's passes are on the device.
        """
        self.settings = settings = settings or Settings()
        self.generator = torch.Generator().manual_seed(settings.seed)
        device = device or torch.device("cpu")
        image = self._noise(settings)
        if start is not None:
            image.start_from(start)
        self.image = image.to("cpu" if device.type == "mps" else device)
        self.optimiser = self.image.optimiser(settings.rate)
        self.done = 0  # steps
        self.steps = settings.steps  # in all
        self.began = 0  # the step at which the present run began, for its pace

    def _noise(self, settings: Settings) -> Parametrization:
        clamped = settings.range == "clamp"
        if settings.parametrization == "pixel":
            return PixelImage(settings.size, self.generator, clamped=clamped)
        return FourierImage(
            settings.size,
            self.generator,
            settings.decay,
            decorrelated=settings.decorrelated,
            clamped=clamped,
        )

    def copy(self) -> Drawing:
        """The same drawing again; what becomes of one does not touch the other."""
        twin = Drawing(self.settings)
        twin.image.load_state_dict(self.image.state_dict())
        twin.image.to(next(self.image.parameters()).device)
        twin.optimiser.load_state_dict(deepcopy(self.optimiser.state_dict()))
        twin.generator.set_state(self.generator.get_state())
        twin.done, twin.steps, twin.began = self.done, self.steps, self.began
        return twin

    def extend(self, steps: int) -> None:
        """Allow more steps; they slow down towards their own end."""
        self.began, self.steps = self.done, self.steps + steps

    @property
    def progress(self) -> float:
        """How much of all steps is done, from 0 to 1."""
        return self.done / self.steps

    def change(self, rendered: Tensor, pull: Tensor) -> None:
        """Move the parameters so that `rendered`, the image with its graph, moves along `pull`."""
        share = (self.done - self.began) / (self.steps - self.began)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate * pace(share)
        self.optimiser.zero_grad()
        # Every view counts alike: else the few that show nothing of the goal, with gradients ten times as
        # large, would decide how far Adam dares to go
        torch.autograd.backward(rendered, -pull / pull.square().mean().sqrt().clamp_min(1e-12))
        self.optimiser.step()
        self.done += 1


def pace(done: float) -> float:
    """The rate's share after `done` of the steps: half a cosine, so that the image settles."""
    return SLOWEST + (1 - SLOWEST) * (1 + math.cos(math.pi * done)) / 2
