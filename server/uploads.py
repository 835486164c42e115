"""What becomes of uploads that do not arrive whole: a sentence, and no half files."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.errors import is_disk_full
from core.metrics import REFUSALS
from core.texts import load_section

ABANDONED_SECONDS = 600.0  # nothing has come for so long
INSUFFICIENT_STORAGE = 507


def no_room(_: Request, error: Exception) -> Response:
    """The answer to a request for whose file the disk had no room; any other error goes on its way."""
    if not is_disk_full(error):
        raise error
    REFUSALS.labels("disk_full").inc()
    return PlainTextResponse(load_section("errors")("disk_full"), status_code=INSUFFICIENT_STORAGE)


def remove_abandoned(uploads: Path, seconds: float = ABANDONED_SECONDS) -> None:
    """Remove uploads that broke off: Gradio writes into the folder itself, and moves what is whole deeper.

    Args:
        uploads: Gradio's folder of uploads; it need not be there yet.
        seconds: for which nothing was written to a file.
    """
    for file in uploads.glob("tmp*"):
        with contextlib.suppress(OSError):  # moved or removed meanwhile
            if file.is_file() and time.time() - file.stat().st_mtime > seconds:
                file.unlink()
