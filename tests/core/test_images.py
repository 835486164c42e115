"""Bytes become tensors, and tensors pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import ImageError
from core.images import MAX_PIXELS, centre_square, open_image, png, require_images, to_tensor, to_uint8


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(width: int = 40, height: int = 30) -> Image.Image:
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return Image.fromarray(ramp.astype(np.uint8))


def heic(image: Image.Image) -> bytes:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return encoded(image, "HEIF", quality=95)


def test_every_kind_of_picture_becomes_rgb():
    rgb = gradient()
    kinds = {
        "jpeg": encoded(rgb, "JPEG"),
        "webp": encoded(rgb, "WEBP"),
        "bmp": encoded(rgb, "BMP"),
        "tiff": encoded(rgb, "TIFF"),
        "heic": heic(rgb),
        "cmyk": encoded(rgb.convert("CMYK"), "JPEG"),
        "palette": encoded(rgb.convert("P")),
        "grey": encoded(rgb.convert("L")),
        "grey with alpha": encoded(rgb.convert("LA")),
        "bilevel": encoded(rgb.convert("1")),
        "1 x 1": encoded(rgb.resize((1, 1))),
    }
    for name, data in kinds.items():
        opened = open_image(data, name=name)
        assert opened.mode == "RGB", name
        assert opened.size == ((1, 1) if name == "1 x 1" else rgb.size), name


def test_exif_rotation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    assert open_image(encoded(gradient(40, 30), "JPEG", exif=exif)).size == (30, 40)


def test_transparency_is_laid_on_white():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    clear.putpixel((0, 0), (255, 0, 0, 255))
    pixels = np.asarray(open_image(encoded(clear)))
    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[3, 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("kind", "full_scale"), [("PNG", 65535), ("TIFF", 65535)])
def test_sixteen_bits_keep_their_brightness(kind: str, full_scale: int):
    ramp = np.linspace(0, full_scale, 256).reshape(16, 16).astype(np.uint16)
    pixels = np.asarray(open_image(encoded(Image.fromarray(ramp), kind)))[..., 0]
    np.testing.assert_allclose(pixels.flatten(), np.arange(256), atol=1)


def test_float_pictures_are_scaled_and_nan_is_black():
    values = np.array([[0.0, 0.5], [1.0, np.nan]], dtype=np.float32)
    pixels = np.asarray(open_image(encoded(Image.fromarray(values), "TIFF")))[..., 0]
    assert pixels.tolist() == [[0, 128], [255, 0]]


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert open_image(data).getpixel((4, 4)) == (255, 0, 0)


def test_very_wide_pictures_open():
    assert open_image(encoded(Image.new("RGB", (12_000, 3)))).size == (12_000, 3)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\nbroken", encoded(gradient(), "JPEG")[:300]]
)
def test_what_is_no_picture_gets_one_named_error(data: bytes):
    with pytest.raises(ImageError, match=r"holiday\.jpg could not be read"):
        open_image(data, name="holiday.jpg")


@pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 30_000])
def test_too_many_pixels_are_refused_before_they_are_decoded(side: int):
    header = encoded(Image.new("1", (side, side)))
    with pytest.raises(ImageError, match="million pixels"):
        open_image(header, name="bomb.png")


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_pixels_survive_the_way_to_tensors_and_files(height: int, width: int, seed: int):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tensor = to_tensor(pixels)
    assert tensor.shape == (1, 3, height, width)
    np.testing.assert_array_equal(to_uint8(tensor)[0], pixels)
    np.testing.assert_array_equal(np.asarray(open_image(png(pixels))), pixels)


@pytest.mark.parametrize(
    ("images", "came"),
    [
        (torch.zeros(3, 8, 8), r"\(3, 8, 8\)"),
        (torch.zeros(1, 1, 8, 8), r"\(1, 1, 8, 8\)"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "uint8"),
        (torch.full((1, 3, 8, 8), 1.5), "1.5"),
        (torch.full((1, 3, 8, 8), float("nan")), "nan"),
    ],
)
def test_wrong_images_are_named(images: torch.Tensor, came: str):
    with pytest.raises(ValueError, match=came):
        require_images(images)


def test_wrong_pixels_are_named():
    with pytest.raises(ValueError, match="float64"):
        to_tensor(np.zeros((8, 8, 3)))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (300, 200)])
def test_the_centre_square_is_square_at_any_aspect(size: tuple[int, int]):
    image = Image.new("RGB", size, "teal")
    square = centre_square(image, 32, 0.875, Image.Resampling.BICUBIC)
    assert square.size == (32, 32)
    assert square.getpixel((16, 16)) == image.getpixel((0, 0))
