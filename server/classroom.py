"""The way in for a class: the address of this machine on the local network, and its code for the terminal."""

from __future__ import annotations

import io
import socket

import segno


def local_address() -> str:
    """The IP address by which others on the local network reach this machine; 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the way out (RFC 5737)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def qr_text(address: str) -> str:
    """The QR code of an address in block characters, for the terminal."""
    text = io.StringIO()
    segno.make(address, error="m").terminal(text, compact=True)
    return text.getvalue()
