"""Well-known sets of photos, fetched on request; of each a part is kept, small enough for a lesson.

Pets: Parkhi et al. 2012, "Cats and Dogs", doi:10.1109/CVPR.2012.6248092. Imagenette: Howard 2019, ten easy
classes of ImageNet. CIFAR-10: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"; the
binary version, for the one in Python is a pickle.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from core.downloads import Progress, PublishedFile, file_steps
from core.errors import FolderError
from core.finetune.dataset import Entry, ImageFolder, scan_entries, scan_folder
from core.weights import cache_folder

PETS_EACH = 15  # photos of each of the 37 breeds
CATDOG_EACH = {"cat": 15, "dog": 7}  # photos of each breed: 12 breeds of cat and 25 of dog, about 180 each
IMAGENETTE_EACH = {"train": 25, "val": 20}
CIFAR_EACH = {"train": 25, "test": 25}
CIFAR_SIDE = 32
CIFAR_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
IMAGENETTE_CLASSES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}


@dataclass(frozen=True, kw_only=True)
class Unpacking:
    """Pictures are taken from an archive."""

    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A published archive, and what is kept of it."""

    title: str
    url: str
    size: int  # bytes
    algorithm: Literal["sha256", "md5"]
    digest: str
    pictures: int  # how many are kept
    unpack: Callable[[tarfile.TarFile, Path], Iterator[None]]  # into a folder, a step for each picture


@dataclass(frozen=True, kw_only=True)
class PublishedSet:
    """Photos with classes, out of an archive."""

    archive: str  # of ARCHIVES
    scan: Callable[[Path], ImageFolder]


def published_set_steps(name: str) -> Iterator[Progress | Unpacking | ImageFolder]:
    """One of `PUBLISHED`: fetched and unpacked the first time, read from the cache folder afterwards.

    Yields:
        `Progress` in bytes, `Unpacking` in pictures, and the photos at the end.

    Raises:
        FolderError: when it cannot be fetched, or is not what was published.
        ValueError: when there is no such set.
    """
    if name not in PUBLISHED:
        raise ValueError(f"expected a set out of {', '.join(PUBLISHED)}; got {name!r}")
    wanted = PUBLISHED[name]
    kept = _kept(wanted.archive)
    if not kept.is_dir():
        archive = ARCHIVES[wanted.archive]
        file = PublishedFile(
            kind="set",
            title=archive.title,
            url=archive.url,
            size=archive.size,
            algorithm=archive.algorithm,
            digest=archive.digest,
            target=kept.with_suffix(".tar.gz"),
        )
        yield from file_steps(file)
        yield from _unpacked(archive, file.target, kept)
    yield wanted.scan(kept)


def bytes_to_fetch(name: str) -> int:
    """What is to be downloaded before one of `PUBLISHED` can be used; 0 when it is here."""
    archive = PUBLISHED[name].archive
    return 0 if _kept(archive).is_dir() else ARCHIVES[archive].size


def published_title(name: str) -> str:
    """What one of `PUBLISHED` was published as."""
    return ARCHIVES[PUBLISHED[name].archive].title


def _kept(archive: str) -> Path:
    return cache_folder() / "sets" / archive


def _unpacked(archive: Archive, file: Path, kept: Path) -> Iterator[Unpacking]:
    """Unpack aside, then rename: the folder is there whole or not at all. The archive goes."""
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=f"{kept.name}-") as aside:
        into = Path(aside, "photos")
        into.mkdir()
        done = 0
        try:
            with tarfile.open(file, "r|gz") as opened:
                for _ in archive.unpack(opened, into):
                    done += 1
                    yield Unpacking(done=done, total=archive.pictures)
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            raise FolderError("set.unexpected", title=archive.title) from error
        if done < archive.pictures:
            raise FolderError("set.unexpected", title=archive.title)
        if not kept.is_dir():  # someone else may have been quicker
            into.rename(kept)
    file.unlink(missing_ok=True)


def _write(opened: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = opened.extractfile(member)
    assert source is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)


def _unpack_pets(opened: tarfile.TarFile, into: Path) -> Iterator[None]:
    """`images/<breed>_<number>.jpg`; cats' breeds begin with a capital, dogs' do not."""
    taken: Counter[str] = Counter()
    for member in opened:
        found = re.fullmatch(r"(?:\./)?images/([A-Za-z_]+)_(\d+)\.jpg", member.name)
        if not found or not member.isfile() or taken[found[1]] == PETS_EACH:
            continue
        taken[found[1]] += 1
        kind = "cat" if found[1][0].isupper() else "dog"
        _write(opened, member, into / kind / found[1] / f"{int(found[2])}.jpg")
        yield


