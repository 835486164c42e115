"""Ideal images beside Lucent's: `PYTHONPATH=. .venv-bench/bin/python -m tests.benchmarks.ideal_image`.

EfficientNet-Lite0 draws twelve classes with the default settings, Lite2 judges. Lucent draws the same classes
on the same network, in turn with ours, with its standard transforms and 256 passes. Ends with 1 when a target
is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from core.architectures import imagenet_classes
from core.backbone import Backbone, load_backbone
from core.featurevis import Settings, ideal_image, judge_of
from core.featurevis.opinion import opinions
from core.images import png, to_uint8

CLASSES = (281, 284, 258, 340, 130, 292, 386, 985, 851, 207, 849, 817)
LUCENT_PASSES = 256
MOST_PASSES = 128
LEAST_NAMED = 12
LEAST_MEAN = 0.95
MOST_TIME = 0.45  # of Lucent's


class LucentView(nn.Module):
    """The network as Lucent wants it: a layer named `logits`, and inputs in [0, 1]."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone, self.network, self.logits = backbone, backbone.model, nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, 1000)."""
        scores: Tensor = self.logits(self.network(images))
        return scores


def lucent_image(model: LucentView, index: int, seed: int) -> Tensor:
    """Lucent's own `render_vis`: a Fourier image of our size, its defaults but for the number of passes."""
    _prepare_lucent()
    from lucent.optvis import param, render

    torch.manual_seed(seed)
    shown = render.render_vis(
        model,
        f"logits:{index}",
        lambda: param.image(Settings.size),
        thresholds=(LUCENT_PASSES,),
        preprocess=False,  # normalisation is the network's first layer
        progress=False,
        show_image=False,
    )
    return torch.from_numpy(shown[-1]).permute(0, 3, 1, 2).clamp(0, 1).float()


def _prepare_lucent() -> None:
    """What Lucent expects: IPython, to show pictures in a notebook, and the names kornia had before."""
    import kornia
    from kornia.geometry.transform import get_rotation_matrix2d, warp_affine

    notebook = sys.modules.setdefault("IPython", ModuleType("IPython"))
    notebook.display = sys.modules.setdefault("IPython.display", ModuleType("IPython.display"))

    kornia.get_rotation_matrix2d, kornia.warp_affine = get_rotation_matrix2d, warp_affine


def timed(draw: Callable[[], Tensor]) -> tuple[Tensor, float]:
    """An image and the seconds it took."""
    started = time.perf_counter()
    return draw(), time.perf_counter() - started


def main() -> int:
    """Draw, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", type=int, default=len(CLASSES), help="how many of the twelve")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="folder for our pictures")
    options = parser.parse_args()
    settings, backbone = Settings(seed=options.seed), load_backbone("efficientnet_lite0", "cpu")
    judge = load_backbone(judge_of(backbone) or "", "cpu")
    lucent = LucentView(backbone).eval()
    rows: dict[str, list[tuple[float, bool, float]]] = {"ours": [], "Lucent": []}
    ideal_image(backbone, CLASSES[0], settings)  # both prepare the processor's convolutions once
    lucent_image(lucent, CLASSES[0], options.seed)
    for index in CLASSES[: options.classes]:
        drawn = {
            "ours": timed(lambda index=index: ideal_image(backbone, index, settings)),
            "Lucent": timed(lambda index=index: lucent_image(lucent, index, options.seed)),
        }
        told = []
        for name, (image, seconds) in drawn.items():
            shares = opinions(judge, image)
            rows[name].append((float(shares[index]), int(shares.argmax()) == index, seconds))
            told.append(f"{name} {shares[index]:5.2f} in {seconds:5.1f} s")
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            (options.save / f"{index}.png").write_bytes(png(to_uint8(drawn["ours"][0])[0]))
        print(f"{imagenet_classes()[index].split(',')[0]:<22}{'   '.join(told)}", flush=True)
    return 0 if report(rows, settings) else 1


def report(rows: dict[str, list[tuple[float, bool, float]]], settings: Settings) -> bool:
    """Print the figures against their targets; whether all hold."""
    for name, row in rows.items():
        shares, named, seconds = zip(*row, strict=True)
        print(
            f"{name:<8}named by the judge {sum(named)} of {len(named)}, mean probability "
            f"{statistics.mean(shares):.2f}, {statistics.mean(seconds):.1f} s an image"
        )
    ours, lucent = rows["ours"], rows["Lucent"]
    mean = statistics.mean(share for share, _, _ in ours)
    ratio = statistics.median(mine / theirs for (*_, mine), (*_, theirs) in zip(ours, lucent, strict=True))
    targets = {
        f"network passes at most {MOST_PASSES}": settings.steps <= MOST_PASSES,
        f"named at least {LEAST_NAMED} of {len(CLASSES)}": sum(named for _, named, _ in ours)
        >= LEAST_NAMED * len(ours) / len(CLASSES),
        f"mean probability at least {LEAST_MEAN}": mean >= LEAST_MEAN,
        f"time at most {MOST_TIME} of Lucent's (is {ratio:.2f})": ratio <= MOST_TIME,
    }
    for target, holds in targets.items():
        print(f"{target:<55}{'ok' if holds else 'MISSED'}")
    return all(targets.values())


if __name__ == "__main__":
    raise SystemExit(main())
