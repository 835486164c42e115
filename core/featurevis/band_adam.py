"""Adam for waves: those of about one length share the measure of how large their gradients are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

SMALLEST = 1e-12  # beside the size of the gradients


class BandAdam(torch.optim.Optimizer):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) with one second moment for each band of waves.

    Adam divides every value's mean gradient m by the root of its own mean square v, so that each wave moves
    about as far, whether its gradient is a wish or chance. Here v is the mean over all waves of one colour in
    one band: short waves still move as far as long ones, but in a band those that are wanted move most.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        bands: Tensor,
        *,
        rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        """Prepare for parameters (C, *bands.shape, 2), the real and imaginary parts of C colours' waves.

        Args:
            parameters: what is moved.
            bands: for each wave the number of its band, from 0.
            rate: how far the waves of a band move in a step, about, if all gradients keep their direction.
            betas: how slowly the means of gradient and square forget, in [0, 1).
        """
        super().__init__(parameters, {"lr": rate, "betas": betas})
        self.bands = bands.flatten()
        self.waves = torch.bincount(self.bands).clamp_min(1)  # in each band

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every parameter that has a gradient; `closure` is not called."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad, group["lr"], group["betas"])

    def _move(self, parameter: Tensor, gradient: Tensor, rate: float, betas: tuple[float, float]) -> None:
        state, (slow, slower) = self.state[parameter], betas
        if not state:
            state["step"] = torch.zeros(())
            state["mean"] = torch.zeros_like(parameter)
            state["square"] = parameter.new_zeros(len(parameter), len(self.waves))
        state["step"] += 1
        state["mean"].lerp_(gradient, 1 - slow)
        state["square"].lerp_(self._mean_squares(gradient), 1 - slower)
        done = float(state["step"])
        size = (state["square"] / (1 - slower**done)).sqrt()[:, self.bands].view(parameter.shape[:-1])
        parameter.addcdiv_(state["mean"], size.unsqueeze(-1) + SMALLEST, value=-rate / (1 - slow**done))

    def _mean_squares(self, gradient: Tensor) -> Tensor:
        """The mean square of each colour's gradients in each band, (C, bands)."""
        squares = gradient.square().mean(-1).flatten(1)
        return (
            squares.new_zeros(len(squares), len(self.waves)).index_add_(1, self.bands, squares) / self.waves
        )
