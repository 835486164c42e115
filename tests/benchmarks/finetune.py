"""How good and how quick a linear probe is: `python -m tests.benchmarks.finetune FOLDER [--per-class 80]`.

FOLDER has one subfolder per class. Accuracy is 5-fold cross-validation repeated with three seeds, at the
default settings; its 95 % interval is Wilson's for the photos used, the mean accuracy being the share.
Time is a whole training run over one plain forward pass of the same photos; the third line is one epoch of
the ordinary kind, with the frozen network run again for every batch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn import functional

from core.backbone import Backbone, is_present, load_backbone
from core.finetune import FitSettings, ImageFolder, changed, fit_steps, scan_folder, wilson_interval
from core.finetune.features import BATCH
from core.finetune.probe import ProbeSettings, fit_probe
from core.images import open_image

NETWORKS = ("vgg16", "efficientnet_lite0")
FOLDS, SEEDS = 5, (0, 1, 2)


def some_of(folder: ImageFolder, per_class: int) -> ImageFolder:
    """`per_class` photos of each class, drawn with a fixed seed."""
    order = torch.randperm(len(folder.photos), generator=torch.Generator().manual_seed(0)).tolist()
    kept: set[int] = set()
    for label in range(len(folder.classes)):
        kept.update([i for i in order if folder.photos[i].label == label][:per_class])
    return changed(folder, {i: None for i in range(len(folder.photos)) if i not in kept})


def batches(backbone: Backbone, folder: ImageFolder) -> list[torch.Tensor]:
    """The photos as the network sees them, read anew: this is part of every way of training."""
    images = [backbone.preprocess(open_image(photo.path)) for photo in folder.photos]
    return [torch.cat(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]


def plain_forward(backbone: Backbone, folder: ImageFolder) -> None:
    """Every photo once through the network."""
    with torch.inference_mode():
        for images in batches(backbone, folder):
            backbone.features(images)


def ordinary_epoch(backbone: Backbone, folder: ImageFolder) -> None:
    """One epoch of a new layer on a frozen network, as it is usually written."""
    labels = torch.tensor([photo.label for photo in folder.photos]).split(BATCH)
    layer = torch.nn.LazyLinear(len(folder.classes))
    for images, wanted in zip(batches(backbone, folder), labels, strict=True):
        with torch.no_grad():
            features = backbone.features(images)
        functional.cross_entropy(layer(features), wanted).backward()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter -= 0.1 * parameter.grad
                parameter.grad = None


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cross_validated(features: torch.Tensor, labels: torch.Tensor, seed: int) -> float:
    """The share of photos that are right when their fold is held out."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    order = order[labels[order].argsort(stable=True)]
    defaults = FitSettings()
    settings = ProbeSettings(epochs=defaults.epochs, l2=defaults.l2)
    right = 0
    for fold in range(FOLDS):
        held_out = torch.zeros(len(labels), dtype=torch.bool)
        held_out[order[fold::FOLDS]] = True
        probe = fit_probe(features[~held_out], labels[~held_out], int(labels.max()) + 1, settings)
        answers = (features[held_out] @ probe.weight.T + probe.bias).argmax(1)
        right += int((answers == labels[held_out]).sum())
    return right / len(labels)


def measure(name: str, folder: ImageFolder) -> None:
    """Print what one network gives."""
    backbone = load_backbone(name)
    plain_forward(
        backbone, changed(folder, {i: None for i in range(len(folder.photos)) if i % 10})
    )  # warm up
    known: dict[Path, torch.Tensor] = {}
    whole = seconds(lambda: list(fit_steps(backbone, folder, known=known)))
    forward = seconds(lambda: plain_forward(backbone, folder))
    epoch = seconds(lambda: ordinary_epoch(backbone, folder))
    again = seconds(lambda: list(fit_steps(backbone, folder, known=known)))
    features = torch.stack([known[photo.path] for photo in folder.photos])
    labels = torch.tensor([photo.label for photo in folder.photos])
    shares = [cross_validated(features, labels, seed) for seed in SEEDS]
    mean = sum(shares) / len(shares)
    low, high = wilson_interval(round(mean * len(labels)), len(labels))
    each = ", ".join(f"{share:.1%}" for share in shares)
    print(f"{backbone.info.title}: accuracy {mean:.1%} ({low:.1%} to {high:.1%}); by seed {each}")
    print(f"  whole training {whole:.1f} s = {whole / forward:.2f} of a plain forward pass ({forward:.1f} s)")
    print(
        f"  an ordinary frozen epoch {epoch:.1f} s; training again, features known, {again:.2f} s", flush=True
    )


def main() -> None:
    """Measure both networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=80)
    arguments = parser.parse_args()
    folder = some_of(scan_folder(arguments.folder), arguments.per_class)
    print(f"{len(folder.photos)} photos: {dict(zip(folder.classes, folder.counts, strict=True))}")
    for name in filter(is_present, NETWORKS):
        measure(name, folder)


if __name__ == "__main__":
    main()
