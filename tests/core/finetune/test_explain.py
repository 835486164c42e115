"""What a photo is to a classifier: its Grad-CAM, judged by the grad-cam package, and its novelty."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from core.backbone import load_backbone
from core.finetune import Classifier, FitSettings, fit_steps, texture_tiles
from core.finetune.explain import explain
from core.finetune.neighbours import nearest_neighbours
from core.finetune.novelty import NoveltyDetector
from core.finetune.split_features import split_features
from core.images import open_image
from core.samples import sample_path

from .photos import small_network


@pytest.fixture
def classifier() -> Classifier:
    generator = torch.Generator().manual_seed(1)
    return Classifier(
        backbone=small_network(),
        classes=("a", "b", "c"),
        weight=torch.randn(3, 8, generator=generator) + 1,
        bias=torch.randn(3, generator=generator),
    )


@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_map_is_that_of_the_grad_cam_package(classifier: Classifier, label: int) -> None:
    images = torch.rand(1, 3, 33, 33, generator=torch.Generator().manual_seed(2))
    layers = classifier.backbone.model
    head = torch.nn.Linear(8, 3)
    head.weight.data, head.bias.data = classifier.weight.clone(), classifier.bias.clone()
    whole = torch.nn.Sequential(layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), head)
    with GradCAM(model=whole, target_layers=[layers.relu]) as judge:
        theirs = judge(images.clone().requires_grad_(), [ClassifierOutputTarget(label)])[0]
    found = explain(classifier, images, label).map
    assert found.max() == 1
    # The package enlarges, and stretches what comes out to [0, 1]
    large = cv2.resize(found.numpy(), (33, 33))
    assert np.abs((large - large.min()) / np.ptp(large) - theirs).max() < 1e-4


def test_the_answer_is_the_classifiers(classifier: Classifier) -> None:
    images = torch.rand(1, 3, 33, 33, generator=torch.Generator().manual_seed(3))
    found = explain(classifier, images)
    assert torch.allclose(found.probabilities, classifier.predict(images)[0], atol=1e-6)
    assert torch.allclose(found.features, classifier.backbone.features(images)[0], atol=1e-6)
    assert found.class_index == int(found.probabilities.argmax())
    assert not classifier.weight.requires_grad
    with pytest.raises(ValueError, match="from 0 to 2"):
        explain(classifier, images, 3)


def test_a_class_that_nothing_speaks_for_has_an_empty_map() -> None:
    against = Classifier(
        backbone=small_network(), classes=("a", "b"), weight=-torch.ones(2, 8), bias=torch.zeros(2)
    )
    assert explain(against, torch.rand(1, 3, 33, 33), 0).map.max() == 0


def test_the_threshold_is_a_quantile_of_each_against_all_others() -> None:
    train = torch.randn(60, 6, generator=torch.Generator().manual_seed(0))
    detector = NoveltyDetector.fit(train, quantile=0.9)
    apart = torch.stack(
        [nearest_neighbours(train[i : i + 1], train[torch.arange(60) != i]).distances[0] for i in range(60)]
    )
    assert (apart > detector.threshold).sum() == 6
    (own,) = detector.judge(3 * train[7:8])
    assert (own.nearest, own.is_novel) == (7, False)
    assert own.distance == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="two or more"):
        NoveltyDetector.fit(train[:1])


def test_a_direction_never_seen_is_novel() -> None:
    generator = torch.Generator().manual_seed(0)
    train = torch.eye(10)[:3].repeat_interleave(20, 0) + 0.1 * torch.randn(60, 10, generator=generator)
    detector = NoveltyDetector.fit(train)
    like, unlike = torch.eye(10)[:3], torch.eye(10)[5:]
    assert not any(found.is_novel for found in detector.judge(like))
    assert all(found.is_novel for found in detector.judge(unlike))


def test_textures_know_a_cat_for_something_new(tmp_path: Path) -> None:
    """Held-out pieces of the same textures are mostly no news; a cat, a cottage and a cup of coffee are."""
    folder, known = texture_tiles(tmp_path), {}
    backbone = load_backbone("efficientnet_lite0")
    *_, fitted = fit_steps(backbone, folder, FitSettings(epochs=10), known)
    split = split_features(folder, fitted, known)
    detector = NoveltyDetector.fit(split.train)
    assert sum(found.is_novel for found in detector.judge(split.held_out)) <= 3
    photos = [open_image(sample_path(name)) for name in ("cat", "cottage", "coffee")]
    features = torch.cat([backbone.features(backbone.preprocess(photo)) for photo in photos])
    assert all(found.is_novel for found in detector.judge(features))
