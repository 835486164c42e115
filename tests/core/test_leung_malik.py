"""The Leung-Malik bank against what defines it, and orientation against gratings of known angle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.kernels import convolve, leung_malik_bank
from core.leung_malik import BANK_FILTERS, bank_response, orientation_energy

BANK = leung_malik_bank()
NUMBERS = {kind: [i for i, each in enumerate(BANK_FILTERS) if each.kind == kind] for kind in ("edge", "bar")}


def test_the_bank_has_18_edges_18_bars_8_spots_and_4_blurs():
    assert BANK.shape == (48, 49, 49)
    assert BANK.dtype == np.float32
    kinds = [each.kind for each in BANK_FILTERS]
    assert {kind: kinds.count(kind) for kind in kinds} == {"edge": 18, "bar": 18, "spot": 8, "blur": 4}
    assert {round(each.sigma**2, 6) for each in BANK_FILTERS if each.angle is not None} == {2.0, 4.0, 8.0}
    assert {each.angle for each in BANK_FILTERS if each.angle is not None} == {0, 30, 60, 90, 120, 150}


def test_norms_and_means():
    np.testing.assert_allclose(np.abs(BANK).sum(axis=(1, 2)), 1, atol=1e-5)
    means = np.where([each.kind == "blur" for each in BANK_FILTERS], 1, 0)
    np.testing.assert_allclose(BANK.sum(axis=(1, 2), dtype=float), means, atol=1e-5)


def test_half_a_turn_changes_the_sign_of_edges_and_nothing_else():
    signs = np.array([-1 if each.kind == "edge" else 1 for each in BANK_FILTERS])
    np.testing.assert_allclose(BANK[:, ::-1, ::-1], signs[:, None, None] * BANK, atol=1e-7)
    for index, each in enumerate(BANK_FILTERS):
        if each.angle is None:
            np.testing.assert_allclose(BANK[index], np.rot90(BANK[index]), atol=1e-7)


def test_ninety_degrees_on_is_a_quarter_turn():
    for kind in ("edge", "bar"):
        for place in range(3):
            first = NUMBERS[kind][6 * place]
            for angle in range(3):
                np.testing.assert_allclose(np.rot90(BANK[first + angle]), BANK[first + angle + 3], atol=1e-7)


def test_an_edge_along_the_level_is_the_derivative_of_a_long_gaussian():
    rows, columns = np.mgrid[-24:25, -24:25]
    gaussian = np.exp(-(rows**2) / (2 * 4) - columns**2 / (2 * 36))
    expected = rows * gaussian / np.abs(rows * gaussian).sum()
    index = next(i for i, each in enumerate(BANK_FILTERS) if each.kind == "edge" and each.sigma == 2.0)
    np.testing.assert_allclose(BANK[index], expected, atol=1e-6)


@pytest.mark.parametrize("size", [0, 1, 8, 3.5])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(ValueError, match="odd size"):
        leung_malik_bank(size)


def test_a_response_is_a_convolution_with_the_border_repeated():
    image = np.random.default_rng(0).random((60, 57)).astype(np.float32)
    for index in (3, 25, 40, 47):
        expected = convolve(image, BANK[index], padding="replicate")
        np.testing.assert_allclose(bank_response(image, index), expected, atol=1e-4)


@pytest.mark.parametrize("phase", [0.0, 0.7, math.pi / 2, 2.5])
def test_a_grating_names_its_orientation_whatever_its_phase(phase):
    rows, columns = np.mgrid[0:72, 0:72]
    for angle in range(0, 180, 30):
        across = -rows * math.cos(math.radians(angle)) - columns * math.sin(math.radians(angle))
        found = orientation_energy(np.sin(across * 0.5 + phase))
        inside = found.angle[20:-20, 20:-20]
        assert (inside == angle).mean() > 0.99, (angle, phase)
        energy = found.energy[20:-20, 20:-20]
        assert energy.min() > 0.5 * energy.max()


def test_bad_input_names_what_was_expected():
    with pytest.raises(ValueError, match=r"grey image \(H, W\)"):
        orientation_energy(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match="index from 0 to 47"):
        bank_response(np.zeros((4, 4)), 48)
