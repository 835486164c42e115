"""With and without pretraining: against a probe fitted by hand on the same features."""

from __future__ import annotations

from pathlib import Path

import torch

from core.finetune import Fitted, fit_steps, scan_folder
from core.finetune.pretraining_gap import GapProgress, PretrainingGap, pretraining_gap_steps
from core.variants import variant

from .photos import colour_folder, small_network


def test_both_probes_are_judged_on_the_same_photos(tmp_path: Path) -> None:
    """Pretrained features that are useless by hand give chance; the random filters still tell colours."""
    folder, known, network = scan_folder(colour_folder(tmp_path, 8)), {}, small_network()
    *_, fitted = fit_steps(network, folder, known=known)
    assert isinstance(fitted, Fitted)
    before = [parameter.clone() for parameter in network.model.parameters()]

    *progress, found = pretraining_gap_steps(network, folder, fitted, known)
    assert [step.done for step in progress if isinstance(step, GapProgress)] == [8, 16, 24]
    assert progress[-1].seconds_left == 0
    assert isinstance(found, PretrainingGap)
    assert (found.learnt_from, found.held_out) == (18, 6)
    assert found.pretrained == fitted.evaluation.accuracy == 1
    assert found.gap == found.pretrained - found.random

    blind = {path: torch.zeros(8) for path in known}
    *_, without = pretraining_gap_steps(network, folder, fitted, blind)
    assert abs(without.pretrained - 1 / 3) < 1e-6
    assert without.random == found.random > 1 / 3
    assert all(map(torch.equal, before, network.model.parameters()))


def test_large_folders_are_thinned_evenly(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("core.finetune.pretraining_gap.MOST_PHOTOS", 6)
    folder, known = scan_folder(colour_folder(tmp_path, 8)), {}
    *_, fitted = fit_steps(small_network(), folder, known=known)
    *_, found = pretraining_gap_steps(small_network(), folder, fitted, known)
    assert (found.learnt_from, found.held_out) == (6, 6)


def test_the_random_network_is_the_same_for_the_same_seed() -> None:
    images = torch.rand(1, 3, 32, 32)
    one, same, other = (
        variant(small_network(), weights="random", seed=s).features(images) for s in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
