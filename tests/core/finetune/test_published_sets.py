"""Published sets, served by this machine in the form in which they are published."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from core.downloads import Progress
from core.errors import FolderError
from core.finetune import published_sets as sets
from core.finetune.dataset import ImageFolder
from core.finetune.published_sets import ARCHIVES, Archive, Unpacking, bytes_to_fetch, published_set_steps

CATS, DOGS = ("Abyssinian", "British_Shorthair"), ("beagle", "yorkshire_terrier")


def picture(seed: int, kind: str) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((48, 48), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))


def pets() -> dict[str, bytes]:
    numbers = range(1, sets.PETS_EACH + 4)
    names = [f"images/{breed}_{number}.jpg" for number in numbers for breed in (*CATS, *DOGS)]
    found = {name: picture(seed, "JPEG") for seed, name in enumerate(names)}
    return {"images/Abyssinian_100.mat": b"no picture", "images/../../evil_1.jpg": b"x", **found}


def imagenette() -> dict[str, bytes]:
    names = [
        f"imagenette2-160/{part}/{wnid}/{wnid}_{number}.JPEG"
        for part, each in sets.IMAGENETTE_EACH.items()
        for wnid in sets.IMAGENETTE_CLASSES
        for number in range(each + 2)
    ]
    return {name: picture(seed, "JPEG") for seed, name in enumerate(names)}


def cifar() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    records = rng.integers(0, 256, (400, 1 + 3 * 32 * 32), np.uint8)
    records[:, 0] = np.arange(400) % 10
    records[0, 1:1025], records[0, 1025:2049], records[0, 2049:] = 200, 100, 50
    files = {f"cifar-10-batches-bin/{name}.bin": records for name in ("data_batch_1", "data_batch_2")}
    files["cifar-10-batches-bin/test_batch.bin"] = 255 - records
    files["cifar-10-batches-bin/test_batch.bin"][:, 0] = np.arange(400) % 10
    return {name: content.tobytes() for name, content in files.items()}


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Serves an archive in place of the published one; the cache folder is empty."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("WHISKERS_CACHE", str(tmp_path / "cache"))
    handler = functools.partial(Quiet, directory=str(shelf))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def serve(name: str, files: dict[str, bytes], **changes: object) -> None:
        path = shelf / f"{name}.tar.gz"
        archive(path, files)
        here = replace(
            ARCHIVES[name],
            url=f"http://127.0.0.1:{server.server_port}/{path.name}",
            size=path.stat().st_size,
            digest=hashlib.new(ARCHIVES[name].algorithm, path.read_bytes()).hexdigest(),
            **changes,  # type: ignore[arg-type]
        )
        others: dict[str, Archive] = {**ARCHIVES, name: here}
        monkeypatch.setattr(sets, "ARCHIVES", MappingProxyType(others))

    yield serve
    server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def fetched(name: str) -> ImageFolder:
    *_, folder = published_set_steps(name)
    assert isinstance(folder, ImageFolder)
    return folder


def test_pets_come_as_cats_and_dogs_and_as_breeds_of_one_download(publish, tmp_path: Path) -> None:
    publish("pets", pets(), pictures=4 * sets.PETS_EACH)
    assert bytes_to_fetch("catdog") > 0
    steps = list(published_set_steps("catdog"))
    progress = [step for step in steps if isinstance(step, Progress)]
    assert progress[-1].done == progress[-1].total
    unpacked = [step.done for step in steps if isinstance(step, Unpacking)]
    assert unpacked == list(range(1, 4 * sets.PETS_EACH + 1))
    folder = steps[-1]
    assert isinstance(folder, ImageFolder)
    assert (folder.classes, folder.counts) == (("cat", "dog"), (2 * 15, 2 * 7))
    assert bytes_to_fetch("breeds") == 0
    breeds = list(published_set_steps("breeds"))
    assert len(breeds) == 1
    assert breeds[0].classes == ("Abyssinian", "Beagle", "British Shorthair", "Yorkshire Terrier")
    assert breeds[0].counts == (15,) * 4
    kept = sorted(path.name for path in (tmp_path / "cache" / "sets").iterdir())
    assert kept == ["pets"]  # neither the archive nor anything half done
    assert not list(tmp_path.rglob("evil*"))


def test_imagenette_keeps_its_own_split(publish) -> None:
    publish("imagenette", imagenette())
    folder = fetched("imagenette")
    assert folder.classes == tuple(sorted(sets.IMAGENETTE_CLASSES.values(), key=str.casefold))
    assert folder.has_split
    assert sum(photo.part == "held_out" for photo in folder.photos) == 10 * sets.IMAGENETTE_EACH["val"]
    assert sum(photo.part == "train" for photo in folder.photos) == 10 * sets.IMAGENETTE_EACH["train"]


def test_cifar_has_its_colours_and_classes(publish) -> None:
    publish("cifar10", cifar())
    folder = fetched("cifar10")
    assert folder.classes == sets.CIFAR_CLASSES
    assert folder.counts == (50,) * 10
    first = next(photo for photo in folder.photos if photo.name == "train/airplane/0000.png")
    with Image.open(first.path) as opened:
        assert opened.getpixel((0, 0)) == opened.getpixel((31, 31)) == (200, 100, 50)


def test_a_set_that_is_not_what_was_published_leaves_nothing(publish, tmp_path: Path) -> None:
    publish("cifar10", cifar())
    good = sets.ARCHIVES["cifar10"]
    for wrong, words in (
        (replace(good, digest="0" * 64), "did not arrive intact"),
        (replace(good, pictures=10_000), "holds other files"),
        (replace(good, url="http://127.0.0.1:9/x.tar.gz"), "could not be downloaded.*need no network"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sets, "ARCHIVES", {"cifar10": wrong})
            with pytest.raises(FolderError, match=words):
                list(published_set_steps("cifar10"))
        assert bytes_to_fetch("cifar10") > 0
        (tmp_path / "cache" / "sets" / "cifar10.tar.gz").unlink(missing_ok=True)
    with pytest.raises(ValueError, match="expected a set out of"):
        next(published_set_steps("../cifar10"))


def test_whoever_stops_can_go_on(publish, tmp_path: Path) -> None:
    publish("cifar10", cifar())
    steps = published_set_steps("cifar10")
    for step in steps:
        if isinstance(step, Unpacking) and step.done == 40:
            break
    steps.close()  # type: ignore[attr-defined]
    assert [path.name for path in (tmp_path / "cache" / "sets").iterdir()] == ["cifar10.tar.gz"]
    again = list(published_set_steps("cifar10"))
    assert not any(isinstance(step, Progress) for step in again)
    assert isinstance(again[-1], ImageFolder)
