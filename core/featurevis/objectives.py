"""What is asked of an image. Objectives are immutable and always maximised; total variation is a penalty."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class ClassObjective:
    """How much of one class a network sees: its logit, plus `certainty` times its log-probability.

    The logit alone asks for as much of the class as possible; the log-probability also asks that it look
    like no other class, which tells a tabby from a tiger cat.
    """

    index: int  # of the class
    certainty: float = (
        0.0  # 0: the logit alone (Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034, eq. 1)
    )

    def __call__(self, logits: Tensor) -> Tensor:
        """Scores (N,) of logits (N, classes); larger is better, unbounded."""
        score = logits[:, self.index]
        if self.certainty:
            score = score + self.certainty * nn.functional.log_softmax(logits, dim=1)[:, self.index]
        return score


def total_variation(images: Tensor, power: int = 1) -> Tensor:
    """Mean difference between neighbours: mean |x[i+1, j] - x[i, j]|^p + mean |x[i, j+1] - x[i, j]|^p.

    The means run over all images, channels and pairs of neighbours, so that the size of an image does not
    change what a weight means. Power 1 keeps edges and is the total variation of Rudin, Osher and Fatemi
    (1992, doi:10.1016/0167-2789(92)90242-F) in its anisotropic form; power 2 blurs them (Mahendran and
    Vedaldi 2015, arXiv:1412.0035, eq. 4, with beta = 2).

    Args:
        images: (N, C, H, W), any range; H and W at least 2.
        power: 1 or 2.

    Returns:
        A scalar, at least 0; 0 for an image of one colour.
    """
    if power not in (1, 2):
        raise ValueError(f"expected power 1 or 2, got {power}")
    down = images[..., 1:, :] - images[..., :-1, :]
    right = images[..., 1:] - images[..., :-1]
    if power == 1:
        return down.abs().mean() + right.abs().mean()
    return down.square().mean() + right.square().mean()
