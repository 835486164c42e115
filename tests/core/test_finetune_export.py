"""A classifier taken away: every file in the zip gives what the page gives, and its card tells the truth."""

from __future__ import annotations

import copy
import csv
import datetime
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.backbone import BACKBONES, load_backbone, missing_checkpoints
from core.errors import FolderError
from core.finetune import (
    Classifier,
    FitSettings,
    Fitted,
    Training,
    export,
    fit_steps,
    load_classifier,
    pack,
    scan_folder,
    wilson_interval,
)
from core.finetune.model_card import model_card
from core.finetune.onnx_file import open_onnx
from core.images import open_image
from core.samples import sample_path

from .finetune.photos import colour_folder

HERE = [name for name in BACKBONES if not missing_checkpoints(name)]
PHOTOS = ("cat", "coffee", "cottage")
NAMES = {"muur | *2*": (200, 40, 40), "حصى 🪨": (40, 200, 40), "blue": (40, 40, 200)}
TOLERANCE = 1e-4
DAY = datetime.date(2026, 2, 3)


def classifier_on(name: str) -> Classifier:
    """A classifier whose probabilities are neither all alike nor all 0 or 1."""
    backbone = load_backbone(name, "cpu")
    with torch.no_grad():
        features = torch.cat([features_of(backbone, photo) for photo in PHOTOS])
    centred = features - features.mean(0)
    weight = 2 * centred / centred.square().sum(1).max()
    return Classifier(backbone=backbone, classes=tuple(NAMES), weight=weight, bias=-weight @ features.mean(0))


def features_of(backbone, photo: str) -> torch.Tensor:
    return backbone.features(backbone.preprocess(open_image(sample_path(photo))))


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    folder = scan_folder(colour_folder(tmp_path_factory.mktemp("photos"), 4, NAMES))
    settings = FitSettings(seed=7, epochs=20)
    *_, fitted = fit_steps(load_backbone("efficientnet_lite0", "cpu"), folder, settings)
    assert isinstance(fitted, Fitted)
    return Training(folder=folder, fitted=fitted, settings=settings)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, training: Training) -> Path:
    path = tmp_path_factory.mktemp("zip") / "classifier.zip"
    photos = [photo.path for photo in training.folder.photos]
    result = pack(training.fitted.classifier, path, photos, training, DAY)
    assert result.tested == 10
    assert result.difference <= TOLERANCE
    return path


@pytest.mark.parametrize("name", HERE)
def test_the_onnx_file_says_what_the_classifier_says(name: str, tmp_path: Path, capfd, recwarn) -> None:
    classifier = classifier_on(name)
    model = classifier.backbone.model
    before = {key: value.clone() for key, value in model.state_dict().items()}
    said = capfd.readouterr(), len(recwarn)
    classifier.export_onnx(tmp_path / "classifier.onnx")
    predict = open_onnx(tmp_path / "classifier.onnx")
    assert capfd.readouterr() == ("", ""), said
    # Python shows a DeprecationWarning only where it arises in the main program
    assert {each.category for each in recwarn.list[said[1] :]} <= {DeprecationWarning}

    images = torch.cat([classifier.backbone.preprocess(open_image(sample_path(each))) for each in PHOTOS])
    expected = classifier.predict(images)
    assert expected.max() - expected.min() > 0.1
    torch.testing.assert_close(predict(images), expected, atol=TOLERANCE, rtol=0)
    torch.testing.assert_close(predict(images[:1]), expected[:1], atol=TOLERANCE, rtol=0)

    after = model.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    assert not any(module.training or module._forward_hooks for module in model.modules())
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert torch.is_grad_enabled()


def test_the_script_says_what_the_classifier_says(tmp_path: Path) -> None:
    """Also of a photo that lies on its side, is transparent, has 16 bits, or is no photo at all."""
    classifier = classifier_on("efficientnet_lite0")
    photos = tmp_path / "photos"
    odd_photos(photos)
    pack(classifier, tmp_path / "classifier.zip", [sample_path("cat")])
    zipfile.ZipFile(tmp_path / "classifier.zip").extractall(tmp_path / "out")
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "out" / "classify.py", photos],
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    head, *rows = csv.reader(io.StringIO(done.stdout.decode("utf-8"), newline=""))
    assert head == ["photo", "answer", *NAMES]
    assert [row[0] for row in rows] == sorted(
        path.relative_to(photos).as_posix() for path in photos.rglob("*.*") if path.stem != "broken"
    )
    for photo, answer, *shares in rows:
        expected = classifier.classify(open_image(photos / photo))
        assert list(map(float, shares)) == pytest.approx(expected, abs=TOLERANCE)
        assert answer == classifier.classes[max(range(3), key=expected.__getitem__)]
    (line,) = done.stderr.decode("utf-8").splitlines()
    assert "broken.jpg" in line


