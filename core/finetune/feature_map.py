"""The features of all photos in two dimensions, so that one sees which photos the network finds alike."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureMap:
    """Principal components: the directions in which the features differ most."""

    points: Tensor  # (N, 2), centred
    explained: tuple[float, float]  # share of all variance along each axis, 0 to 1


def principal_components(features: Tensor) -> FeatureMap:
    """Features (N, channels) seen along their first two principal components (Pearson 1901).

    Each axis points to where the channel that counts most in it grows, so that the same features always
    give the same map. An axis along which nothing differs is 0 throughout.

    Raises:
        ValueError: when there are not at least two rows, or fewer than two channels.
    """
    if features.ndim != 2 or min(features.shape) < 2:
        raise ValueError(f"expected features (N, channels), two or more each, got {tuple(features.shape)}")
    centred = features.double() - features.double().mean(0)
    axes = _first_axes(centred)
    strongest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    points = centred @ (axes * strongest.sign()).T
    whole = centred.square().sum().clamp_min(1e-12)
    first, second = (points.square().sum(0) / whole).tolist()
    return FeatureMap(points=points.float(), explained=(first, second))


def _first_axes(centred: Tensor) -> Tensor:
    """The first two right singular vectors (2, channels), through the smaller of the two Gram matrices.

    A full SVD of 2,000 photos takes seconds; in float64 the squared spreads of a Gram matrix suffice.
    """
    if len(centred) >= centred.shape[1]:
        _, found = torch.linalg.eigh(centred.T @ centred)
        axes: Tensor = found[:, -2:].flip(1).T
    else:
        _, found = torch.linalg.eigh(centred @ centred.T)
        axes = found[:, -2:].flip(1).T @ centred
    lengths: Tensor = axes.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return axes / lengths
