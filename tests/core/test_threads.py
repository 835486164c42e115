"""Little work takes one thread, much takes all, and nobody is left with fewer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from core.backbone import BACKBONES
from core.runner import TURNS
from core.threads import threads_for


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.setattr("core.threads.ALL", 2)  # also where the machine has one
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def on_processor(name: str) -> SimpleNamespace:
    return SimpleNamespace(info=BACKBONES[name], device=torch.device("cpu"))


@pytest.mark.parametrize(
    ("network", "images", "threads"),
    [("efficientnet_lite0", 1, 1), ("efficientnet_lite0", 8, 2), ("vgg16", 1, 2), ("resnet18", 1, 2)],
)
def test_one_picture_in_a_small_network_takes_one_thread(network, images, threads):
    with threads_for(on_processor(network), images):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 2


def test_what_fails_leaves_the_threads_as_they_were():
    with pytest.raises(ZeroDivisionError), threads_for(on_processor("efficientnet_lite0"), 1):
        _ = 1 / 0
    assert torch.get_num_threads() == 2


def test_a_turn_begins_with_all_threads():
    torch.set_num_threads(1)
    with TURNS.turn("someone"):
        assert torch.get_num_threads() == 2
