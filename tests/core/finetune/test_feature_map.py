"""The map of features, judged by scikit-learn's PCA."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from sklearn.decomposition import PCA

from core.finetune.feature_map import FeatureMap, neighbour_embedding, principal_components


@pytest.mark.parametrize("shape", [(40, 7), (9, 60), (3, 2)])
def test_the_map_is_scikit_learns_up_to_the_sign_of_its_axes(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(shape, generator=generator) * torch.arange(1.0, shape[1] + 1) + 5
    judge = PCA(2).fit(features.double().numpy())
    theirs = torch.from_numpy(judge.transform(features.double().numpy())).float()
    found = principal_components(features)
    for axis in range(2):
        sign = (found.points[:, axis] @ theirs[:, axis]).sign()
        assert torch.allclose(found.points[:, axis], sign * theirs[:, axis], atol=1e-3)
    assert found.explained == pytest.approx(judge.explained_variance_ratio_, abs=1e-6)
    assert torch.equal(found.points, principal_components(features).points)


def test_photos_all_alike_lie_in_one_place() -> None:
    found = principal_components(torch.ones(4, 3))
    assert found.points.abs().max() == 0
    assert found.explained == (0, 0)


def test_neighbours_stay_neighbours() -> None:
    generator = torch.Generator().manual_seed(0)
    groups = torch.arange(90) % 3
    features = torch.randn(90, 200, generator=generator) + 3 * torch.eye(3, 200)[groups] * 4
    found = neighbour_embedding(features, seed=1)
    assert (found.points.shape, found.explained) == ((90, 2), None)
    far = torch.cdist(found.points, found.points).fill_diagonal_(torch.inf)
    assert torch.equal(groups[far.argmin(1)], groups)
    assert torch.equal(found.points, neighbour_embedding(features, seed=1).points)


@pytest.mark.parametrize("photos", [2, 3, 5])
def test_a_few_photos_have_a_map_too(photos: int) -> None:
    found = neighbour_embedding(torch.randn(photos, 8, generator=torch.Generator().manual_seed(0)))
    assert found.points.isfinite().all()
    assert neighbour_embedding(torch.ones(photos, 8)).points.abs().max() == 0


@pytest.mark.parametrize("method", [principal_components, neighbour_embedding])
@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (5,)])
def test_too_little_for_a_map(method: Callable[[torch.Tensor], FeatureMap], shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="two or more each"):
        method(torch.zeros(shape))
