"""The tabs: one module each, with `build(context)` and its handlers. Nothing here imports torch."""

from __future__ import annotations

from types import ModuleType

from . import adversarial, feature_maps, finetune, ideal_image, kernels, start

TABS: dict[str, ModuleType] = {
    "start": start,
    "kernels": kernels,
    "feature_maps": feature_maps,
    "finetune": finetune,
    "ideal_image": ideal_image,
    "adversarial": adversarial,
}
