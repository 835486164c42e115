"""The app as a program meets it: its own process, and calls of its endpoints over HTTP."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(
    log: Path, *, largest_file: int | None = None, **environment: str
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The app on a free port of this machine for as long as the block lasts; the port and the process.

    Args:
        largest_file: bytes that it may write to one file, as if the disk were full then.
    """
    port = free_port()
    chosen = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), **environment}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=chosen,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=None if largest_file is None else partial(limit_files, largest_file),
        )
        assert process.stdout is not None
        process.stdout.readline()  # it is open
        try:
            yield port, process
        finally:
            process.terminate()
            process.wait(30)


def limit_files(largest: int) -> None:
    """Let this process write no more than so many bytes to one file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


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

    @contextmanager
    def page(self) -> Iterator[str]:
        """A page that is open for as long as the block lasts, by the name that Gradio gives it."""
        name = uuid.uuid4().hex[:12]
        loading = next(each for each in self.endpoints if each["api_name"] == "_page_here")
        body = {"fn_index": loading["id"], "data": [], "session_hash": name}
        self.http.post(f"{self.api}/run/predict", json=body, headers=self.headers).raise_for_status()
        with self.http.stream("GET", f"{self.api}/heartbeat/{name}", headers=self.headers) as alive:
            lines = alive.iter_lines()  # closes the stream when it is let go
            next(lines)
            yield name

    def call(
        self, endpoint: dict[str, Any], data: list[Any], event: Any = None, *, page: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """All messages about a call; none when it was refused at the door. Closing it cancels the call.

        Args:
            page: the open page that calls. Closing such a call closes its connection and says nothing.
        """
        session = page or uuid.uuid4().hex[:12]
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
            if page is None:
                cancel = {"session_hash": session, "fn_index": endpoint["id"], **joined.json()}
                self.http.post(f"{self.api}/cancel", json=cancel)

    def ask(self, component: int, function: str, data: Any) -> Any:
        """What a component's server function answers."""
        body = {"session_hash": "asked", "component_id": component, "fn_name": function, "data": data}
        answer = self.http.post(f"{self.api}/component_server", json=body, headers=self.headers)
        answer.raise_for_status()
        return answer.json()
