"""What environment variables allow."""

from __future__ import annotations

import pytest

from core import limits as module
from core.limits import Limits, RefusedError, require_writable


def test_variables_set_the_limits() -> None:
    assert Limits.from_environment({}) == Limits()
    chosen = {"WHISKERS_MAX_JOBS": "8", "WHISKERS_MAX_JOB_SECONDS": "2.5", "WHISKERS_READ_ONLY": "1"}
    chosen |= {"WHISKERS_GRACE_SECONDS": "5", "WHISKERS_MAX_HELD_MB": "512"}
    assert Limits.from_environment(chosen) == Limits(
        jobs=8, seconds=2.5, grace=5, held_megabytes=512, read_only=True
    )
    assert not Limits.from_environment({"WHISKERS_READ_ONLY": "0"}).read_only


@pytest.mark.parametrize("value", ["many", "-1", "0", "nan", "inf"])
def test_what_is_no_number_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="WHISKERS_MAX_JOBS must be a number above 0"):
        Limits.from_environment({"WHISKERS_MAX_JOBS": value})


def test_a_read_only_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    require_writable()
    monkeypatch.setattr(module, "limits", lambda: Limits(read_only=True))
    with pytest.raises(RefusedError, match="takes no uploads"):
        require_writable()
