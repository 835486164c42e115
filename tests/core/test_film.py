"""Films, read back by the libraries that others would play them with."""

from __future__ import annotations

import io

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from core.film import FPS_RANGE, HOLD_SECONDS, gif_bytes, mp4_bytes, write_gif, write_mp4


def pictures(count: int = 5, height: int = 48, width: int = 64) -> list[np.ndarray]:
    """A blue picture in which a red square walks to the right."""
    made = np.zeros((count, height, width, 3), np.uint8)
    made[..., 2] = 200
    for place, picture in enumerate(made):
        picture[8:24, 8 * place : 8 * place + 16] = (230, 20, 30)
    return list(made)


def differs(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def frames_of(film: av.container.InputContainer) -> list[np.ndarray]:
    return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def test_a_gif_has_the_pictures_their_times_and_begins_again():
    shown = pictures()
    with Image.open(io.BytesIO(gif_bytes(shown, fps=10))) as film:
        assert film.n_frames == 5
        assert film.info["loop"] == 0
        times = []
        for place, picture in enumerate(shown):
            film.seek(place)
            times.append(film.info["duration"])
            assert differs(np.asarray(film.convert("RGB")), picture) < 3
        assert times == [100] * 4 + [1000 * HOLD_SECONDS]


def test_what_stands_still_in_a_gif_does_not_flicker():
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    changing = [noise.copy() for _ in range(4)]
    for place, picture in enumerate(changing):
        picture[:8, :8] = 60 * place
    with Image.open(io.BytesIO(gif_bytes(changing))) as film:
        seen = []
        for place in range(film.n_frames):
            film.seek(place)
            seen.append(np.asarray(film.convert("RGB"))[20:])
    assert all(np.array_equal(each, seen[0]) for each in seen)


def test_faint_colours_in_a_gif_do_not_turn_grey():
    random = np.random.default_rng(0)
    light, tint = (
        cv2.GaussianBlur(random.normal(size=(96, 96, each)), (0, 0), 4).reshape(96, 96, each)
        for each in (1, 3)
    )
    light, tint = 45 * light / light.std(), 4 * tint / tint.std()
    shown = [np.clip(128 + light + place * tint, 0, 255).astype(np.uint8) for place in range(6)]
    with Image.open(io.BytesIO(gif_bytes(shown))) as film:
        film.seek(film.n_frames - 1)
        last = np.asarray(film.convert("RGB"))
    assert np.ptp(last, axis=-1).mean() > 0.8 * np.ptp(shown[-1], axis=-1).mean()


@pytest.mark.parametrize("size", [(48, 64), (33, 45)])
def test_an_mp4_has_the_pictures_in_h264_with_even_sides_and_holds_the_last(size):
    shown = pictures(4, *size)
    with av.open(io.BytesIO(mp4_bytes(shown, fps=10))) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert float(stream.average_rate) == pytest.approx(10)
        assert (stream.height, stream.width) == tuple(side + side % 2 for side in size)
        seen = frames_of(film)
    assert len(seen) == 4 + round(10 * HOLD_SECONDS)
    for frame, picture in zip([*seen[:4], seen[-1]], [*shown, shown[-1]], strict=True):
        assert differs(frame[: size[0], : size[1]], picture) < 12


def test_a_film_is_written_to_a_path_from_an_array_or_a_generator(tmp_path):
    write_gif(np.stack(pictures()), tmp_path / "film.gif")
    write_mp4((each for each in pictures()), tmp_path / "film.mp4")
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 5
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert len(frames_of(film)) > 5


def test_one_picture_is_a_film_too():
    assert gif_bytes(pictures(1)).startswith(b"GIF89a")
    assert b"ftyp" in mp4_bytes(pictures(1))[:12]


@pytest.mark.parametrize("write", [gif_bytes, mp4_bytes])
def test_what_is_no_film_is_refused(write):
    with pytest.raises(ValueError, match="at least one"):
        write([])
    with pytest.raises(ValueError, match="shape"):
        write([*pictures(1, 48, 64), *pictures(1, 48, 60)])
    with pytest.raises(ValueError, match="uint8"):
        write([np.zeros((8, 8, 3), np.float32)])
    with pytest.raises(ValueError, match="fps from 1 to 50"):
        write(pictures(), fps=FPS_RANGE[1] + 1)
