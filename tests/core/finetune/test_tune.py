"""Learning on: what changes, what stays, and which epoch is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from core.backbone import Backbone, load_backbone
from core.errors import FolderError
from core.finetune import Classifier, Epoch, FeatureProgress, FitSettings, Fitted, ImageFolder, scan_folder
from core.finetune import augment as augment_module
from core.finetune.augment import augmented
from core.finetune.fit import KnownFeatures, fit_steps
from core.finetune.learner import Learner, TuneProgress, TuneSettings, blocks
from core.finetune.tune import TuneStep, kept_steps, tune_steps
from core.images import open_image
from tests.core.finetune.photos import COLOURS, colour_folder, small_network

QUICK = FitSettings(epochs=20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ImageFolder:
    return scan_folder(colour_folder(tmp_path_factory.mktemp("colours"), 10))


@pytest.fixture
def mixed(tmp_path: Path) -> ImageFolder:
    """Two classes that nothing tells apart, so that a probe is often wrong."""
    return scan_folder(colour_folder(tmp_path, 16, {"a": COLOURS["red"], "b": COLOURS["red"]}))


def last(steps: Iterator[TuneStep]) -> Fitted:
    *_, fitted = steps
    assert isinstance(fitted, Fitted)
    return fitted


def weights(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def test_it_begins_with_the_probe_and_tells_what_is_going_on(folder: ImageFolder) -> None:
    network, tuned = small_network(), {}
    *_, probe = fit_steps(network, folder, QUICK)
    assert isinstance(probe, Fitted)
    steps = list(tune_steps(network, folder, QUICK, TuneSettings(epochs=2, batch=4), {}, tuned))
    epochs = [step for step in steps if isinstance(step, Epoch)]
    assert [step.epoch for step in epochs] == [0, 1, 2]
    assert epochs[0].held_out_accuracy == probe.evaluation.accuracy == 1
    batches = [step for step in steps if isinstance(step, TuneProgress)]
    train = len(probe.learnt_from) - 3  # one photo of each class chooses the epoch
    assert [step.done for step in batches if step.epoch == 1] == [*range(4, train, 4), train]
    assert batches[-1].seconds_left == 0
    assert any(isinstance(step, FeatureProgress) for step in steps)
    fitted = steps[-1]
    assert isinstance(fitted, Fitted)
    assert (fitted.learnt_from, fitted.held_out) == (probe.learnt_from, probe.held_out)
    assert set(tuned) == {photo.path for photo in folder.photos}


def test_the_shared_network_stays_as_it_is(folder: ImageFolder) -> None:
    network = small_network()
    before = weights(network.model)
    fitted = last(tune_steps(network, folder, QUICK, TuneSettings(depth="everything", epochs=1), {}, {}))
    assert fitted.classifier.backbone.model is not network.model
    assert all(torch.equal(value, before[name]) for name, value in network.model.state_dict().items())
    for model in (network.model, fitted.classifier.backbone.model):
        assert not any(parameter.requires_grad for parameter in model.parameters())
        assert not model.training


def begun(network: Backbone, folder: ImageFolder, seed: int = 0, **chosen: Any) -> Learner:
    """A learner that has learnt nothing yet."""
    known: KnownFeatures = {}
    settings = FitSettings(epochs=20, seed=seed)
    *_, probe = fit_steps(network, folder, settings, known)
    assert isinstance(probe, Fitted)
    return Learner(network, folder, probe, settings, TuneSettings(**chosen), known)


def test_it_begins_with_a_probe_that_does_not_know_the_photos_that_choose(mixed: ImageFolder) -> None:
    network = small_network()
    learner = begun(network, mixed)
    assert set(learner.train) | set(learner.validation) == set(learner.start.learnt_from)
    assert not set(learner.train) & set(learner.validation)
    only = replace(
        mixed,
        photos=tuple(
            replace(photo, part="train" if i in learner.train else "held_out")
            for i, photo in enumerate(mixed.photos)
        ),
    )
    *_, known = fit_steps(network, only, QUICK)
    assert isinstance(known, Fitted)
    torch.testing.assert_close(learner.classifier.weight.detach(), known.classifier.weight)


def test_almost_no_rate_leaves_all_as_it_was(mixed: ImageFolder) -> None:
    network = small_network()
    tuned = last(tune_steps(network, mixed, QUICK, TuneSettings(rate=1e-12, epochs=1), {}, {}))
    begin = begun(network, mixed).classifier
    torch.testing.assert_close(tuned.classifier.weight, begin.weight.detach())
    torch.testing.assert_close(tuned.classifier.bias, begin.bias.detach())


def test_an_epoch_that_spoils_it_is_not_kept_and_learning_ends_early(folder: ImageFolder) -> None:
    network = small_network()
    spoiling = TuneSettings(depth="everything", rate=30.0, epochs=9, patience=2)
    steps = list(tune_steps(network, folder, QUICK, spoiling, {}, {}))
    assert [step.epoch for step in steps if isinstance(step, Epoch)] == [0, 1, 2]
    fitted = steps[-1]
    assert isinstance(fitted, Fitted)
    torch.testing.assert_close(fitted.classifier.weight, begun(network, folder).classifier.weight.detach())
    after = weights(fitted.classifier.backbone.model)
    assert all(torch.equal(value, after[name]) for name, value in network.model.state_dict().items())


def test_the_round_with_the_lowest_validation_loss_is_kept(folder: ImageFolder) -> None:
    learner = begun(small_network(), folder, depth="everything", rate=0.01, epochs=6)

    def loss() -> float:
        paths = [folder.photos[i].path for i in learner.validation]
        images = torch.cat([learner.backbone.preprocess(open_image(path)) for path in paths])
        labels = torch.tensor([folder.photos[i].label for i in learner.validation])
        with torch.no_grad():
            logits = learner.logits(images)
            features = learner.backbone.features(images)
            learner.judge([dict(zip(paths, features, strict=True)).get(each.path) for each in folder.photos])
        return torch.nn.functional.cross_entropy(logits, labels).item()

    losses = [loss()]
    for _ in range(6):
        assert list(learner.learn())
        losses.append(loss())
    learner.keep_best()
    assert loss() == pytest.approx(min(losses), abs=1e-5)
    assert max(losses) > min(losses) + 1e-3


@pytest.mark.parametrize("depth", ["last_block", "everything"])
def test_only_what_is_to_learn_changes(mixed: ImageFolder, depth: str) -> None:
    network = load_backbone("efficientnet_lite0", "cpu")
    few = replace(mixed, photos=mixed.photos[:6] + mixed.photos[16:22])
    learner = begun(network, few, depth=depth, epochs=1, batch=12, rate=1e-3)
    assert list(learner.learn())
    changed = {
        name.partition(".")[0]
        for name, value in learner.backbone.model.named_parameters()
        if not torch.equal(value, dict(network.model.named_parameters())[name])
    }
    before_head = network.layers[: network.layers.index(network.feature_layer) + 1]
    learning = before_head if depth == "everything" else before_head[before_head.index("block7_1") :]
    assert changed == set(learning)


def test_its_own_forward_pass_is_the_classifiers(mixed: ImageFolder) -> None:
    network = load_backbone("efficientnet_lite0", "cpu")
    learner = begun(network, mixed)
    images = network.preprocess(open_image(mixed.photos[0].path))
    with torch.no_grad():
        shares = learner.logits(images).softmax(1)
    torch.testing.assert_close(shares, learner.classifier.predict(images))


def test_the_same_seed_gives_the_same_network(mixed: ImageFolder) -> None:
    def run(seed: int) -> torch.Tensor:
        learner = begun(small_network(), mixed, seed, rate=1e-2)
        list(learner.learn())
        return learner.classifier.weight.detach()

    assert torch.equal(run(0), run(0))
    assert not torch.equal(run(0), run(1))


@pytest.mark.parametrize(("name", "first"), [("vgg16", "conv5_1"), ("efficientnet_lite0", "block7_1")])
def test_the_last_block_begins_where_its_number_does(name: str, first: str) -> None:
    network = load_backbone(name, "cpu")
    frozen, (block,) = blocks(network, "last_block")
    assert block[0] is network.model.get_submodule(first)
    assert block[-1] is network.model.get_submodule(network.feature_layer)
    assert 1 + sum(map(len, [*frozen[1:], block])) == 2 + network.layers.index(network.feature_layer)
    assert len(blocks(network, "everything")[1]) == {"vgg16": 5, "efficientnet_lite0": 8}[name]


def test_augmented_images_keep_their_shape_and_range() -> None:
    images = torch.rand(6, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    one, same, other = (augmented(images, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert one.shape == images.shape
    assert one.min() >= 0
    assert one.max() <= 1
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_without_crop_and_colour_an_image_is_itself_or_mirrored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment_module, "LEAST_SIDE", 1)
    monkeypatch.setattr(augment_module, "COLOUR", 0)
    images = torch.rand(32, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    changed = augmented(images, torch.Generator().manual_seed(0))
    same = [torch.allclose(a, b, atol=1e-5) for a, b in zip(images, changed, strict=True)]
    mirrored = [torch.allclose(a.flip(2), b, atol=1e-5) for a, b in zip(images, changed, strict=True)]
    assert all(a != b for a, b in zip(same, mirrored, strict=True))
    assert 8 < sum(mirrored) < 24


@pytest.fixture(scope="module")
def tuned(folder: ImageFolder) -> Classifier:
    network = load_backbone("efficientnet_lite0", "cpu")
    few = replace(folder, photos=folder.photos[:4] + folder.photos[10:14] + folder.photos[20:24])
    learner = begun(network, few)
    list(learner.learn())
    return replace(learner.classifier, weight=learner.classifier.weight.detach())


def test_a_tuned_classifier_is_saved_with_what_was_tuned_only(
    tuned: Classifier, folder: ImageFolder, tmp_path: Path
) -> None:
    path = tmp_path / "tuned.safetensors"
    with torch.no_grad():
        tuned.save(path)
    loaded = Classifier.load(path, "cpu")
    images = tuned.backbone.preprocess(open_image(folder.photos[0].path))
    torch.testing.assert_close(loaded.predict(images), tuned.predict(images), rtol=0, atol=1e-6)
    with safe_open(path, framework="pt") as file:
        kept = {name.removeprefix("network.").partition(".")[0] for name in file.keys()}  # noqa: SIM118
    assert kept == {"weight", "bias", "block7_1", "conv_head", "bn2"}
    assert load_backbone("efficientnet_lite0", "cpu").model is not loaded.backbone.model


@pytest.mark.parametrize(
    "wrong",
    [
        {"network.nothing.weight": torch.zeros(1)},
        {"network.conv_head.weight": torch.zeros(2, 2)},
        {"network.bn2.bias": torch.full((1280,), torch.nan)},
        {"network.bn2.bias": torch.zeros(1280, dtype=torch.float64)},
    ],
)
def test_tensors_that_do_not_fit_the_network_are_refused(
    tuned: Classifier, tmp_path: Path, wrong: dict[str, torch.Tensor]
) -> None:
    path = tmp_path / "wrong.safetensors"
    with torch.no_grad():
        tuned.save(path)
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    save_file(tensors | wrong, path, metadata=metadata)
    with pytest.raises(FolderError):
        Classifier.load(path, "cpu")


def test_whoever_stops_it_gets_the_best_so_far(mixed: ImageFolder) -> None:
    network = small_network()
    tune = TuneSettings(depth="everything", epochs=5, rate=3e-3, patience=5)
    steps = tune_steps(network, mixed, QUICK, tune, {}, {})
    learner = next(step for step in steps if isinstance(step, Learner))
    for step in steps:
        if isinstance(step, TuneProgress) and step.epoch == 3:
            steps.close()  # type: ignore[attr-defined]
            break
    features: KnownFeatures = {}
    *progress, fitted = kept_steps(learner, features)
    assert isinstance(fitted, Fitted)
    assert fitted.kept_epoch == learner.best_epoch <= 2
    assert progress
    assert set(features) == {photo.path for photo in mixed.photos}
    images = network.preprocess(open_image(mixed.photos[fitted.held_out[0]].path))
    said = torch.from_numpy(fitted.evaluation.probabilities[:1])
    torch.testing.assert_close(fitted.classifier.predict(images), said, atol=1e-4, rtol=0)
    assert not any(parameter.requires_grad for parameter in fitted.classifier.backbone.model.parameters())
