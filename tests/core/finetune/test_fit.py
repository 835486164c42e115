"""From a folder to a classifier: splits, features once, the same again for the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import precision_score, recall_score

from core.backbone import load_backbone
from core.errors import FolderError
from core.finetune import (
    Classifier,
    Epoch,
    Evaluation,
    FeatureProgress,
    FitSettings,
    Fitted,
    ImageFolder,
    Photo,
    changed,
    fit,
    fit_steps,
    scan_folder,
    texture_tiles,
    wilson_interval,
)
from core.finetune.fit import split
from core.images import open_image

from .photos import COLOURS, colour_folder, picture, small_network


@pytest.fixture
def folder(tmp_path: Path) -> ImageFolder:
    return scan_folder(colour_folder(tmp_path, 8))


def last(folder: ImageFolder, settings: FitSettings | None = None) -> Fitted:
    *_, result = fit_steps(small_network(), folder, settings)
    assert isinstance(result, Fitted)
    return result


def test_the_steps_tell_what_is_going_on(folder: ImageFolder) -> None:
    steps = list(fit_steps(small_network(), folder, FitSettings(epochs=20)))
    progress = [step for step in steps if isinstance(step, FeatureProgress)]
    epochs = [step for step in steps if isinstance(step, Epoch)]
    assert [step.done for step in progress] == [8, 16, 24]
    assert progress[-1].seconds_left == 0
    assert [step.epoch for step in epochs] == list(range(21))
    assert epochs[0].loss == pytest.approx(np.log(3), abs=1e-5)
    assert epochs[-1].loss < epochs[0].loss
    assert isinstance(steps[-1], Fitted)
    assert len(steps) == len(progress) + len(epochs) + 1


def test_three_colours_are_learnt(folder: ImageFolder) -> None:
    result = last(folder)
    assert result.evaluation.accuracy == 1
    assert result.evaluation.count == 6
    for name, colour in COLOURS.items():
        shares = result.classifier.classify(picture(colour, seed=99))
        assert folder.classes[int(np.argmax(shares))] == name
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_the_same_seed_gives_the_same_weights(folder: ImageFolder) -> None:
    one, same, other = (last(folder, FitSettings(seed=seed)) for seed in (3, 3, 4))
    assert torch.equal(one.classifier.weight, same.classifier.weight)
    assert torch.equal(one.classifier.bias, same.classifier.bias)
    assert one.held_out != other.held_out


def test_the_evaluation_is_of_the_photos_held_out(folder: ImageFolder) -> None:
    result = last(folder)
    for place, index in enumerate(result.held_out):
        photo = folder.photos[index]
        assert result.evaluation.truths[place] == photo.label
        shares = result.classifier.classify(open_image(photo.path))
        assert np.abs(result.evaluation.probabilities[place] - shares).max() < 1e-4


def test_known_features_are_not_worked_out_again(folder: ImageFolder) -> None:
    known: dict[Path, torch.Tensor] = {}
    first = list(fit_steps(small_network(), folder, known=known))
    again = list(fit_steps(small_network(), folder, known=known))
    assert len(known) == 24
    assert not any(isinstance(step, FeatureProgress) for step in again)
    assert torch.equal(first[-1].classifier.weight, again[-1].classifier.weight)


def test_stopping_keeps_the_features_so_far(folder: ImageFolder) -> None:
    known: dict[Path, torch.Tensor] = {}
    steps = fit_steps(small_network(), folder, known=known)
    next(steps)
    steps.close()
    assert len(known) == 8
    resumed = fit_steps(small_network(), folder, known=known)
    assert next(resumed).done == 16


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_split_is_stratified_and_whole(share: float) -> None:
    counts = (2, 3, 40)
    photos = tuple(
        Photo(name=f"{label}/{n}", path=Path(f"{label}/{n}"), label=label)
        for label, count in enumerate(counts)
        for n in range(count)
    )
    learnt, held = split(ImageFolder(classes=("a", "b", "c"), photos=photos), share, seed=1)
    assert sorted(learnt + held) == list(range(45))
    for label, count in enumerate(counts):
        here = sum(photos[index].label == label for index in held)
        assert here == min(max(round(share * count), 1), count - 1)


def test_moving_one_photo_does_not_deal_the_others_anew(folder: ImageFolder) -> None:
    names = {folder.photos[index].name for index in split(folder, 0.25, seed=0)[1]}
    without = changed(folder, {0: None})
    after = {without.photos[index].name for index in split(without, 0.25, seed=0)[1]}
    assert len(names ^ after) <= 2


def test_a_folders_own_split_is_used(tmp_path: Path) -> None:
    colour_folder(tmp_path / "train", 4)
    colour_folder(tmp_path / "test", 2)
    folder = scan_folder(tmp_path)
    learnt, held = split(folder, 0.5, seed=7)
    assert {folder.photos[index].name.split("/")[0] for index in learnt} == {"train"}
    assert {folder.photos[index].name.split("/")[0] for index in held} == {"test"}
    assert (len(learnt), len(held)) == (12, 6)


def test_textures_share_no_pixel_across_the_split(tmp_path: Path) -> None:
    folder = texture_tiles(tmp_path)
    assert folder.classes == ("brick", "grass", "gravel")
    assert folder.counts == (25, 25, 25)
    assert folder.has_split
    columns = {
        part: {p.name.rsplit("_")[-1] for p in folder.photos if p.part == part}
        for part in ("train", "held_out")
    }
    assert not columns["train"] & columns["held_out"]


def test_a_saved_classifier_says_the_same(tmp_path: Path) -> None:
    network = load_backbone("efficientnet_lite0")
    classifier = fit(network, scan_folder(colour_folder(tmp_path, 3)), FitSettings(epochs=20))
    classifier.save(tmp_path / "mine.safetensors")
    loaded = Classifier.load(tmp_path / "mine.safetensors")
    assert loaded.classes == classifier.classes == ("blue", "green", "red")
    images = torch.cat([network.preprocess(picture(colour)) for colour in COLOURS.values()])
    assert torch.equal(loaded.predict(images), classifier.predict(images))
    assert not any(parameter.requires_grad for parameter in network.model.parameters())


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04K\x01.", b'\x10\x00\x00\x00\x00\x00\x00\x00{"a":1}         ']
)
def test_a_file_that_is_no_classifier_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(FolderError, match=r"x\.safetensors"):
        Classifier.load(tmp_path / "x.safetensors")


def test_the_interval_is_wilsons() -> None:
    """Published values: Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson_interval(0, 0) == (0, 1)


