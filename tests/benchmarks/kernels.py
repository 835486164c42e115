"""How soon the picture follows the hand: `python -m tests.benchmarks.kernels`.

In headless Chromium, on a 512 x 512 picture: the time from a dragged number to the drawn response,
without and with 80 ms of added latency; camera frames a second; frames drawn while the tab is
hidden. In the same run, the same change through a plain queued `gr.Image`.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

from core.kernels import convolve
from demos import kernels
from demos._shared import Context
from tests.browser.chromium import on_this_machine
from tests.browser.conftest import BROWSER_ARGUMENTS, free_port

STYLE = Path(__file__).parents[2] / "assets" / "style.css"
SIDE = 512  # pixels
MOVES = 60
LATENCY = 80  # milliseconds
CAMERA_SECONDS = 5

START = """(side) => {
  const component = document.querySelector("#kernel .kernel-tab").parentElement;
  component.whiskers.setImage(Array.from({length: side * side * 3}, () => Math.random() * 255), side, side);
  const cell = document.querySelector("#kernel .grid").children[4];
  window.delays = [];
  cell.addEventListener("pointermove", () => {
    const start = performance.now();
    requestAnimationFrame(() => {
      const drawn = new MessageChannel();
      drawn.port1.onmessage = () => window.delays.push(performance.now() - start);
      drawn.port2.postMessage(0);
    });
  }, true);
}"""

COUNT_FRAMES = """() => {
  window.drawn = 0;
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (source, ...place) {
    if (source instanceof HTMLVideoElement || source instanceof VideoFrame) window.drawn++;
    return draw.call(this, source, ...place);
  };
}"""


def plain_response(value: float, noise: np.ndarray) -> np.ndarray:
    """What a server would send for a Sobel kernel whose middle is `value`."""
    weights = [[-1, 0, 1], [-2, value, 2], [-1, 0, 1]]
    return convolve(noise, weights).clip(0, 1)


@contextmanager
def pages() -> Iterator[str]:
    """The Kernels tab beside an empty one, and the plain slider with its picture."""
    noise = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    with gr.Blocks() as page, gr.Tabs():
        with gr.Tab("kernels"):
            kernels.build(Context())
        with gr.Tab("plain"):
            slider = gr.Slider(-4, 4, 0, elem_id="slider")
            picture = gr.Image(elem_id="picture")
            slider.input(
                lambda value: plain_response(value, noise), slider, picture, trigger_mode="always_last"
            )
    port = free_port()
    page.queue().launch(
        server_port=port, prevent_thread_lock=True, quiet=True, run_history=False, css_paths=[STYLE]
    )
    yield f"http://127.0.0.1:{port}"
    page.close()


def add_latency(page: Page, milliseconds: int) -> CDPSession:
    """Delay every request."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", conditions | {"latency": milliseconds})
    return session


def dragged(page: Page) -> float:
    """The median delay in milliseconds from a move of the pointer to the drawn response."""
    page.evaluate(START, SIDE)
    cell = page.locator("#kernel .grid input").nth(4)
    box = cell.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(MOVES):
        page.mouse.move(box["x"] + 20 + 4 * step, box["y"] + 20)
        page.wait_for_timeout(25)
    page.mouse.up()
    return statistics.median(page.evaluate("window.delays"))


def queued(page: Page) -> float:
    """The median delay in milliseconds from a key on the plain slider to its new picture."""
    page.get_by_role("tab", name="plain").click()
    page.locator("#slider input[type=range]").focus()
    page.evaluate(
        """() => {
          window.delays = [];
          const root = document.querySelector("#picture");
          let last = root.querySelector("img")?.src;
          new MutationObserver(() => {
            const shown = root.querySelector("img")?.src;
            if (shown !== last) window.delays.push(performance.now() - window.pressed);
            last = shown;
          }).observe(root, {subtree: true, childList: true, attributes: true});
        }"""
    )
    for step in range(10):
        page.evaluate("() => { window.pressed = performance.now(); window.before = window.delays.length; }")
        page.keyboard.press("ArrowRight" if step % 3 else "ArrowLeft")
        page.wait_for_function("window.delays.length > window.before")
        page.wait_for_timeout(100)
    return statistics.median(page.evaluate("window.delays"))


def camera(page: Page) -> tuple[float, int]:
    """Frames a second from the fake camera, and the frames drawn in a second after the tab was left."""
    page.evaluate(COUNT_FRAMES)
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function("window.drawn > 5")
    first = page.evaluate("window.drawn")
    page.wait_for_timeout(1000 * CAMERA_SECONDS)
    rate = (page.evaluate("window.drawn") - first) / CAMERA_SECONDS
    page.get_by_role("tab", name="plain").click()
    page.wait_for_timeout(500)
    left = page.evaluate("window.drawn")
    page.wait_for_timeout(1000)
    return rate, page.evaluate("window.drawn") - left


def main() -> None:
    """Measure and print."""
    with pages() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=on_this_machine(), args=BROWSER_ARGUMENTS)
        for latency in (0, LATENCY):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/?tab=kernels")
            page.wait_for_selector("#kernel .histogram[aria-label]")
            page.wait_for_timeout(2000)
            add_latency(page, latency)
            print(f"latency {latency} ms: dragged number to picture {dragged(page):.1f} ms", end="; ")
            if latency == 0:
                renderer = page.evaluate(
                    "document.querySelector('#kernel .kernel-tab').parentElement.whiskers.renderer()"
                )
                rate, hidden = camera(page)
                print(f"{renderer}; camera {rate:.1f} frames a second; {hidden} drawn while hidden", end="; ")
            print(f"queued gr.Image {queued(page):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
