"""The features of all photos in two dimensions, so that one sees which photos the network finds alike."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

PERPLEXITY = 30.0  # of t-SNE: about how many neighbours each photo looks at
MOST_PARTS = 50  # principal components that t-SNE begins from


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureMap:
    """Photos as points in a plane."""

    points: Tensor  # (N, 2)
    explained: tuple[float, float] | None  # of all variance along each axis, 0 to 1; None: they mean nothing


def principal_components(features: Tensor) -> FeatureMap:
    """Features (N, channels) seen along their first two principal components (Pearson 1901).

    Each axis points to where the channel that counts most in it grows, so that the same features always
    give the same map. An axis along which nothing differs is 0 throughout.

    Raises:
        ValueError: when there are not at least two rows, or fewer than two channels.
    """
    _require_features(features)
    centred = features.double() - features.double().mean(0)
    axes = _first_axes(centred)
    strongest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    points = centred @ (axes * strongest.sign()).T
    whole = centred.square().sum().clamp_min(1e-12)
    first, second = (points.square().sum(0) / whole).tolist()
    return FeatureMap(points=points.float(), explained=(first, second))


def neighbour_embedding(features: Tensor, seed: int = 0) -> FeatureMap:
    """Features (N, channels) laid out so that neighbours stay neighbours: scikit-learn's t-SNE.

    (van der Maaten and Hinton 2008, "Visualizing Data using t-SNE", JMLR 9.) It begins with the first two
    principal components; how far groups lie apart, and how large they are, says little. Takes seconds for
    2,000 photos. The same seed gives the same map on the same machine.

    Raises:
        ValueError: as `principal_components`.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    _require_features(features)
    numbers = features.double().numpy()
    if not (numbers != numbers[0]).any():
        return FeatureMap(points=torch.zeros(len(features), 2), explained=None)
    parts = min(MOST_PARTS, *features.shape)
    reduced = PCA(parts, random_state=seed).fit_transform(numbers)
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    layout = TSNE(perplexity=max(perplexity, 0.5), init="pca", random_state=seed).fit_transform(reduced)
    return FeatureMap(points=torch.from_numpy(layout).float(), explained=None)


def _require_features(features: Tensor) -> None:
    if features.ndim != 2 or min(features.shape) < 2:
        raise ValueError(f"expected features (N, channels), two or more each, got {tuple(features.shape)}")


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
