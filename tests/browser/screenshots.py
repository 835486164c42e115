"""Makes the README's pictures from the running app: `python -m tests.browser.screenshots ADDRESS`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.chromium import on_this_machine
from tests.browser.conftest import BROWSER_ARGUMENTS

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "screenshots"
TABS = {
    "start": "Begin",
    "kernels": "Kernels",
    "feature_maps": "Feature maps",
    "finetune": "Fine-tune",
    "ideal_image": "Ideal image",
    "adversarial": "Adversarial",
}
WORKED_MILLISECONDS = 25_000  # every tab's example is worked by then


def main() -> None:
    """Open each tab, wait for its example, keep a picture."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=on_this_machine(), args=BROWSER_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{sys.argv[1]}/?__theme=light")
        for name, title in TABS.items():
            page.get_by_role("tab", name=title).click()
            page.wait_for_timeout(WORKED_MILLISECONDS)
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.save(FOLDER / f"{name}.webp", quality=82, method=6)
        browser.close()


if __name__ == "__main__":
    main()
