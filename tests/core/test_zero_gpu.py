"""ZeroGPU, imitated: forked processes, pickled data, a network by its name."""

from __future__ import annotations

import importlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from core import zero_gpu
from core.errors import FolderError

ROOT = Path(__file__).resolve().parents[2]
IMITATION = Path(__file__).parent / "zero_gpu"


@pytest.mark.parametrize("name", sorted(zero_gpu.JOBS))
def test_every_job_exists(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


def test_elsewhere_nothing_goes_away() -> None:
    from core.activations import capture_steps

    assert not zero_gpu.takes(capture_steps, (), {})


def test_an_error_keeps_its_sentence_when_pickled() -> None:
    error = FolderError("folder.one_class", name="cat")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is FolderError
    assert again.message() == error.message()


def test_a_dry_run() -> None:
    environment = {**os.environ, "SPACES_ZERO_GPU": "true", "PYTHONPATH": str(IMITATION)}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.core.zero_gpu.dry_run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["device"] == "cpu", "the main process has no GPU"
    assert told["same"]
    assert told["closed"]
    assert told["stays"] == [False, False]
    pid, device, name = told["there"]
    assert pid != told["pid"]
    assert (device, name) == ("cpu", "efficientnet_lite0")
    assert told["sentence"] == "Steps needs a number from 1 to 2."