def test_confusion_and_baseline() -> None:
    shares = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]], dtype=np.float32)
    judged = Evaluation(
        classes=("a", "b"), truths=np.array([0, 0, 1, 1]), probabilities=shares, largest_class=1
    )
    assert judged.confusion.tolist() == [[1, 1], [1, 1]]
    assert (judged.right, judged.accuracy, judged.baseline) == (2, 0.5, 0.5)


def test_precision_and_recall_are_scikit_learns() -> None:
    generator = np.random.default_rng(0)
    truths = generator.integers(0, 3, 60)
    probabilities = generator.dirichlet(np.ones(4), 60).astype(np.float32)  # no photo is of class 3
    judged = Evaluation(classes=tuple("abcd"), truths=truths, probabilities=probabilities, largest_class=0)
    for mine, average in ((judged.precision, precision_score), (judged.recall, recall_score)):
        known = average(truths, judged.answers, labels=range(4), average=None, zero_division=np.nan)
        np.testing.assert_allclose(mine, known)
    assert np.isnan(judged.recall[3])


def test_the_surest_mistake_comes_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.1, 0.9], [0.3, 0.7]], dtype=np.float32)
    judged = Evaluation(
        classes=("cat", "dog"), truths=np.array([0, 0, 0, 1]), probabilities=probabilities, largest_class=0
    )
    assert judged.surest_mistakes == [2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_copies_stay_on_one_side_of_the_split(folder: ImageFolder, seed: int) -> None:
    photos = [replace(photo, copy_of=None) for photo in folder.photos]
    for label in range(len(folder.classes)):
        first, *others = (i for i, photo in enumerate(photos) if photo.label == label)
        for i in others[:3]:
            photos[i] = replace(photos[i], copy_of=photos[first].name)
    learnt_from, held_out = split(replace(folder, photos=tuple(photos)), 0.25, seed)
    assert sorted(learnt_from + held_out) == list(range(len(photos)))
    pictures = [{photos[i].copy_of or photos[i].name for i in side} for side in (learnt_from, held_out)]
    assert not pictures[0] & pictures[1]
    assert {photos[i].label for i in held_out} == set(range(len(folder.classes)))
