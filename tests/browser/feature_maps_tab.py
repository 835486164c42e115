"""The Feature maps tab as its tests use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.texts import load_section

TEXTS = load_section("feature_maps")
FIRST_LAYER, LAYERS = "conv3_1", 18


class Tab:
    """The tab as a visitor sees it."""

    def __init__(self, page, address: str) -> None:
        self.page = page
        page.goto(address)
        page.get_by_role("tab", name=TEXTS("tab")).click()
        self.maps = page.locator("#feature-maps")
        self.canvas = self.maps.locator("canvas.tiles")
        self.wait_for_sheets()

    def wait_for_sheets(self) -> None:
        self.page.wait_for_function(
            f"document.querySelectorAll('#feature-maps .block.here').length === {LAYERS}"
        )

    @contextmanager
    def all_anew(self) -> Iterator[None]:
        """What is done in the block brings the sheet of every layer of the same network again."""
        self.page.evaluate(
            """() => {
              window.anew = new Set();
              const note = ({ target, oldValue }) => {
                const here = target.classList.contains("here");
                if (here && !oldValue.split(" ").includes("here")) window.anew.add(target.dataset.layer);
              };
              const maps = document.querySelector("#feature-maps");
              const classes = { subtree: true, attributeFilter: ["class"], attributeOldValue: true };
              new MutationObserver((seen) => seen.forEach(note)).observe(maps, classes);
            }"""
        )
        yield
        self.page.wait_for_function(f"window.anew.size === {LAYERS}")

    def photo(self) -> str:
        """The picture under the open channel, with the map faded out."""
        self.maps.locator(".blend input").fill("0")
        return str(self.maps.locator("canvas.overlay").evaluate("(canvas) => canvas.toDataURL()"))

    def layer(self) -> str:
        return str(self.maps.locator(".facts strong").inner_text())

    def drawn(self) -> str:
        """The layer that the sheet on the screen is of."""
        return (self.canvas.get_attribute("aria-label") or "").partition(",")[0]

    def title(self) -> str:
        return str(self.maps.locator(".channel h3").inner_text())

    def highest(self) -> float:
        shown = self.maps.locator(".figures dd").nth(1).inner_text()
        return float(shown.replace("\u2212", "-"))

    def click_tile(self, channel: int, columns: int, channels: int) -> None:
        """Click the middle of a tile of a sheet in the order of channel numbers."""
        box = self.canvas.bounding_box()
        rows = -(-channels // columns)
        row, column = divmod(channel, columns)
        self.canvas.click(
            position={
                "x": (column + 0.5) * box["width"] / columns,
                "y": (row + 0.5) * box["height"] / rows,
            }
        )
