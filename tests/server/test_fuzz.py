"""Every endpoint called directly with what no page would send: an answer or a sentence, never a trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.server.client import Client, serving

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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    log = tmp_path_factory.mktemp("log") / "log"
    with serving(log, WHISKERS_MAX_JOB_SECONDS="5") as (port, _):
        yield Client(port), log


def fuzz(client: Client, endpoint: dict[str, Any]) -> list[str]:
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
        for message in client.call(endpoint, list(data), event):
            if not message.get("success", True):
                told.append(f"{endpoint['api_name']}: {message['output'].get('error')}")
            if message["msg"] == "process_generating":
                break  # it was not refused, so it is ended

    call()
    return told


def without_own_words(told: str) -> str:
    """A refusal without the texts that the caller sent, which it may name."""
    for text in filter(None, TEXTS):
        told = told.replace(text, "")
    return told


def test_no_endpoint_shows_a_trace(server: tuple[Client, Path]) -> None:
    client, log = server
    told = [words for endpoint in client.endpoints for words in fuzz(client, endpoint)]
    for words in map(without_own_words, told):
        assert not any(part in words for part in TRACES), words
    assert client.http.get("/healthz").json()["status"] == "ok"
    assert "Exception in ASGI application" not in log.read_text()
