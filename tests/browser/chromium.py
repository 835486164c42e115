"""Finds a Chromium for the browser tests, or gets one; `python -m tests.browser.chromium` prints its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW = (
    "No Chromium was found and none could be installed. Install one (for instance: apt-get install "
    "chromium), or set BROWSER_PATH to a Chromium or Chrome, or run: make test BROWSER=none"
)


def on_this_machine() -> str | None:
    """The path of a Chromium that is installed: BROWSER_PATH, one on the path, or playwright's own."""
    named = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    return named or _from_playwright()


def _from_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    """Ask playwright, then, as root on Debian, apt. Their words go to stderr."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        commands += [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]
    for command in commands:
        try:
            subprocess.run(command, stdout=sys.stderr, stderr=sys.stderr, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
        if on_this_machine():
            return


def main() -> int:
    """Print the path of a Chromium, installing one where there is none."""
    if not on_this_machine():
        _install()
    path = on_this_machine()
    print(path or HOW, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    raise SystemExit(main())
