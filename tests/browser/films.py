"""Makes the README's short films from the running app: `python -m tests.browser.films ADDRESS [TAB ...]`.

Each tab is used as a visitor would; the page is looked at after every small act.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from core.film import write_gif
from tests.browser.chromium import on_this_machine
from tests.browser.conftest import BROWSER_ARGUMENTS
from tests.browser.screenshots import FOLDER, WORKED_MILLISECONDS

SIZE = (1280, 800)
SHOWN = (640, 400)  # pixels of the film
FPS = 4.0
MOST_FRAMES = 36


def kernels(page: Page) -> Iterator[None]:
    """One kernel after another, then a number is dragged."""
    for place in (7, 8, 9, 10, 11, 4, 2):
        page.locator("#kernel .preset").nth(place).click()
        yield from still(3)
    middle = page.locator("#kernel .grid input").nth(4)
    box = middle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(x + 6 * step, y)
        yield
    page.mouse.up()


def feature_maps(page: Page) -> Iterator[None]:
    """Layer after layer, from strokes to parts."""
    layers = page.locator("#feature-maps .pyramid .block")
    for place in range(0, layers.count(), 2):
        layers.nth(place).click()
        yield from still(3)


def finetune(page: Page) -> Iterator[None]:
    """A classifier learns another set: digits."""
    page.get_by_role("button", name="Handwritten digits").click()
    yield from still(6)
    start(page)
    yield from still(MOST_FRAMES - 6)


def ideal_image(page: Page) -> Iterator[None]:
    """A cat grows out of noise; then back along the way."""
    start(page)
    yield from still(18)
    page.locator("#ideal-frames .place").evaluate("each => each.focus({ preventScroll: true })")
    for _ in range(18):
        page.keyboard.press("ArrowLeft")
        yield


def adversarial(page: Page) -> Iterator[None]:
    """The dog is attacked; then the wipe between the two pictures."""
    start(page)
    yield from still(18)
    handle = page.locator("#adversarial-wipe [role=slider], #adversarial-wipe input[type=range]").first
    handle.focus()
    for key in ["ArrowLeft"] * 8 + ["ArrowRight"] * 8:
        handle.press(key)
        yield


ACTS: dict[str, Callable[[Page], Iterator[None]]] = {
    each.__name__: each for each in (kernels, feature_maps, finetune, ideal_image, adversarial)
}


def still(frames: int) -> Iterator[None]:
    """Look on."""
    yield from [None] * frames


def start(page: Page) -> None:
    """Press the tab's Start where it stands; `click` would scroll the page, as no visitor has to."""
    box = page.locator("button:visible").filter(has_text="Start").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def seen(page: Page) -> np.ndarray[Any, Any]:
    """The page now, as the film shows it."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return np.asarray(picture.resize(SHOWN, Image.Resampling.LANCZOS))


def film(page: Page, name: str) -> None:
    """Open a tab, wait for its example, use it, keep the film."""
    frames = []
    page.wait_for_timeout(WORKED_MILLISECONDS)
    for _ in ACTS[name](page):
        page.wait_for_timeout(1000 / FPS)
        frames.append(seen(page))
    write_gif(frames[:MOST_FRAMES], FOLDER / f"{name}.gif", FPS)


def main() -> None:
    """Film the tabs that are named, or all."""
    address, *names = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=on_this_machine(), args=BROWSER_ARGUMENTS)
        for name in names or ACTS:
            width, height = SIZE
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"{address}/?tab={name}&__theme=light")
            film(page, name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
