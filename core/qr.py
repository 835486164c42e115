"""QR codes, as pictures that a page can show."""

from __future__ import annotations

import segno


def qr_svg(text: str) -> str:
    """The QR code of a text as SVG, dark on white whatever the page's colours are.

    Args:
        text: at most 2,900 characters or so; the code has the least squares that hold it, for a phone
            must tell them apart across a room.
    """
    picture: str = segno.make(text, error="l", micro=False).svg_inline(
        scale=8, border=4, dark="#000", light="#fff", omitsize=True
    )
    return picture
