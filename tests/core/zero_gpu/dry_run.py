"""Jobs as they run on ZeroGPU, with `spaces.py` of this folder in the place of the real package.

Told on the last line, as JSON: what came of each.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import torch

from core import activations, zero_gpu
from core.attacks import PGDSettings, pgd, pgd_steps
from core.attacks.views import world
from core.backbone import default_device, load_backbone
from core.errors import UserError
from core.featurevis import Drawing, Settings, draw_steps
from core.runner import run_steps


def where(backbone: Any, images: torch.Tensor, layers: Any) -> Iterator[Any]:
    """In the place of a job that is known: where it runs, and what it was given."""
    yield os.getpid(), str(images.device), backbone.name
    raise UserError("field.number", field="Steps", low=1, high=2)


def main() -> None:
    """Run them."""
    zero_gpu.DEVICE = "cpu"
    backbone = load_backbone("efficientnet_lite0")
    image = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    told: dict[str, Any] = {"device": str(default_device()), "pid": os.getpid()}

    settings = PGDSettings(steps=2)
    with closing(run_steps(pgd_steps, backbone, image, 3, settings, session="a")) as steps:
        *_, last = steps
    here = pgd(backbone, image, 3, settings)
    told["same"] = bool(torch.allclose(last.adversarial, here.adversarial, atol=2 / 255))

    with closing(run_steps(pgd_steps, backbone, image, 3, PGDSettings(steps=500), session="a")) as steps:
        next(steps)
    told["closed"] = True

    given = Drawing(Settings(steps=1)), world()
    told["stays"] = [
        zero_gpu.takes(draw_steps, (backbone, given[0]), {}),
        zero_gpu.takes(pgd_steps, (backbone, image, 3, settings, given[1]), {}),
    ]

    where.__module__, where.__qualname__ = "core.activations", "capture_steps"
    activations.capture_steps = where
    steps = run_steps(where, backbone, image, ("x",), session="a")
    told["there"] = next(steps)
    try:
        next(steps)
    except UserError as error:
        told["sentence"] = error.message()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
