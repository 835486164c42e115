"""The classifier of the Fine-tune tab, as the other tabs find it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest
import torch

from core.backbone import load_backbone
from core.errors import WeightsError
from core.finetune import Classifier
from demos import finetune_handlers as handlers
from demos._networks import network_picker
from demos._own_network import is_own, keep_own, network_named, own_choice
from demos._sessions import SESSIONS
from demos._shared import Context
from demos.finetune_frames import PARTS

PAGE = SimpleNamespace(session_hash="page of its own")
OTHER = SimpleNamespace(session_hash="someone else's page")
ROUNDS = (6, 1e-3, 8, False)


@pytest.fixture(autouse=True)
def pages():
    for page in (PAGE, OTHER):
        SESSIONS.open(page.session_hash)
    yield
    for page in (PAGE, OTHER):
        SESSIONS.end_now(page.session_hash)


def classifier(classes: tuple[str, ...]) -> Classifier:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(len(classes), 1280, generator=generator)
    return Classifier(
        backbone=load_backbone("efficientnet_lite0"),
        classes=classes,
        weight=weight,
        bias=torch.arange(float(len(classes))),
    )


def test_as_a_network_it_gives_the_same_probabilities() -> None:
    trained = classifier(("кот", "dog"))
    network = trained.as_backbone()
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(network.logits(images).softmax(1), trained.predict(images))
    assert (network.classes, network.has_head) == (("кот", "dog"), True)
    assert torch.equal(network.features(images), trained.backbone.features(images))


def test_only_its_own_session_finds_it_and_only_the_latest() -> None:
    keep_own(PAGE.session_hash, classifier(("a", "b", "c", "d")))
    words, first = own_choice(PAGE)
    assert words == "Your classifier: a, b, c… (EfficientNet-Lite0)"
    assert is_own(first)
    assert network_named(first, PAGE).classes == ("a", "b", "c", "d")
    assert own_choice(OTHER) is None
    with pytest.raises(WeightsError):
        network_named(first, OTHER)
    keep_own(PAGE.session_hash, classifier(("e", "f")))
    with pytest.raises(WeightsError):
        network_named(first, PAGE)
    assert network_named("efficientnet_lite0", PAGE) is load_backbone("efficientnet_lite0")


def test_a_picker_that_shows_it_notices_that_it_was_trained_anew() -> None:
    with gr.Blocks() as page, gr.Tabs(), gr.Tab("a tab"):
        network_picker(Context(), ("efficientnet_lite0",), label="network", own=True)
    (refresh,) = {
        block.fn for block in page.fns.values() if getattr(block.fn, "__name__", "") == "offered_now"
    }
    assert any(target[1] == "select" for block in page.fns.values() for target in block.targets)
    assert [name for _, name in refresh("efficientnet_lite0", PAGE)["choices"]] == ["efficientnet_lite0"]
    keep_own(PAGE.session_hash, classifier(("a", "b")))
    shown = refresh("efficientnet_lite0", PAGE)
    assert "value" not in shown
    name = shown["choices"][-1][1]
    keep_own(PAGE.session_hash, classifier(("a", "b")))
    assert refresh(name, PAGE)["value"] == own_choice(PAGE)[1] != name


def test_stop_keeps_the_best_of_a_network_that_was_learning() -> None:
    chosen = SimpleNamespace(_data={"name": "textures"})
    dials = ("efficientnet_lite0", 0.25, 10, 0, "last_block", *ROUNDS)
    running = handlers.choose_set(chosen, PAGE, *dials)
    for shown in running:
        if "round 2 of 6" in str(dict(zip(PARTS, shown, strict=True))["trust"]):
            break
    assert own_choice(PAGE) is None
    running.close()
    *_, last = handlers.stop(PAGE)
    trust = dict(zip(PARTS, last, strict=True))["trust"]
    assert trust["large"].endswith("%")
    assert "of 6 rounds" in trust["words"]
    assert own_choice(PAGE) is not None
    (again,) = handlers.stop(PAGE)  # nothing is running any more: all stays as it is
    assert dict(zip(PARTS, again, strict=True))["trust"] == trust
