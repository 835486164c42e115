"""What visitors leave behind: `python -m tests.benchmarks.memory [--last 200]`.

One after another they open the page, draw a short ideal image, look at a layer of a network, and close the
page. Printed: the server's memory after each twenty of them, once what they held has been let go, and how
much more it is after the last than after the first twenty.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.samples import available_samples
from demos._maps_views import OPENABLE_KINDS
from demos.ideal_image_dials import DIALS
from tests.benchmarks.classroom import memory, outputs
from tests.server.client import Client, serving

GRACE_SECONDS = 0.5  # so that nobody need wait for a minute
EVERY = 20  # visitors between two lines


def visit(client: Client, number: int) -> None:
    """One visitor, from opening the page to closing it."""
    with client.http, client.page() as page:
        draw = client.endpoint("draw")
        dials = dict(zip(DIALS, client.defaults(draw), strict=True)) | {"steps": 16, "size": 128}
        for message in client.call(draw, list(dials.values()), page=page):
            assert message.get("success", True), message
        study = client.endpoint("study_photo")
        photos = available_samples("photo")
        data = [{"sample": photos[number % len(photos)]}, *client.defaults(study)[1:]]
        told = next(each for each in list(outputs(client.call(study, data, page=page))) if "key" in each)
        names = [layer["name"] for layer in told["layers"] if layer["kind"] in OPENABLE_KINDS]
        wanted = {"key": told["key"], "layer": names[number % len(names)]}
        assert client.ask(client.component("feature-maps"), "sheet", wanted)


def visited(port: int, process: int, visitors: int, every: int) -> Iterator[float]:
    """The server's memory in megabytes after each `every` visitors, when nobody is there any more."""
    config: dict[str, Any] = Client(port).config
    with Client(port, config).http as http:
        for number in range(1, visitors + 1):
            visit(Client(port, config), number)
            if number % every == 0:
                while http.get("/healthz").json()["sessions"]:
                    time.sleep(GRACE_SECONDS / 2)
                yield memory(process)


def main() -> None:
    """Let them visit, and print what stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--last", type=int, default=200)
    arguments = parser.parse_args()
    figures = []
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder, "log"), WHISKERS_GRACE_SECONDS=str(GRACE_SECONDS)) as (port, process),
    ):
        for held in visited(port, process.pid, arguments.last, EVERY):
            figures.append(held)
            print(f"after {EVERY * len(figures):>4} visitors: {held:.0f} MB", flush=True)
    print(f"the last is {figures[-1] / figures[0] - 1:+.1%} of the first")


if __name__ == "__main__":
    main()
