"""A real app and a real Chromium for the browser tests.

`server` is the app in a process of its own; `page` is a desktop page and fails its test on an uncaught
error; `slow_page` is the same with 80 ms of added latency, as if the server stood in another country.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import HOW, on_this_machine

ROOT = Path(__file__).resolve().parents[2]
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu-compositing",  # a tenth faster where no graphics card is; WebGL stays
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
START_SECONDS = 90
expect.set_options(timeout=15_000)  # two runs share a small machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as needing a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(address: str, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"the app did not answer at {address}; it said:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started for this test run and ended after it."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log.txt"
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=output, text=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """One Chromium for the whole run."""
    path = on_this_machine()
    assert path, HOW
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield chromium
        chromium.close()


def _watched(context, uncaught: list[str], *, first_visit: bool = False):
    """A patient page that notes uncaught errors, and in `console_errors` what the console calls errors.

    Its visitor was on Kernels before, so that the page opens there, unless it is a first visit.
    """
    if not first_visit:
        context.add_init_script("sessionStorage['whiskers-tab'] ??= 'kernels'")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.console_errors = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.console_errors.append(line.text))
    return page


@contextmanager
def one_page(browser, *, first_visit: bool = False) -> Iterator:
    """A desktop page for all tests of a module, which share what it holds; uncaught errors fail the last."""
    uncaught: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield _watched(context, uncaught, first_visit=first_visit)
    context.close()
    assert not uncaught, f"uncaught errors in the page: {uncaught}"


@pytest.fixture
def new_page(browser) -> Iterator[Callable]:
    """Make pages: `new_page(width=1440, height=900, **context_options)`; uncaught errors fail the test."""
    contexts, uncaught = [], []

    def make(width: int = 1440, height: int = 900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        return _watched(context, uncaught)

    yield make
    for context in contexts:
        context.close()
    assert not uncaught, f"uncaught errors in the page: {uncaught}"


@pytest.fixture
def page(new_page):
    """A desktop page; `page.console_errors` is the list of what the console reported as errors."""
    return new_page()


def slowed(page):
    """The page, with 80 ms of latency added to every request."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 80, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    return page


@pytest.fixture
def slow_page(new_page):
    """A desktop page with 80 ms of latency added to every request."""
    return slowed(new_page())
