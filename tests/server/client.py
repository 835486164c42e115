"""The app as a program meets it: its own process, and calls of its endpoints over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(log: Path, **environment: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The app on a free port of this machine for as long as the block lasts; the port and the process."""
    port = free_port()
    chosen = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), **environment}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=chosen, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()  # it is open
        try:
            yield port, process
        finally:
            process.terminate()
            process.wait(30)


class Client:
    """One page's talk with the server."""

    def __init__(self, port: int, config: dict[str, Any] | None = None) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
        self.config = config or self.http.get("/config").json()
        self.api = self.config["api_prefix"]
        self.headers = {"x-whiskers-session": uuid.uuid4().hex}
        self.values = {each["id"]: each["props"].get("value") for each in self.config["components"]}

    @property
    def endpoints(self) -> list[dict[str, Any]]:
        """Everything that can be called."""
        return [each for each in self.config["dependencies"] if each["backend_fn"]]

    def endpoint(self, name: str) -> dict[str, Any]:
        """The first endpoint of that name."""
        return next(each for each in self.endpoints if each["api_name"] == name)

    def component(self, elem_id: str) -> int:
        """The number of the component that the page knows by `elem_id`."""
        return next(
            each["id"] for each in self.config["components"] if each["props"].get("elem_id") == elem_id
        )

    def defaults(self, endpoint: dict[str, Any]) -> list[Any]:
        """What the page would send if nobody had touched it."""
        return [self.values.get(each) for each in endpoint["inputs"]]

    def call(self, endpoint: dict[str, Any], data: list[Any], event: Any = None) -> Iterator[dict[str, Any]]:
        """All messages about a call; none when it was refused at the door. Closing it cancels the call."""
        session = uuid.uuid4().hex[:12]
        body = {"fn_index": endpoint["id"], "data": data, "event_data": event, "session_hash": session}
        joined = self.http.post(f"{self.api}/queue/join", json=body, headers=self.headers)
        assert joined.status_code < 500, joined.text
        if joined.status_code != 200:
            return
        try:
            where = {"params": {"session_hash": session}, "headers": self.headers}
            with self.http.stream("GET", f"{self.api}/queue/data", **where) as stream:
                for line in stream.iter_lines():
                    message = json.loads(line.removeprefix("data: ")) if line else {}
                    if message:
                        yield message
                    if message.get("msg") in ("process_completed", "close_stream"):
                        return
        finally:
            cancel = {"session_hash": session, "fn_index": endpoint["id"], **joined.json()}
            self.http.post(f"{self.api}/cancel", json=cancel)

    def ask(self, component: int, function: str, data: Any) -> Any:
        """What a component's server function answers."""
        body = {"session_hash": "asked", "component_id": component, "fn_name": function, "data": data}
        answer = self.http.post(f"{self.api}/component_server", json=body, headers=self.headers)
        answer.raise_for_status()
        return answer.json()
