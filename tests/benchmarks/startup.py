"""Seconds from starting the app to its first answered request, beside an empty page that imports as much.

    python -m tests.benchmarks.startup [rounds]

The baseline is a Gradio page with five empty tabs that imports torch and torchvision. The two are started
in turn, and the medians are compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
EMPTY_PAGE = """
import os
import torch, torchvision
import gradio as gr
with gr.Blocks() as page:
    with gr.Tabs():
        for number in range(5):
            gr.Tab(str(number))
page.launch(server_port=int(os.environ["PORT"]), quiet=True, run_history=False, ssr_mode=False)
"""
LIMIT_SECONDS = 120


def seconds_to_first_answer(command: list[str]) -> float:
    """Start a server, ask until it answers, end it."""
    port = free_port()
    environment = os.environ | {"PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - started < LIMIT_SECONDS:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                answer.read()
                return time.perf_counter() - started
            time.sleep(0.02)
        raise TimeoutError(f"{command} did not answer within {LIMIT_SECONDS} s")
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Print the two medians and their ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    commands = {"whiskers": [sys.executable, "app.py"], "empty page": [sys.executable, "-c", EMPTY_PAGE]}
    for command in commands.values():
        seconds_to_first_answer(command)  # once for the disk cache
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds[name].append(seconds_to_first_answer(command))
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    for name, each in seconds.items():
        print(f"{name:<12}{medians[name]:6.2f} s   ({min(each):.2f} to {max(each):.2f}, {rounds} starts)")
    print(f"ratio       {medians['whiskers'] / medians['empty page']:6.2f}   (at most 1.20)")


if __name__ == "__main__":
    main()
