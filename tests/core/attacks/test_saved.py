"""A saved attack comes back as it was, and nothing else is believed."""

from __future__ import annotations

import base64
import io
import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.attacks.saved import CHANGE_KEY, SETTINGS_KEY, change_npz, read_png, write_png
from core.errors import ImageError

SETTINGS = {"network": "efficientnet_lite0", "target": 284, "epsilon": 2.0}


def pair(seed: int = 0):
    return np.random.default_rng(seed).integers(0, 256, (2, 7, 5, 3)).astype(np.uint8)


@given(st.integers(0, 2**32 - 1))
def test_both_pictures_and_the_settings_come_back(seed: int):
    before, after = pair(seed)
    found = read_png(write_png(before, after, SETTINGS))
    assert (found.before == before).all()
    assert (found.after == after).all()
    assert found.settings == SETTINGS


def test_any_program_sees_the_changed_picture():
    before, after = pair()
    assert (np.asarray(Image.open(io.BytesIO(write_png(before, after, SETTINGS)))) == after).all()


def changed_file(settings: str, packed: bytes) -> bytes:
    info, file = PngInfo(), io.BytesIO()
    info.add_text(SETTINGS_KEY, settings)
    info.add_text(CHANGE_KEY, base64.b64encode(packed).decode())
    Image.fromarray(pair()[1]).save(file, "PNG", pnginfo=info)
    return file.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        b"no picture",
        changed_file("{", zlib.compress(bytes(210))),
        changed_file("[]", zlib.compress(bytes(210))),
        changed_file("{}", b"not packed"),
        changed_file("{}", zlib.compress(bytes(208))),
        changed_file("{}", zlib.compress(bytes(50_000_000))),
        changed_file("{}", zlib.compress(np.full(105, 300, "<i2").tobytes())),
    ],
)
def test_what_is_not_from_here_is_refused_in_a_sentence(file: bytes):
    with pytest.raises(ImageError, match="no attack inside"):
        read_png(file)


def test_the_change_as_numbers():
    before, after = pair()
    found = np.load(io.BytesIO(change_npz(before, after, SETTINGS)))
    assert (found["before"] + found["change"] == found["after"]).all()
    assert json.loads(str(found["settings"])) == SETTINGS