def _unpack_imagenette(opened: tarfile.TarFile, into: Path) -> Iterator[None]:
    """`imagenette2-160/<train or val>/<number of the class>/<name>.JPEG`."""
    taken: Counter[tuple[str, str]] = Counter()
    for member in opened:
        found = re.fullmatch(r"(?:\./)?imagenette2-160/(train|val)/(n\d+)/(\w+)\.JPEG", member.name)
        if not found or not member.isfile() or found[2] not in IMAGENETTE_CLASSES:
            continue
        place = (found[1], IMAGENETTE_CLASSES[found[2]])
        if taken[place] < IMAGENETTE_EACH[found[1]]:
            taken[place] += 1
            _write(opened, member, into.joinpath(*place, f"{found[3]}.jpg"))
            yield


def _unpack_cifar(opened: tarfile.TarFile, into: Path) -> Iterator[None]:
    """Records of one byte for the class and 3 x 32 x 32 for the pixels: red, then green, then blue."""
    for member in opened:
        found = re.fullmatch(r"(?:\./)?cifar-10-batches-bin/(data_batch_1|test_batch)\.bin", member.name)
        source = opened.extractfile(member) if found else None
        if not found or source is None:
            continue
        records = np.frombuffer(source.read(), np.uint8).reshape(-1, 1 + 3 * CIFAR_SIDE**2)
        part = "test" if found[1] == "test_batch" else "train"
        for label, name in enumerate(CIFAR_CLASSES):
            folder = into / part / name
            folder.mkdir(parents=True)
            for number in np.flatnonzero(records[:, 0] == label)[: CIFAR_EACH[part]].tolist():
                planes = records[number, 1:].reshape(3, CIFAR_SIDE, CIFAR_SIDE)
                Image.fromarray(planes.transpose(1, 2, 0).copy()).save(folder / f"{number:04d}.png")
                yield


def _breeds(kept: Path) -> Iterator[tuple[str, str, list[Path]]]:
    """Cat or dog, the breed, and its photos in their order."""
    for folder in sorted(kept.glob("*/*/")):
        photos = sorted(folder.glob("*.jpg"), key=lambda path: int(path.stem))
        yield folder.parent.name, folder.name, photos


def _scan_breeds(kept: Path) -> ImageFolder:
    return scan_entries(
        Entry(name=f"{breed.replace('_', ' ').title()}/{photo.name}", path=photo)
        for _, breed, photos in _breeds(kept)
        for photo in photos
    )


def _scan_catdog(kept: Path) -> ImageFolder:
    return scan_entries(
        Entry(name=f"{kind}/{breed}_{photo.name}", path=photo)
        for kind, breed, photos in _breeds(kept)
        for photo in photos[: CATDOG_EACH[kind]]
    )


ARCHIVES: Mapping[str, Archive] = {
    "pets": Archive(
        title="Oxford-IIIT Pets",
        url="https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
        size=791_918_971,
        algorithm="md5",
        digest="5c4f3ee8e5d25df40f4fd59a7f44e54c",
        pictures=37 * PETS_EACH,
        unpack=_unpack_pets,
    ),
    "imagenette": Archive(
        title="Imagenette",
        url="https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
        size=99_003_388,
        algorithm="md5",
        digest="e793b78cc4c9e9a4ccc0c1155377a412",
        pictures=10 * sum(IMAGENETTE_EACH.values()),
        unpack=_unpack_imagenette,
    ),
    "cifar10": Archive(
        title="CIFAR-10",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        size=170_052_171,
        algorithm="sha256",
        digest="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        pictures=10 * sum(CIFAR_EACH.values()),
        unpack=_unpack_cifar,
    ),
}

PUBLISHED: Mapping[str, PublishedSet] = {
    "catdog": PublishedSet(archive="pets", scan=_scan_catdog),
    "breeds": PublishedSet(archive="pets", scan=_scan_breeds),
    "imagenette": PublishedSet(archive="imagenette", scan=scan_folder),
    "cifar10": PublishedSet(archive="cifar10", scan=scan_folder),
}
