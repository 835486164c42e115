"""Every setting of the server that is not about work on the device (those are in core/limits.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ON = {"1": True, "true": True, "yes": True, "": False, "0": False, "false": False, "no": False}


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Where the page is served, to whom, and how much one may send."""

    host: str = "127.0.0.1"
    port: int = 7860
    password: str = ""  # asked for at the door when it is not empty
    upload_megabytes: int = 200  # of one file
    in_class: bool = False  # on the local network, by HTTPS, with a QR code

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ServerSettings:
        """What the environment sets, the defaults for the rest.

        Raises:
            ValueError: naming the variable whose value cannot be used.
        """
        in_class = _switch(environment, "WHISKERS_CLASS")
        return cls(
            host=environment.get("HOST") or ("0.0.0.0" if in_class else cls.host),
            port=_whole(environment, "PORT", cls.port, most=65535),
            password=environment.get("WHISKERS_PASSWORD", ""),
            upload_megabytes=_whole(environment, "WHISKERS_MAX_UPLOAD_MB", cls.upload_megabytes, most=10_000),
            in_class=in_class,
        )


def _switch(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").lower()
    if value not in ON:
        raise ValueError(f"{name} must be 0 or 1, got {value!r}")
    return ON[value]


def _whole(environment: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = environment.get(name, "") or str(default)
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise ValueError(f"{name} must be a whole number from 1 to {most}, got {text!r}")
    return int(text)
