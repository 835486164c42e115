"""Uploads that do not arrive whole."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from safetensors import SafetensorError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from core.errors import is_disk_full
from server.uploads import no_room, remove_abandoned


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (SafetensorError("Error while serializing: I/O error: File too large (os error 27)"), True),
        (PermissionError(errno.EACCES, "Permission denied"), False),
        (ValueError("28"), False),
    ],
)
def test_a_full_disk_is_told_from_other_errors(error: Exception, full: bool) -> None:
    assert is_disk_full(error) == full


def test_only_a_full_disk_gets_the_sentence() -> None:
    async def full(_: Request) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def other(_: Request) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    app = Starlette(exception_handlers={OSError: no_room})
    app.add_route("/full", full)
    app.add_route("/other", other)
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/full").status_code == 507
    assert client.get("/other").status_code == 500


def test_uploads_that_broke_off_are_removed(tmp_path: Path) -> None:
    long_ago = time.time() - 1000
    for name in ("tmp_half", "tmp_coming", "whole/photo.png"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
        if name != "tmp_coming":
            os.utime(file, (long_ago, long_ago))
    remove_abandoned(tmp_path)
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == {"tmp_coming", "photo.png"}
    remove_abandoned(tmp_path / "not there yet")
