"""Each photo goes through the frozen network once; what comes out is all that training needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.backbone import Backbone
from core.images import open_image

BATCH = 8  # photos a step: few enough that a turn on the device stays below a second


@dataclass(frozen=True, kw_only=True)
class FeatureStep:
    """The features of one batch."""

    done: int  # photos so far, this batch included
    total: int
    features: Tensor  # (photos of this batch, channels), float32 on the processor


def feature_steps(backbone: Backbone, photos: Sequence[Path], batch: int = BATCH) -> Iterator[FeatureStep]:
    """What the head of `backbone` would see of each photo, in order.

    Raises:
        ImageError: when a file cannot be read as a picture.
    """
    for start in range(0, len(photos), batch):
        part = photos[start : start + batch]
        images = torch.cat([backbone.preprocess(open_image(photo)) for photo in part])
        with torch.inference_mode():
            features = backbone.features(images).float().cpu()
        # A clone made outside inference mode is an ordinary tensor, good for gradients later on
        yield FeatureStep(done=start + len(part), total=len(photos), features=features.clone())
