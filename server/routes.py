"""What the server answers beside the page: its health, its figures, how long one waits, and the reset."""

from __future__ import annotations

import gzip
import hmac
import json
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from core import metrics, runner
from core.texts import OTHER_LANGUAGES, catalogue, load_section
from demos._classes import class_names_beside
from demos._handlers import session_key
from demos._sessions import SESSIONS
from demos._studies import SHELF

START_PICTURES = Path(__file__).parent.parent / "assets" / "start"
TOLD_SECONDS = 1.0  # a shorter wait is not worth a word


@dataclass(eq=False)
class Routes:
    """The answers of one running server. None of them waits for the device."""

    teacher_key: str = ""  # whoever has it may reset the class; nobody may when it is empty
    started: float = field(default_factory=time.monotonic)
    resets: int = 0  # a page that sees another number begins anew

    def all(self) -> list[BaseRoute]:
        """For the web server, to be asked before the page's own."""
        return [
            Route("/healthz", self.health),
            Route("/metrics", self.metrics),
            Route("/waiting", self.waiting),
            Route("/language/{name}.json", self.language),
            Mount("/start", StaticFiles(directory=START_PICTURES)),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        """Whether it is alive, and how much it holds."""
        return JSONResponse(
            {
                "status": "ok",
                "seconds": round(time.monotonic() - self.started),
                "sessions": SESSIONS.count(),
                "jobs": runner.long_jobs(),
            }
        )

    def metrics(self, _: Request) -> Response:
        """Everything that is counted, for Prometheus; in a thread, for adding up takes a while."""
        metrics.SESSIONS.set(SESSIONS.count())
        SESSIONS.weigh()
        metrics.HELD_BYTES.labels("studies").set(SHELF.weigh())
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def waiting(self, request: Request) -> Response:
        """How many others are at work, and how long the asking session waits for its next step."""
        place = runner.place(session_key(request.headers) or "")
        words = ""
        if place.seconds >= TOLD_SECONDS:
            words = load_section("common")("waiting", ahead=place.ahead, seconds=f"{place.seconds:.0f}")
        return JSONResponse({"words": words, "resets": self.resets})

    def language(self, request: Request) -> Response:
        """Every sentence of the page in another language, for assets/language.js."""
        name = request.path_params["name"]
        if name not in OTHER_LANGUAGES:
            return JSONResponse({"languages": OTHER_LANGUAGES}, status_code=404)
        headers = {"Content-Encoding": "gzip", "Cache-Control": "max-age=300"}
        return Response(_packed(name), media_type="application/json", headers=headers)

    async def reset(self, request: Request) -> Response:
        """The teacher's reset: all that anyone has here is deleted, and every page begins anew."""
        given = request.headers.get("x-whiskers-teacher", "")
        if not self.teacher_key or not hmac.compare_digest(given.encode(), self.teacher_key.encode()):
            return JSONResponse({"reset": False}, status_code=403)
        SESSIONS.end_all()
        self.resets += 1
        return JSONResponse({"reset": True})


@lru_cache(maxsize=4)
def _packed(language: str) -> bytes:
    pairs = [*class_names_beside(language), *catalogue(language)]  # of two for one text, the last counts
    return gzip.compress(json.dumps(pairs, ensure_ascii=False).encode())
