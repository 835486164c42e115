"""Photos and digits to begin with, found inside installed packages: nothing is copied, nothing imported.

A package is located with `importlib.util.find_spec`, which does not run it, so listing samples costs nothing.
The titles that a user reads are in `assets/texts/<language>/common.yaml`, under `photos`, by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from core.errors import ImageError

Kind = Literal["photo", "digit"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture inside an installed package.

    Attributes:
        package: the package's import name, such as `skimage`.
        path: where the picture is inside that package, with forward slashes.
        kind: a colour photo, or an MNIST digit of 28 x 28 grey pixels.
    """

    name: str
    package: str
    path: str
    kind: Kind = "photo"


_PHOTOS = {
    "cat": ("skimage", "data/chelsea.png"),
    "mastiff": ("foolbox", "data/imagenet_00_243.jpg"),
    "dalmatian": ("foolbox", "data/imagenet_16_251.jpg"),
    "lion": ("gradio", "media_assets/images/lion.jpg"),
    "cheetah": ("gradio", "media_assets/images/cheetah1.jpg"),
    "eagle": ("foolbox", "data/imagenet_17_22.jpg"),
    "coffee": ("skimage", "data/coffee.png"),
    "stained_glass": ("foolbox", "data/imagenet_12_741.jpg"),
    "cannon": ("foolbox", "data/imagenet_13_471.jpg"),
    "buckeye": ("foolbox", "data/imagenet_03_990.jpg"),
    "strawberries": ("foolbox", "data/imagenet_04_949.jpg"),
    "cottage": ("foolbox", "data/imagenet_05_853.jpg"),
    "geese": ("foolbox", "data/imagenet_15_99.jpg"),
    "leafhopper": ("foolbox", "data/imagenet_18_317.jpg"),
    "beetle": ("foolbox", "data/imagenet_19_305.jpg"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "bricks": ("skimage", "data/brick.png"),
    "page": ("skimage", "data/page.png"),
}
_DIGITS = {digit: f"data/mnist_{place:02d}_{digit}.png" for place, digit in enumerate((7, 2, 1, 0, 4))}
_DIGITS |= {
    9: "data/mnist_07_9.png",
    5: "data/mnist_15_5.png",
    6: "data/mnist_11_6.png",
    3: "data/mnist_18_3.png",
}


def _samples() -> dict[str, Sample]:
    photos = [Sample(name=name, package=package, path=path) for name, (package, path) in _PHOTOS.items()]
    digits = [
        Sample(name=f"digit_{digit}", package="foolbox", path=path, kind="digit")
        for digit, path in sorted(_DIGITS.items())
    ]
    return {sample.name: sample for sample in (*photos, *digits)}


SAMPLES: Mapping[str, Sample] = MappingProxyType(_samples())


def sample_path(name: str) -> Path:
    """Where the picture called `name` is on this machine.

    Raises:
        ValueError: when there is no sample of that name.
        ImageError: when its package is not installed, or no longer has the file.
    """
    if name not in SAMPLES:
        raise ValueError(f"expected a sample name out of {', '.join(SAMPLES)}; got {name!r}")
    sample = SAMPLES[name]
    spec = find_spec(sample.package)
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder, *sample.path.split("/"))
        if path.is_file():
            return path
    raise ImageError("image.no_sample", name=sample.path, package=sample.package)


def available_samples(kind: Kind | None = None) -> list[str]:
    """The names of the samples that this machine has, in order; all kinds unless told."""
    names = [sample.name for sample in SAMPLES.values() if kind in (None, sample.kind)]
    return [name for name in names if _is_here(name)]


def _is_here(name: str) -> bool:
    try:
        sample_path(name)
    except ImageError:
        return False
    return True
