"""The head that ships: it says how good it is, and knows a cat from a dog."""

from __future__ import annotations

import json

import pytest
import torch

from core.backbone import load_backbone
from core.finetune.bundled_head import cross_validated, provenance
from core.finetune.probe import ProbeSettings, fit_probe
from core.images import open_image
from core.samples import sample_path
from core.weights import HEADS_FOLDER, verify


def test_the_provenance_belongs_to_the_file_and_promises_enough() -> None:
    note = json.loads((HEADS_FOLDER / "vgg16_catdog.json").read_text())
    verify("vgg16_catdog_head")  # its SHA-256 is the provenance's
    assert note["held_out_accuracy"] >= 0.96
    assert note["photos"]["cat"] == note["photos"]["dog"] == 400


@pytest.mark.parametrize(("sample", "animal"), [("cat", "cat"), ("mastiff", "dog"), ("dalmatian", "dog")])
def test_it_names_cats_and_dogs(sample: str, animal: str) -> None:
    network = load_backbone("vgg16_catdog")
    with torch.inference_mode():
        logits = network.logits(network.preprocess(open_image(sample_path(sample))))
    assert network.classes[int(logits.argmax())] == animal


def test_accuracy_is_measured_on_photos_that_were_not_learnt_from() -> None:
    """Labels without any rhyme: a probe with more channels than photos learns them by heart, to no avail."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(120, 300, generator=generator)
    labels = (torch.arange(120) % 2)[torch.randperm(120, generator=generator)]
    settings = ProbeSettings(epochs=60)
    probe = fit_probe(features, labels, 2, settings)
    by_heart = (features @ probe.weight.T + probe.bias).argmax(1) == labels
    accuracies = cross_validated(features, labels, settings)
    assert by_heart.float().mean() == 1
    assert len(accuracies) == 15
    assert 0.3 < sum(accuracies) / len(accuracies) < 0.7
    note = provenance("none", features, labels, probe, accuracies, "00")
    assert note["held_out_accuracy"] == round(sum(accuracies) / 15, 4)
