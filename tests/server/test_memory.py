"""What visitors leave behind: the short form of `python -m tests.benchmarks.memory`."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.memory import GRACE_SECONDS, visited
from tests.server.client import serving


def test_visitors_leave_no_memory_behind(tmp_path: Path) -> None:
    """What 600 visitors would leave at this rate would be felt; the long form measures it closer."""
    grace = str(GRACE_SECONDS)
    with serving(tmp_path / "log", WHISKERS_GRACE_SECONDS=grace) as (port, process):
        first, *_, last = visited(port, process.pid, visitors=9, every=3)
    assert last < 1.1 * first
