"""The app as a process: told to end, it ends at once and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_told_to_end_it_tidies_up(tmp_path: Path) -> None:
    port = free_port()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "TMPDIR": str(temporary)}
    server = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("Whiskers is open at")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert json.load(answer)["status"] == "ok"
    assert list(temporary.glob("whiskers-*"))
    server.send_signal(signal.SIGTERM)
    rest, _ = server.communicate(timeout=30)
    assert server.returncode == 0
    assert "Whiskers ends." in rest
    assert not list(temporary.glob("whiskers-*"))
