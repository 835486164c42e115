"""A hidden kernel is found, plain descent stalls on photos, and diverging is an answer."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.kernels import PRESETS, convolve
from core.learn_kernel import LearnKernelSettings, learn_kernel, learn_kernel_steps
from core.samples import sample_path


def grey(name: str) -> np.ndarray:
    with Image.open(sample_path(name)) as opened:
        picture = opened.convert("L")
    picture.thumbnail((256, 256))
    return np.asarray(picture, dtype=np.float32) / 255


NOISE = np.random.default_rng(7).random((80, 90), dtype=np.float32)
CAT = grey("cat")
PLAIN = LearnKernelSettings(decorrelate=False)


def task(source: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weights = PRESETS[name].weights
    return source, convolve(source, weights, padding="valid"), weights


@pytest.mark.parametrize("name", ["sobel_x", "sharpen", "box_blur"])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("photo", "decorrelate"), [(False, False), (True, True)])
def test_a_hidden_kernel_is_found_within_one_percent(name, seed, photo, decorrelate):
    source, response, hidden = task(CAT if photo else NOISE, name)
    settings = LearnKernelSettings(seed=seed, decorrelate=decorrelate)
    last = learn_kernel(source, response, settings, hidden=hidden)
    assert last.step == 300
    assert last.kernel_error < 0.01
    assert last.response_error < 0.01
    np.testing.assert_allclose(last.kernel, hidden, atol=0.05)


def test_a_kernel_of_five_is_told_from_the_shapes():
    source, response, hidden = task(CAT, "gaussian_blur")
    last = learn_kernel(source, response, hidden=hidden)
    assert last.kernel.shape == (5, 5)
    assert last.kernel_error < 0.01


def test_plain_descent_stalls_on_a_photo():
    source, response, hidden = task(CAT, "box_blur")
    last = learn_kernel(source, response, PLAIN, hidden=hidden)
    assert last.condition > 1000
    assert last.kernel_error > 0.5, "if this is easy, decorrelating has no point"
    assert last.response_error < 0.1


def test_errors_are_what_they_say():
    source, response, hidden = task(CAT, "outline")
    settings = LearnKernelSettings(decorrelate=False, steps=30)
    *_, last = learn_kernel_steps(source, response, settings, hidden=hidden)
    difference = np.linalg.norm(last.kernel - hidden) / np.linalg.norm(hidden)
    assert last.kernel_error == pytest.approx(difference, rel=1e-5)
    everywhere = np.linalg.norm(convolve(source, last.kernel, padding="valid") - response)
    assert last.response_error == pytest.approx(everywhere / np.linalg.norm(response), rel=0.1)
    assert learn_kernel(source, response, settings).kernel_error is None


def test_one_step_is_the_gradient_that_autograd_gives():
    import torch

    source, response, _ = task(CAT[:3, :3], "sobel_x")  # one patch only
    first, second = learn_kernel_steps(source, response, LearnKernelSettings(decorrelate=False, steps=1))
    weights = torch.tensor(first.kernel, requires_grad=True)
    half = ((torch.tensor(source) * weights).sum() - float(response[0, 0])) ** 2 / 2
    half.backward()
    np.testing.assert_allclose(second.kernel, first.kernel - 0.3 * weights.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_the_same_seed_gives_the_same_steps_and_another_seed_others():
    source, response, _ = task(NOISE, "sobel_y")
    first, again, other = (
        learn_kernel(source, response, LearnKernelSettings(seed=seed, steps=5)).kernel for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("decorrelate", [False, True])
def test_too_large_a_rate_ends_with_a_step_that_says_so(decorrelate):
    source, response, hidden = task(CAT, "sobel_x")
    settings = LearnKernelSettings(rate=2.5, decorrelate=decorrelate)
    *before, last = learn_kernel_steps(source, response, settings, hidden=hidden)
    assert last.diverged
    assert last.step < 300
    assert not any(step.diverged for step in before)
    assert np.isfinite(last.kernel).all()


def test_noise_in_the_response_is_averaged_away_but_not_wholly():
    source, response, hidden = task(NOISE, "sobel_x")
    noisy = LearnKernelSettings(noise=0.5, rate=0.1)
    last = learn_kernel(source, response, noisy, hidden=hidden)
    assert 0.001 < last.kernel_error < 0.2


def test_a_picture_without_any_change_cannot_teach_but_does_not_fail():
    flat = np.full((20, 20), 0.5, np.float32)
    last = learn_kernel(*task(flat, "box_blur")[:2])
    assert last.response_error < 0.01
    assert np.isfinite(last.kernel).all()


@pytest.mark.parametrize(
    ("source", "response", "said"),
    [
        (np.zeros((8, 8)), np.zeros((7, 7)), "odd square kernel"),
        (np.zeros((8, 8)), np.zeros((6, 4)), "odd square kernel"),
        (np.zeros((8, 8, 3)), np.zeros((6, 6)), r"source \(H, W\)"),
        (np.full((8, 8), np.nan), np.zeros((6, 6)), "finite"),
    ],
)
def test_bad_input_names_what_was_expected(source, response, said):
    with pytest.raises(ValueError, match=said):
        next(learn_kernel_steps(source, response))


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="rate > 0"):
        LearnKernelSettings(rate=0)
