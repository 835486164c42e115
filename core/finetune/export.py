"""A classifier to take away: one zip, tried on photos before it is handed out, and loaded back from it."""

from __future__ import annotations

import copy
import datetime
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from core.backbone import Backbone
from core.errors import FolderError
from core.finetune.archive import read_member
from core.finetune.classifier import Classifier
from core.finetune.model_card import Training, model_card
from core.finetune.onnx_file import open_onnx
from core.images import open_image

SCRIPT = Path(__file__).parents[2] / "assets" / "take_away" / "classify.py"
WEIGHTS, NETWORK = "classifier.safetensors", "classifier.onnx"
TESTED_ON = 10  # photos
TOLERANCE = 1e-4  # of a probability
LARGEST_WEIGHTS = 150_000_000  # bytes of a safetensors file inside a zip
ZIP_START = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class Packing:
    """The files are written, and are tried on photos."""

    tested: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Packed:
    """The zip, ready to be handed out."""

    path: Path
    tested: int  # photos
    difference: float  # the largest one between any probability of the classifier and of a file


def pack_steps(
    classifier: Classifier,
    path: str | os.PathLike[str],
    photos: Sequence[Path],
    training: Training | None = None,
    date: datetime.date | None = None,
    language: str = "en",
) -> Iterator[Packing | Packed]:
    """Write the classifier as one zip that serves without Whiskers.

    In it: the weights (safetensors), the whole network (ONNX), the model card, the names of the classes, the
    preprocessing, and a script that classifies a folder.

    Args:
        path: of the zip; it comes into being only when the files have passed the test.
        photos: up to `TESTED_ON` of them, evenly spread, are what the files are tried on.
        training: for the card; None when it is not known.
        date: for the card; today by default.
        language: of the card.

    Yields:
        `Packing` after each part of the work, `Packed` at the end.

    Raises:
        FolderError: when a file's probabilities differ from the classifier's by more than `TOLERANCE`.
        ImageError: when a photo cannot be opened any more.
    """
    classifier = _in_full_precision(classifier)
    count = min(TESTED_ON, len(photos))
    chosen = [photos[number * len(photos) // count] for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="whiskers-", ignore_cleanup_errors=True) as folder:
        weights, network = Path(folder, WEIGHTS), Path(folder, NETWORK)
        classifier.save(weights)
        classifier.export_onnx(network)
        yield Packing(tested=0, total=len(chosen))
        saved = Classifier.load(weights, classifier.backbone.device)
        others = [saved.predict, open_onnx(network)]
        difference = 0.0
        for tested, photo in enumerate(chosen, start=1):
            difference = max(difference, _difference(classifier, others, photo))
            yield Packing(tested=tested, total=len(chosen))
        card = model_card(classifier, training, date or datetime.date.today(), language)
        _write_zip(Path(path), [weights, network], classifier, card)
    yield Packed(path=Path(path), tested=len(chosen), difference=difference)


def pack(
    classifier: Classifier,
    path: str | os.PathLike[str],
    photos: Sequence[Path],
    training: Training | None = None,
    date: datetime.date | None = None,
    language: str = "en",
) -> Packed:
    """The last step of `pack_steps`."""
    *_, last = pack_steps(classifier, path, photos, training, date, language)
    assert isinstance(last, Packed)
    return last


def _in_full_precision(classifier: Classifier) -> Classifier:
    """On the processor, where float32 is float32: graphics cards shorten it within convolutions."""
    backbone, processor = classifier.backbone, torch.device("cpu")
    if backbone.device == processor:
        return classifier
    model = copy.deepcopy(backbone.model).to(processor)  # a copy, for it may have been tuned
    return replace(classifier, backbone=replace(backbone, model=model, device=processor))


def _difference(classifier: Classifier, others: Sequence[Callable[[Tensor], Tensor]], photo: Path) -> float:
    image = classifier.backbone.preprocess(open_image(photo))
    expected = classifier.predict(image)
    answers = torch.stack([other(image) for other in others])
    largest = (answers - expected).abs().max().item()
    if not largest <= TOLERANCE:  # so written, it refuses NaN too
        raise FolderError("classifier.differs")
    return largest


def _write_zip(path: Path, files: Sequence[Path], classifier: Classifier, card: str) -> None:
    labels = "".join(f"{' '.join(name.split())}\n" for name in classifier.classes)
    texts = {
        "README.md": card,
        "labels.txt": labels,
        "preprocessing.json": json.dumps(preprocessing(classifier.backbone), indent=2) + "\n",
        SCRIPT.name: SCRIPT.read_text(encoding="utf-8"),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # weights hardly become smaller
        for name, text in texts.items():
            archive.writestr(name, text.encode("utf-8"))
        for file in files:
            archive.write(file, file.name)


def preprocessing(backbone: Backbone) -> dict[str, object]:
    """What `Backbone.preprocess` does to a photo, for other programs."""
    info = backbone.info
    return {
        "input_size": info.input_size,  # pixels, both sides
        "crop_share": info.crop_share,  # of the shorter side, from the middle
        "resample": "bicubic" if info.bicubic else "bilinear",
        "range": [0, 1],  # RGB; the network itself normalises
    }


def load_classifier(path: str | os.PathLike[str], device: torch.device | str | None = None) -> Classifier:
    """A classifier from its safetensors file, or from the zip that `pack_steps` wrote.

    Of a zip nothing is read but that one file, and it keeps no name from the zip.

    Raises:
        FolderError: when it is neither.
        WeightsError: as `Classifier.load`.
    """
    with Path(path).open("rb") as file:
        if file.read(len(ZIP_START)) != ZIP_START:
            return Classifier.load(path, device)
    content = read_member(Path(path), WEIGHTS, LARGEST_WEIGHTS)
    if content is None:
        raise FolderError("classifier.not_in_zip", name=WEIGHTS)
    with tempfile.TemporaryDirectory(prefix="whiskers-", ignore_cleanup_errors=True) as folder:
        weights = Path(folder, WEIGHTS)
        weights.write_bytes(content)
        return Classifier.load(weights, device)
