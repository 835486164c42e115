"""What a page says of a new photo: only a classifier's own training run can tell whether it is new."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.finetune import Classifier, FitSettings, ImageFolder, scan_folder
from core.finetune.learning_curve import CurvePoint
from core.finetune.novelty import NoveltyDetector
from core.texts import load_section
from demos.finetune_trust import seen_and_said
from demos.finetune_trust_views import learning_curve_words
from demos.finetune_work import Run, training_steps
from tests.core.finetune.photos import COLOURS, colour_folder, picture, small_network


@pytest.fixture
def folder(tmp_path: Path) -> ImageFolder:
    return scan_folder(colour_folder(tmp_path, 8))


def trained(folder: ImageFolder) -> Run:
    *_, run = training_steps(small_network(), folder, FitSettings(epochs=20), {})
    assert isinstance(run, Run)
    return run


def test_a_photo_is_compared_with_those_of_the_run(folder: ImageFolder, monkeypatch) -> None:
    run, texts = trained(folder), load_section("finetune")
    classifier = run.fitted.classifier
    assert run.detector is not None
    assert run.false_alarms == sum(each.is_novel for each in run.detector.judge(run.split.held_out))
    monkeypatch.setattr(NoveltyDetector, "fit", None)  # a new photo needs no second fit
    for colour in COLOURS.values():
        seen, shares = seen_and_said(texts, classifier, picture(colour), run, "a session")
        (judged,) = run.detector.judge(classifier.backbone.features(_square(classifier, colour)))
        nearest = folder.photos[run.fitted.learnt_from[judged.nearest]]
        assert seen["novelty"]["novel"] == judged.is_novel
        assert nearest.name in seen["novelty"]["alt"]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def _square(classifier: Classifier, colour: tuple[int, int, int]) -> torch.Tensor:
    return classifier.backbone.preprocess(picture(colour))


def test_a_run_says_nothing_of_a_classifier_from_elsewhere(folder: ImageFolder) -> None:
    run, texts = trained(folder), load_section("finetune")
    loaded = Classifier(
        backbone=small_network(), classes=("a", "b"), weight=torch.zeros(2, 8), bias=torch.zeros(2)
    )
    for last in (run, None):
        seen, shares = seen_and_said(texts, loaded, picture(COLOURS["red"]), last, "a session")
        assert "novelty" not in seen
        assert shares == [0.5, 0.5]


def test_few_photos_do_not_tell_what_is_new(tmp_path: Path) -> None:
    run = trained(scan_folder(colour_folder(tmp_path, 2)))
    assert (run.detector, run.false_alarms) == (None, 0)
    seen, _ = seen_and_said(
        load_section("finetune"), run.fitted.classifier, picture(COLOURS["red"]), run, "a session"
    )
    assert "novelty" not in seen


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((0.5, 0.7), 0.9, "it still rose, from 60 to 90 %"),
        ((0.9, 0.9), 0.88, "it hardly changed, 90 and 88 %"),
        ((0.9, 0.9), 0.9, "with 8 it is 90 % right"),
        ((1.0, 1.0), 1.0, "More photos like these have nothing left to mend."),
    ],
)
def test_the_curve_says_whether_the_last_photos_helped(folder: ImageFolder, before, after, said) -> None:
    points = [CurvePoint(photos=4, accuracies=before), CurvePoint(photos=8, accuracies=(after,))]
    assert said in learning_curve_words(load_section("finetune"), trained(folder).fitted, points)