@pytest.mark.parametrize("name", BACKBONES)
def test_the_script_sees_of_a_photo_what_the_network_sees(
    name: str, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipfile.ZipFile(packed).extractall(tmp_path)
    spec = importlib.util.spec_from_file_location("classify", tmp_path / "classify.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    backbone = replace(load_backbone("efficientnet_lite0", "cpu"), info=BACKBONES[name])
    monkeypatch.setattr(script, "PREPROCESSING", json.loads(json.dumps(export.preprocessing(backbone))))
    for photo in PHOTOS:
        seen = script.preprocess(script.open_photo(sample_path(photo)))
        expected = backbone.preprocess(open_image(sample_path(photo))).numpy()
        np.testing.assert_allclose(seen, expected, atol=1e-7)


def odd_photos(folder: Path) -> None:
    (folder / "inner").mkdir(parents=True)
    for name in PHOTOS:
        path = sample_path(name)
        (folder / "inner" / path.name).write_bytes(path.read_bytes())
    photo = open_image(sample_path("cat"))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    photo.save(folder / "turned.jpg", exif=exif)
    see_through = photo.convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize(photo.size))
    see_through.save(folder / "transparent.PNG")
    grey = photo.convert("L").convert("I").point(lambda value: value * 257)
    grey.convert("I;16").save(folder / "sixteen.png")
    (folder / "broken.jpg").write_bytes(b"not a photo")


def test_the_zip_loads_back_even_when_it_was_zipped_anew(
    packed: Path, training: Training, tmp_path: Path
) -> None:
    classifier, photo = training.fitted.classifier, training.folder.photos[0].path
    with zipfile.ZipFile(packed) as given, zipfile.ZipFile(tmp_path / "again.zip", "w") as again:
        assert sorted(given.namelist()) == [
            "README.md",
            "classifier.onnx",
            "classifier.safetensors",
            "classify.py",
            "labels.txt",
            "preprocessing.json",
        ]
        for name in given.namelist():
            again.writestr(f"my classifier/{name}", given.read(name))
        again.writestr("__MACOSX/._classifier.safetensors", b"of the Finder")
        given.extract("classifier.safetensors", tmp_path)
    for path in (packed, tmp_path / "again.zip", tmp_path / "classifier.safetensors"):
        loaded = load_classifier(path, "cpu")
        assert loaded.classes == classifier.classes
        assert loaded.classify(open_image(photo)) == classifier.classify(open_image(photo))


def test_the_card_has_the_figures_of_the_training(packed: Path, training: Training) -> None:
    card = zipfile.ZipFile(packed).read("README.md").decode("utf-8")
    judged = training.fitted.evaluation
    low, high = (f"{100 * share:.1f}" for share in wilson_interval(judged.right, 3))
    assert "# A classifier of photos: blue, muur \\| \\*2\\*, حصى 🪨\n" in card
    assert [line for line in card.splitlines() if line.startswith("| ")][1:] == [
        f"| {name} | 3 | 1 | {int(judged.confusion[label, label])} |"
        for label, name in enumerate(("blue", "muur \\| \\*2\\*", "حصى 🪨"))
    ]
    assert f"right {judged.right} times out of 3: {100 * judged.right / 3:.1f} %" in card
    assert f"expect {low} to {high} %" in card
    for words in ("2026-02-03", "EfficientNet-Lite0 (2020)", "seed 7", "20 epochs", "25 % of the photos"):
        assert words in card
    assert "1280 numbers" in card
    assert "The network itself was not changed." in card
    assert "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db" in card
    assert "{" not in card
    dutch = model_card(load_classifier(packed, "cpu"), training, DAY, "nl")
    assert f"{low.replace('.', ',')} tot {high.replace('.', ',')} %" in dutch


def test_the_card_of_a_loaded_classifier_claims_nothing(packed: Path, tmp_path: Path) -> None:
    loaded = load_classifier(packed, "cpu")
    pack(loaded, tmp_path / "again.zip", [sample_path("cat")], date=DAY)
    card = zipfile.ZipFile(tmp_path / "again.zip").read("README.md").decode("utf-8")
    assert card == model_card(loaded, None, DAY)
    assert "Not known here." in card
    assert "epochs" not in card
    assert "seed" not in card
    pack(loaded, tmp_path / "dutch.zip", [sample_path("cat")], date=DAY, language="nl")
    card = zipfile.ZipFile(tmp_path / "dutch.zip").read("README.md").decode("utf-8")
    assert card == model_card(loaded, None, DAY, "nl")
    assert "Hier niet bekend." in card


def test_a_tuned_network_is_in_the_files(training: Training, tmp_path: Path) -> None:
    classifier = training.fitted.classifier
    photo = training.folder.photos[0].path
    model = copy.deepcopy(classifier.backbone.model)
    model.conv_head.weight.mul_(0.5)
    tuned = replace(classifier, backbone=replace(classifier.backbone, model=model))
    assert tuned.classify(open_image(photo)) != pytest.approx(
        classifier.classify(open_image(photo)), abs=1e-3
    )
    assert pack(tuned, tmp_path / "tuned.zip", [photo]).difference <= TOLERANCE
    loaded = load_classifier(tmp_path / "tuned.zip", "cpu")
    assert loaded.classify(open_image(photo)) == pytest.approx(tuned.classify(open_image(photo)), abs=1e-6)


@pytest.mark.parametrize("broken", ["weights", "network"])
def test_a_file_that_says_something_else_is_not_handed_out(
    broken: str, training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = training.fitted.classifier
    wrong = replace(classifier, bias=classifier.bias + torch.tensor([0.1, 0.0, 0.0]))
    photos = [training.folder.photos[0].path]
    if broken == "weights":
        monkeypatch.setattr(Classifier, "load", lambda path, device: wrong)
    else:
        nan = torch.full((1, 3), torch.nan)
        monkeypatch.setattr(export, "open_onnx", lambda path: lambda images: nan)
    with pytest.raises(FolderError, match="not give the same answers"):
        pack(classifier, tmp_path / "classifier.zip", photos)
    assert not (tmp_path / "classifier.zip").exists()
