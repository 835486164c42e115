"""The map of features, judged by scikit-learn's PCA."""

from __future__ import annotations

import pytest
import torch
from sklearn.decomposition import PCA

from core.finetune.feature_map import principal_components


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


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (5,)])
def test_too_little_for_a_map(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="two or more each"):
        principal_components(torch.zeros(shape))
