"""Networks that are not here are offered, fetched with progress, and then offered without a size."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
import pytest

from core import weights
from core.downloads import Progress
from core.errors import WeightsError
from demos import _networks

MEGABYTE = 1_000_000


@pytest.fixture
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    here = {"efficientnet_lite0", "vgg16_features", "vgg16_catdog_head"}
    monkeypatch.setattr(weights, "is_present", lambda name: name in here)
    return here


def test_only_what_is_absent_has_a_size(on_this_machine: set[str]):
    labels = {name: label for label, name in _networks.choices(("efficientnet_lite0", "vgg16", "resnet18"))}
    assert labels == {
        "efficientnet_lite0": "EfficientNet-Lite0 (1,000 classes)",
        "vgg16": "VGG-16 (1,000 classes), 553 MB to download",
        "resnet18": "ResNet-18 (1,000 classes), 47 MB to download",
    }
    assert _networks.offer("efficientnet_lite0")[1]["visible"] is False
    note, button = _networks.offer("vgg16")
    assert "553 MB to download" in note["value"]
    assert button["visible"] is True


def test_a_download_shows_its_progress_and_ends_without_an_offer(
    on_this_machine: set[str], monkeypatch: pytest.MonkeyPatch
):
    def download(name: str) -> Iterator[Progress]:
        yield Progress(done=10 * MEGABYTE, total=47 * MEGABYTE)
        yield Progress(done=47 * MEGABYTE, total=47 * MEGABYTE)
        on_this_machine.add(name)

    monkeypatch.setattr(_networks, "download_steps", download)
    first, second, last = _networks.fetch("resnet18")
    assert "10 of 47 MB" in first[0]
    assert 'value="47000000"' in second[0]
    assert last[0]["visible"] is False
    assert _networks.offer("resnet18")[1]["visible"] is False


def test_a_failed_download_says_what_works_without_it(
    on_this_machine: set[str], monkeypatch: pytest.MonkeyPatch
):
    def download(name: str) -> Iterator[Progress]:
        raise WeightsError("weights.download", title="ResNet-18", megabytes=47, reason="no route")
        yield

    monkeypatch.setattr(_networks, "download_steps", download)
    with pytest.raises(gr.Error, match="EfficientNet-Lite0 and the VGG-16 cat/dog network work without it"):
        list(_networks.fetch("resnet18"))
