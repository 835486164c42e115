"""Trains the cat/dog head of `vgg16_catdog`: `python -m core.finetune.bundled_head FOLDER --set NAME`.

FOLDER has the subfolders `cat` and `dog`. The head is a linear probe on VGG-16's last pooling layer,
averaged over space. Its accuracy is measured by cross-validation; the head that is written is then fitted
on all photos, and the provenance file beside it says so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from core.backbone import Backbone, load_backbone
from core.finetune.features import feature_steps
from core.finetune.probe import ProbeEpoch, ProbeSettings, fit_probe, probe_accuracy
from core.weights import CHECKPOINTS, HEADS_FOLDER

CLASSES = ("cat", "dog")
FOLDS, SEEDS = 5, 3
# Ten times the usual penalty: logits of moderate size leave a gradient to climb along
SETTINGS = ProbeSettings(epochs=300, l2=1e-2)


def collect(backbone: Backbone, folder: Path) -> tuple[Tensor, Tensor]:
    """Features (N, 512) and labels (N,) of the photos in `folder/cat` and `folder/dog`.

    Raises:
        SystemExit: when a class has fewer photos than there are folds.
    """
    photos = {name: sorted(path for path in (folder / name).glob("*") if path.is_file()) for name in CLASSES}
    for name, paths in photos.items():
        if len(paths) < FOLDS:
            raise SystemExit(f"{folder / name} has {len(paths)} photos; at least {FOLDS} are needed")
    paths = [path for name in CLASSES for path in photos[name]]
    rows = []
    for step in feature_steps(backbone, paths):
        rows.append(step.features)
        print(f"\rfeatures of {step.done} of {step.total} photos", end="", flush=True)
    print()
    labels = [index for index, name in enumerate(CLASSES) for _ in photos[name]]
    return torch.cat(rows), torch.tensor(labels)


def cross_validated(features: Tensor, labels: Tensor, settings: ProbeSettings) -> list[float]:
    """The accuracy on every held-out fold, with the photos shuffled anew for each seed."""
    accuracies = []
    for seed in range(SEEDS):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
        # Sorting by class keeps the shuffled order inside each, so every fold has its share of both
        order = order[labels[order].argsort(stable=True)]
        for fold in range(FOLDS):
            held_out = torch.zeros(len(labels), dtype=torch.bool)
            held_out[order[fold::FOLDS]] = True
            train, others = ((features[part], labels[part]) for part in (~held_out, held_out))
            accuracies.append(probe_accuracy(train, others, len(CLASSES), settings))
    return accuracies


def provenance(
    name: str, features: Tensor, labels: Tensor, probe: ProbeEpoch, accuracies: list[float], sha256: str
) -> dict[str, Any]:
    """What a reader must know to trust the head, and to make it again."""
    scores = features @ probe.weight.T + probe.bias
    return {
        "sha256": sha256,
        "what": "A linear layer from the 512 channels of VGG-16's pool5, averaged over space, to 2 classes",
        "classes": list(CLASSES),
        "photos": {"set": name, **{each: int((labels == i).sum()) for i, each in enumerate(CLASSES)}},
        "held_out_accuracy": round(sum(accuracies) / len(accuracies), 4),
        "how_measured": f"{FOLDS}-fold cross-validation repeated with {SEEDS} shuffles: the mean over "
        f"{len(accuracies)} held-out folds. The head in this file was then fitted on all photos, "
        "so no photo of the set may be used to judge it.",
        "lowest_and_highest_fold": [round(min(accuracies), 4), round(max(accuracies), 4)],
        "settings": {"epochs": SETTINGS.epochs, "l2": SETTINGS.l2},
        "median_logit_difference": round((scores[:, 0] - scores[:, 1]).abs().median().item(), 2),
        "backbone_sha256": CHECKPOINTS["vgg16_features"].sha256,
        "date": date.today().isoformat(),
        "packages": {package: version(package) for package in ("torch", "numpy", "Pillow", "safetensors")},
    }


def main() -> None:
    """Train, measure, write both files into assets/heads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder with the subfolders cat and dog")
    parser.add_argument("--set", default="", help="what the photos are, for the provenance file")
    arguments = parser.parse_args()
    features, labels = collect(load_backbone("vgg16"), arguments.folder)
    accuracies = cross_validated(features, labels, SETTINGS)
    probe = fit_probe(features, labels, len(CLASSES), SETTINGS)
    encoded = save({"catdog.weight": probe.weight.contiguous(), "catdog.bias": probe.bias.contiguous()})
    note = provenance(
        arguments.set or arguments.folder.name,
        features,
        labels,
        probe,
        accuracies,
        hashlib.sha256(encoded).hexdigest(),
    )
    path = HEADS_FOLDER / CHECKPOINTS["vgg16_catdog_head"].origin
    path.write_bytes(encoded)
    path.with_suffix(".json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    print(f"held-out accuracy {note['held_out_accuracy']:.2%}; written to {path.name}")


if __name__ == "__main__":
    main()
