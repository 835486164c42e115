"""Every endpoint called directly with what no page would send: an answer or a sentence, never a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
CALLS = int(os.environ.get("WHISKERS_FUZZ", "1"))  # of each endpoint

TEXTS = ["", "../../etc/passwd", "/etc/passwd", "efficientnet_lite0", "x" * 5000, "<script>", "\x00"]
OBJECTS: list[Any] = [
    [],
    {},
    [[1]],
    {"sample": "cat"},
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
]
KEYS = ["name", "photo", "label", "file", "files", "sample", "key", "layer", "turn", "truth"]
VALUES = st.one_of(
    st.none(), st.integers(-5, 10**9), st.text(max_size=8), st.lists(st.integers(), max_size=2)
)
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.sampled_from([1e308, -1e308, 0.5, -1]),
    st.sampled_from(TEXTS),
    st.sampled_from(OBJECTS),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
)
TRACES = ("Traceback", ".py", "/etc", "/root", "/home", "Error:")


class Server:
    """The app as a stranger's program meets it."""

    def __init__(self, port: int, log: Path) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
        self.log = log
        self.config = self.http.get("/config").json()
        self.api = self.config["api_prefix"]

    @property
    def endpoints(self) -> list[dict[str, Any]]:
        return [each for each in self.config["dependencies"] if each["backend_fn"]]

    def call(self, endpoint: dict[str, Any], data: list[Any], event: Any) -> dict[str, Any] | None:
        """The last message about a call, or the first frame; None when it was refused at the door."""
        session = uuid.uuid4().hex[:12]
        body = {"fn_index": endpoint["id"], "data": data, "event_data": event, "session_hash": session}
        joined = self.http.post(f"{self.api}/queue/join", json=body)
        assert joined.status_code < 500, joined.text
        if joined.status_code != 200:
            return None
        with self.http.stream("GET", f"{self.api}/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") in ("process_generating", "process_completed"):
                    break
        cancel = {"session_hash": session, "fn_index": endpoint["id"], **joined.json()}
        self.http.post(f"{self.api}/cancel", json=cancel)
        return dict(message)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port, log = free_port(), tmp_path_factory.mktemp("log") / "log"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "WHISKERS_MAX_JOB_SECONDS": "5"}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        yield Server(port, log)
        process.terminate()
        process.wait(30)


def fuzz(server: Server, endpoint: dict[str, Any]) -> list[str]:
    """What an endpoint says to a few calls of nonsense, where it refuses."""
    told: list[str] = []

    @settings(
        max_examples=CALLS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.tuples(*[WRONG] * len(endpoint["inputs"])), event=WRONG)
    def call(data: tuple[Any, ...], event: Any) -> None:
        message = server.call(endpoint, list(data), event)
        if message and not message.get("success", True):
            told.append(f"{endpoint['api_name']}: {message['output'].get('error')}")

    call()
    return told


def test_no_endpoint_shows_a_trace(server: Server) -> None:
    told = [words for endpoint in server.endpoints for words in fuzz(server, endpoint)]
    for words in told:
        assert not any(part in words for part in TRACES), words
    assert server.http.get("/healthz").json()["status"] == "ok"
    assert "Exception in ASGI application" not in server.log.read_text()
