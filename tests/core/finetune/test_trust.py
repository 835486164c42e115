"""Baselines and the learning curve, judged by scikit-learn and by clouds whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from core.finetune import Fitted, fit_steps, scan_folder
from core.finetune.learning_curve import LearningCurveSettings, learning_curve, learning_curve_steps
from core.finetune.neighbours import nearest_neighbour_accuracy, nearest_neighbours
from core.finetune.split_features import SplitFeatures, split_features

from .photos import COLOURS, colour_folder, small_network


def clouds(spread: float = 1.0, train: int = 40, held_out: int = 30, classes: int = 3) -> SplitFeatures:
    """Gaussian clouds around corners of a simplex in ten dimensions."""
    generator = torch.Generator().manual_seed(0)

    def part(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        labels = torch.arange(classes).repeat_interleave(count)
        centres = 3 * torch.eye(10)[labels]
        return centres + spread * torch.randn(len(labels), 10, generator=generator), labels

    features, labels = part(train)
    held, held_labels = part(held_out)
    return SplitFeatures(
        classes=("a", "b", "c")[:classes],
        train=features,
        train_labels=labels,
        held_out=held,
        held_out_labels=held_labels,
    )


def test_the_split_has_the_photos_of_the_evaluation(tmp_path: Path) -> None:
    folder, known = scan_folder(colour_folder(tmp_path, 6)), {}
    *_, fitted = fit_steps(small_network(), folder, known=known)
    assert isinstance(fitted, Fitted)
    split = split_features(folder, fitted, known)
    assert split.train.shape == (len(fitted.learnt_from), 8)
    assert split.held_out_labels.tolist() == fitted.evaluation.truths.tolist()
    logits = fitted.classifier.logits(split.held_out)
    assert torch.allclose(logits.softmax(1), torch.from_numpy(fitted.evaluation.probabilities), atol=1e-6)
    del known[folder.photos[0].path]
    with pytest.raises(KeyError):
        split_features(folder, fitted, known)


@pytest.mark.parametrize("spread", [0.5, 2.0, 4.0])
def test_the_nearest_neighbour_is_scikit_learns(spread: float) -> None:
    split = clouds(spread)
    judge = KNeighborsClassifier(1, metric="cosine").fit(split.train.numpy(), split.train_labels.numpy())
    distances, indices = judge.kneighbors(split.held_out.numpy())
    found = nearest_neighbours(split.held_out, split.train)
    assert found.indices.tolist() == indices[:, 0].tolist()
    assert torch.allclose(found.distances, torch.from_numpy(distances[:, 0]), atol=1e-5)
    score = judge.score(split.held_out.numpy(), split.held_out_labels.numpy())
    assert nearest_neighbour_accuracy(split) == pytest.approx(score)


def test_a_photo_is_not_its_own_neighbour() -> None:
    vectors = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    found = nearest_neighbours(vectors[:3], vectors[:3], leave_out_self=True)
    assert found.indices[:2].tolist() == [1, 0]
    assert found.distances.tolist() == pytest.approx([0, 0, 1], abs=1e-6)


def test_the_nearest_neighbour_by_hand() -> None:
    split = SplitFeatures(
        classes=("a", "b"),
        train=torch.eye(3),
        train_labels=torch.tensor([1, 1, 0]),
        held_out=torch.eye(3)[:2].repeat(2, 1),
        held_out_labels=torch.tensor([0, 0, 0, 1]),
    )
    assert nearest_neighbour_accuracy(split) == 0.25


def test_the_largest_class_is_the_one_learnt_from(tmp_path: Path) -> None:
    """Most of the photos held out are red, but most to learn from were blue."""
    for part, red, blue in (("train", 2, 4), ("test", 3, 1)):
        colour_folder(tmp_path / part, red, {"red": COLOURS["red"]})
        colour_folder(tmp_path / part, blue, {"blue": COLOURS["blue"]})
    *_, fitted = fit_steps(small_network(), scan_folder(tmp_path))
    assert isinstance(fitted, Fitted)
    judged = fitted.evaluation
    assert (judged.classes[judged.largest_class], judged.baseline) == ("blue", 0.25)


def test_more_photos_help_until_the_probe_of_all_is_reached() -> None:
    split = clouds(spread=1.6, train=80, held_out=80)
    steps = list(learning_curve_steps(split))
    points = steps[-1].points
    assert [point.photos for point in points] == [12, 24, 60, 120, 240]
    assert [len(point.accuracies) for point in points] == [5, 5, 5, 5, 1]
    assert [step.done for step in steps] == list(range(1, 22))
    assert {step.total for step in steps} == {21}
    assert points[0].mean < points[2].mean < points[4].mean
    assert learning_curve(split) == points


def test_the_same_seed_draws_the_same_photos() -> None:
    split = clouds(spread=2.5)
    one, same, other = (learning_curve(split, LearningCurveSettings(seed=seed)) for seed in (1, 1, 7))
    assert one == same != other
    assert one[-1] == other[-1]


def test_every_class_has_a_photo_in_every_part() -> None:
    """Two photos in one class and forty in another: 5 % still has one of the two."""
    even = clouds(spread=0.01, classes=2)
    few = torch.arange(38, 80)  # the last two photos of the first class, all of the second
    split = replace(even, train=even.train[few], train_labels=even.train_labels[few])
    assert split.train_labels.bincount().tolist() == [2, 40]
    points = learning_curve(split)
    assert [point.photos for point in points] == [1 + 2, 1 + 4, 1 + 10, 1 + 20, 2 + 40]
    assert points[0].mean == 1  # clouds so tight that one photo of each is enough, and that none is not


def test_shares_that_come_to_the_same_photos_are_one_point() -> None:
    assert [point.photos for point in learning_curve(clouds(train=2, classes=2))] == [2, 4]
    assert learning_curve(clouds(spread=0.01, train=20))[0].mean == 1


@pytest.mark.parametrize("shares", [(), (0.5, 0.1), (0.0, 1.0), (0.5, 1.5)])
def test_shares_that_make_no_curve(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected shares"):
        next(learning_curve_steps(clouds(), LearningCurveSettings(shares=shares)))
