"""A class of thirty on this machine: `python -m tests.benchmarks.classroom [--seconds 120] [--students 30]`.

A third only has the page open (kernels run in the browser), a third walks the layers of a network on photos,
a third draws ideal images one after another. The clients are real: other processes' threads over HTTP, with
everything that a page asks for. Printed: how soon a long job shows its first picture, how soon a layer comes,
how evenly the drawers are served, errors, and the server's memory at the end.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from core.samples import available_samples
from demos._maps_views import OPENABLE_KINDS
from tests.server.client import Client, serving

LOOK_SECONDS = 1.5  # between two layers
LAYERS_EACH = 10  # that a student looks at before she takes another photo
POLL_SECONDS = 3.0


@dataclass
class Figures:
    """What the students saw."""

    first: list[float] = field(default_factory=list)  # seconds from Start to the first picture
    photos: list[float] = field(default_factory=list)  # seconds from a new photo to its first layer
    switches: list[float] = field(default_factory=list)  # seconds from a click to another layer of it
    steps: dict[int, int] = field(default_factory=dict)  # by student
    errors: list[str] = field(default_factory=list)


def kernels(client: Client, until: float, _: Figures, __: int) -> None:
    """The page is open, and asks now and then how long one waits."""
    client.http.get("/")
    while time.monotonic() < until:
        client.http.get("/waiting", headers=client.headers).raise_for_status()
        time.sleep(POLL_SECONDS)


def layers(client: Client, until: float, figures: Figures, number: int) -> None:
    """Photos of one's own choice, each layer after layer."""
    photos, chance = available_samples("photo"), random.Random(number)
    study, sheets = client.endpoint("study_photo"), client.component("feature-maps")
    while time.monotonic() < until:
        started = time.monotonic()
        data = client.defaults(study)
        data[0] = {"sample": chance.choice(photos)}
        coming = outputs(client.call(study, data))
        told = next(each for each in coming if "key" in each)
        names = [layer["name"] for layer in told["layers"] if layer["kind"] in OPENABLE_KINDS]
        # as a page does: it hears of the photo to the end, and meanwhile asks for layers
        listening = threading.Thread(target=lambda messages: [*messages], args=(coming,))
        listening.start()
        for place in range(LAYERS_EACH):
            if not client.ask(sheets, "sheet", {"key": told["key"], "layer": chance.choice(names)}):
                figures.errors.append("a layer did not come")
            (figures.switches if place else figures.photos).append(time.monotonic() - started)
            time.sleep(LOOK_SECONDS)
            started = time.monotonic()
            if started > until:
                break
        listening.join()


def drawing(client: Client, until: float, figures: Figures, number: int) -> None:
    """One ideal image after another, at the settings with which the tab opens."""
    draw = client.endpoint("draw")
    figures.steps[number] = 0
    while time.monotonic() < until:
        started, shown, last = time.monotonic(), False, 0
        for step in steps(client.call(draw, client.defaults(draw)), figures):
            if not shown:
                figures.first.append(time.monotonic() - started)
            shown, last = True, step
            if time.monotonic() > until:
                break
        figures.steps[number] += last
        if not shown:
            return


def outputs(messages: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first output of each message that has one as an object."""
    for message in messages:
        data = message.get("output", {}).get("data") or [None]
        if isinstance(data[0], dict):
            yield data[0]


def steps(messages: Iterator[dict[str, Any]], figures: Figures) -> Iterator[int]:
    """The step of each frame; after the first, Gradio sends what differs: [[action, path, value], ...]."""
    for message in messages:
        if not message.get("success", True):
            figures.errors.append(str(message["output"].get("error")))
        shown = (message.get("output", {}).get("data") or [None])[0]
        if isinstance(shown, dict) and shown.get("pictures"):
            yield int(shown["step"])
        elif isinstance(shown, list):
            yield from (
                int(value) for action, path, value in shown if path == ["step"] and action != "delete"
            )


def student(port: int, config: dict[str, Any], number: int, until: float, figures: Figures) -> None:
    """One of the thirty, from opening the page to the end of the lesson."""
    try:
        (kernels, layers, drawing)[number % 3](Client(port, config), until, figures, number)
    except Exception as error:
        figures.errors.append(f"{type(error).__name__}: {error}")


def memory(process: int) -> float:
    """Megabytes that a process holds (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def high(values: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def main() -> None:
    """Run the class and print what it saw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--students", type=int, default=30)
    arguments = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder, "log")) as (port, process):
        config = Client(port).config
        until = time.monotonic() + arguments.seconds
        class_ = [
            threading.Thread(target=student, args=(port, config, number, until, figures))
            for number in range(arguments.students)
        ]
        for each in class_:
            each.start()
        for each in class_:
            each.join()
        health = Client(port, config).http.get("/healthz").json()
        print(f"{arguments.students} students, {arguments.seconds:.0f} s; {health}")
        held = memory(process.pid)
    done = list(figures.steps.values())
    print(f"first picture: median {median(figures.first):.1f} s, 95 % within {high(figures.first):.1f} s")
    print(f"photo: median {median(figures.photos):.2f} s, 95 % within {high(figures.photos):.2f} s")
    print(f"layer: median {median(figures.switches):.2f} s, 95 % within {high(figures.switches):.2f} s")
    print(f"steps of each drawer: {min(done)} to {max(done)}, ratio {max(done) / max(1, min(done)):.2f}")
    print(f"errors: {len(figures.errors)} {sorted(set(figures.errors))[:5]}; memory {held:.0f} MB")


if __name__ == "__main__":
    main()
