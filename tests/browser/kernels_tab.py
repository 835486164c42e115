"""The Kernels tab as its tests use it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.samples import sample_path

GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)
PLAIN = {
    "border": "zero",
    "stride": 1,
    "dilation": 1,
    "flip": False,
    "relu": False,
    "pool": False,
    "colour": "auto",
    "view": "auto",
}


def pixels_of(name: str, side: int) -> np.ndarray:
    """A sample as (H, W, 3) uint8, at most `side` pixels along a side."""
    with Image.open(sample_path(name)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((side, side))
    return np.asarray(picture)


class Tab:
    """The tab through its documented test entry, `element.whiskers`."""

    def __init__(self, page, address: str, query: str = "") -> None:
        self.page = page
        page.goto(f"{address}/{query}")
        page.wait_for_function("document.querySelector('#kernel .histogram[aria-label]')")
        self.element = page.evaluate_handle("document.querySelector('#kernel .kernel-tab').parentElement")

    def call(self, method: str, *arguments):
        return self.element.evaluate("(e, [m, a]) => e.whiskers[m](...a)", [method, list(arguments)])

    def load(self, pixels: np.ndarray) -> None:
        height, width, _ = pixels.shape
        self.call("setImage", pixels.ravel().tolist(), width, height)

    def response(self) -> np.ndarray:
        read = self.call("readResponse")
        return np.array(read["data"], np.float32).reshape(read["height"], read["width"], read["channels"])

    def canvas(self) -> np.ndarray:
        read = self.call("readCanvas")
        return np.array(read["data"], np.float32).reshape(read["height"], read["width"], 4)[:, :, :3] / 255


def cell(live: Tab, place: int = 4):
    """One number of the grid, by default a 3 x 3 kernel's middle."""
    return live.page.locator("#kernel .grid input").nth(place)


def requests_from_now_on(page, *, besides: str = "") -> list[str]:
    """What the page asks of the server once it is quiet; requests that hold `besides` do not count."""
    asked: list[str] = []

    def note(request):
        if request.url.startswith("http") and not (besides and besides in (request.post_data or "")):
            asked.append(request.url)

    page.on("request", note)
    before = -1
    while before != len(asked):
        before = len(asked)
        page.wait_for_timeout(300)
    asked.clear()
    return asked
