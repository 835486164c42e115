from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from core.kernels import PADDINGS, PRESETS, BorderError, convolve
from core.texts import load_section

TORCH_PADDINGS = {"zero": "constant", "replicate": "replicate", "reflect": "reflect", "circular": "circular"}


def torch_convolve(image, weights, *, padding, stride, dilation, flip=False):
    """The same through torch, in float64, on (H, W, C)."""
    kernel = torch.from_numpy(weights.astype(np.float64).copy())
    kernel = (kernel.flip(0, 1) if flip else kernel)[None, None]
    planes = torch.from_numpy(image.astype(np.float64)).permute(2, 0, 1)[:, None]
    if padding != "valid":
        border = dilation * (len(weights) - 1) // 2
        planes = functional.pad(planes, [border] * 4, mode=TORCH_PADDINGS[padding])
    response = functional.conv2d(planes, kernel, stride=stride, dilation=dilation)
    return response[:, 0].permute(1, 2, 0).numpy()


def random_image(height, width, channels=3, seed=0):
    return np.random.default_rng(seed).random((height, width, channels), dtype=np.float32)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_equals_torch(name, padding):
    image, weights = random_image(41, 30), PRESETS[name].weights
    for stride, dilation, flip in itertools.product((1, 2, 3), (1, 2, 3), (False, True)):
        options = {"padding": padding, "stride": stride, "dilation": dilation, "flip": flip}
        response = convolve(image, weights, **options)
        assert response.dtype == np.float32
        expected = torch_convolve(image, weights, **options)
        np.testing.assert_allclose(response, expected, rtol=0, atol=1e-5, err_msg=str(options))


@settings(max_examples=200, deadline=None)
@given(
    height=st.integers(1, 64),
    width=st.integers(1, 64),
    half=st.integers(0, 3),
    padding=st.sampled_from(PADDINGS),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    flip=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_kernels_and_sizes_equal_torch(height, width, half, padding, stride, dilation, flip, seed):
    image = random_image(height, width, 2, seed)
    weights = np.random.default_rng(seed).uniform(-1, 1, (2 * half + 1,) * 2).astype(np.float32)
    options = {"padding": padding, "stride": stride, "dilation": dilation, "flip": flip}
    try:
        response = convolve(image, weights, **options)
    except BorderError:
        with pytest.raises(RuntimeError):
            torch_convolve(image, weights, **options)
        return
    np.testing.assert_allclose(response, torch_convolve(image, weights, **options), rtol=0, atol=1e-5)


def test_grey_image_keeps_its_layout():
    image = random_image(9, 7)
    grey = convolve(image[:, :, 1], PRESETS["sobel_x"].weights)
    assert grey.shape == (9, 7)
    np.testing.assert_array_equal(grey, convolve(image, PRESETS["sobel_x"].weights)[:, :, 1])


def test_identity_changes_nothing():
    image = random_image(5, 6)
    np.testing.assert_array_equal(convolve(image, PRESETS["identity"].weights), image)


def test_flip_turns_an_impulse_into_the_kernel_itself():
    impulse = np.zeros((5, 5), np.float32)
    impulse[2, 2] = 1
    weights = PRESETS["emboss"].weights
    np.testing.assert_array_equal(convolve(impulse, weights, flip=True)[1:4, 1:4], weights)
    np.testing.assert_array_equal(convolve(impulse, weights)[1:4, 1:4], weights[::-1, ::-1])


def test_sobel_is_positive_where_it_gets_brighter_to_the_right():
    ramp = np.tile(np.linspace(0, 1, 9, dtype=np.float32), (5, 1))
    assert (convolve(ramp, PRESETS["sobel_x"].weights, padding="valid") > 0).all()
    assert np.abs(convolve(ramp, PRESETS["sobel_y"].weights, padding="valid")).max() < 1e-6


@pytest.mark.parametrize("name", PRESETS)
def test_preset_is_well_formed(name):
    kernel, texts = PRESETS[name], load_section("kernels")
    assert kernel.weights.dtype == np.float32
    assert kernel.weights.shape in {(3, 3), (5, 5), (7, 7)}
    assert not kernel.weights.flags.writeable
    np.testing.assert_allclose(np.array(kernel.cells) / kernel.divisor, kernel.weights, atol=1e-6)
    assert texts(kernel.title)
    assert texts(kernel.shows)


@pytest.mark.parametrize("name", ["box_blur", "gaussian_blur", "motion_blur", "sharpen", "unsharp", "emboss"])
def test_flat_areas_keep_their_brightness(name):
    assert PRESETS[name].weights.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    "name", [name for name in PRESETS if name.startswith(("sobel", "scharr", "prewitt", "line", "diagonal"))]
)
def test_flat_areas_leave_no_edge(name):
    assert PRESETS[name].weights.sum() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("image", "weights", "options", "said"),
    [
        (np.zeros(5), np.eye(3), {}, r"expected an image \(H, W\).*got shape \(5,\)"),
        (np.zeros((0, 5)), np.eye(3), {}, r"with pixels; got shape \(0, 5\)"),
        (np.zeros((5, 5)), np.eye(2), {}, r"k odd; got shape \(2, 2\)"),
        (np.zeros((5, 5)), np.ones((3, 5)), {}, r"expected weights \(k, k\).*got shape \(3, 5\)"),
        (np.zeros((5, 5)), np.eye(3), {"padding": "same"}, r"expected padding out of zero, .*got 'same'"),
        (np.zeros((5, 5)), np.eye(3), {"stride": 0}, r"expected stride .*from 1; got 0"),
        (np.zeros((5, 5)), np.eye(3), {"dilation": 1.5}, r"expected dilation .*; got 1.5"),
    ],
)
def test_bad_input_says_what_was_expected_and_what_came(image, weights, options, said):
    with pytest.raises(ValueError, match=said):
        convolve(image, weights, **options)


@pytest.mark.parametrize(("padding", "side"), [("valid", 6), ("reflect", 3), ("circular", 2)])
def test_a_border_wider_than_the_image_gets_a_sentence(padding, side):
    with pytest.raises(BorderError, match=f"{side + 1} pixels"):
        convolve(np.zeros((9, side)), np.ones((7, 7)), padding=padding)
    assert convolve(np.zeros((9, side + 1)), np.ones((7, 7)), padding=padding).size
