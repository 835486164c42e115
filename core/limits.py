"""What one user may take from all others: how much work at once, how long, and whether anything is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.errors import UserError


class RefusedError(UserError, RuntimeError):
    """The server does not do this now, or at all; nothing is lost by asking later."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Set by environment variables, so that a public server can be stricter than a laptop."""

    jobs: int = 64  # long jobs under way at once, of all sessions together
    seconds: float = 300.0  # of the device that one long job may take
    grace: float = 60.0  # seconds that a session is kept for, once its last page is closed
    held_megabytes: float = 4096.0  # of memory and files that all sessions together may hold
    read_only: bool = False  # no uploads, and nothing is fetched from the internet

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Limits:
        """The limits that `environment` sets, the defaults for the others.

        Raises:
            ValueError: naming the variable, when its value is no number, or not above 0.
        """
        return cls(
            jobs=round(_positive(environment, "WHISKERS_MAX_JOBS", cls.jobs)),
            seconds=_positive(environment, "WHISKERS_MAX_JOB_SECONDS", cls.seconds),
            grace=_positive(environment, "WHISKERS_GRACE_SECONDS", cls.grace),
            held_megabytes=_positive(environment, "WHISKERS_MAX_HELD_MB", cls.held_megabytes),
            read_only=environment.get("WHISKERS_READ_ONLY", "") not in ("", "0"),
        )


@lru_cache(maxsize=1)
def limits() -> Limits:
    """The limits of this process."""
    return Limits.from_environment(os.environ)


def require_writable() -> None:
    """Refuse what would keep something of a user, or fetch something, on a read-only server.

    Raises:
        RefusedError: when the server is read-only.
    """
    if limits().read_only:
        raise RefusedError("refused.read_only")


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise ValueError(f"{name} must be a number above 0, got {text!r}")
    return number
