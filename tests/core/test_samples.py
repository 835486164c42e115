from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

from core import samples
from core.errors import ImageError
from core.samples import SAMPLES, Sample, available_samples, sample_path
from core.texts import load_section


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_a_picture_of_its_kind(name):
    with Image.open(sample_path(name)) as picture:
        assert picture.size == (28, 28) if SAMPLES[name].kind == "digit" else min(picture.size) >= 190


def test_every_photo_has_a_title():
    assert set(load_section("common").tree("photos")) == set(SAMPLES)


def test_all_digits_but_eight_are_there():
    assert available_samples("digit") == [f"digit_{n}" for n in (0, 1, 2, 3, 4, 5, 6, 7, 9)]


def test_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match=r"expected a sample name out of cat, .*; got 'unicorn'"):
        sample_path("unicorn")


@pytest.mark.parametrize(
    ("package", "path"), [("no_such_package", "cat.png"), ("skimage", "data/no_such_cat.png")]
)
def test_missing_package_or_file_is_explained(monkeypatch, package, path):
    absent = {"absent": Sample(name="absent", package=package, path=path)}
    monkeypatch.setattr(samples, "SAMPLES", absent)
    assert available_samples() == []
    with pytest.raises(ImageError, match=package):
        sample_path("absent")


def test_locating_samples_imports_none_of_their_packages():
    code = (
        "import sys; from core.samples import SAMPLES, sample_path; [sample_path(n) for n in SAMPLES];"
        "print([m for m in ('torch', 'skimage', 'foolbox', 'gradio', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
