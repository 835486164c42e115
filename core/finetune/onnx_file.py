"""A classifier as an ONNX file: from the pixels of a photo to probabilities, for programs without PyTorch."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from core.backbone import Backbone

INPUT, OUTPUT = "image", "probabilities"
_EXPORTING = threading.Lock()  # torch.onnx.export keeps its settings in globals


class _Network(nn.Module):
    """A copy of a backbone up to its features, and the linear layer on them, on the processor."""

    def __init__(self, backbone: Backbone, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        names = [name for name, _ in backbone.model.named_children()]
        layers = backbone.model[: names.index(backbone.feature_layer) + 1]
        self.layers = copy.deepcopy(layers).cpu()
        self.linear = nn.Linear(weight.shape[1], weight.shape[0])
        self.linear.weight.data, self.linear.bias.data = weight.cpu().clone(), bias.cpu().clone()
        self.requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> (N, classes), as `Classifier.predict`."""
        activation = self.layers(image)
        features = activation.mean((2, 3)) if activation.ndim == 4 else activation.flatten(1)
        return cast(Tensor, self.linear(features)).softmax(1)


def write_onnx(backbone: Backbone, weight: Tensor, bias: Tensor, path: str | os.PathLike[str]) -> None:
    """Write the whole network in float32: `image` (N, 3, S, S) in [0, 1] -> `probabilities` (N, classes).

    S is the backbone's input size, N is free. Normalisation stands inside. The backbone is not changed.

    Args:
        weight: of the linear layer, (classes, channels).
        bias: (classes,).
    """
    network = _Network(backbone, weight, bias).eval()
    example = torch.zeros(1, 3, backbone.input_size, backbone.input_size)
    # The tracing exporter: ten times as fast for these plain networks as the one by torch.export, and it
    # needs no more than the package onnx
    with _EXPORTING, torch.no_grad():
        torch.onnx.export(
            network,
            (example,),
            os.fspath(path),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "photos"}, OUTPUT: {0: "photos"}},
            dynamo=False,
        )


def open_onnx(path: str | os.PathLike[str]) -> Callable[[Tensor], Tensor]:
    """The function in a file that `write_onnx` wrote, run by ONNX Runtime on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only: it warns of every machine without a graphics card
    # Its threads would go on turning while they wait, and take the processor from PyTorch's
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(Path(path), options, providers=["CPUExecutionProvider"])

    def probabilities(images: Tensor) -> Tensor:
        (answer,) = session.run([OUTPUT], {INPUT: images.cpu().numpy()})
        return torch.from_numpy(answer)

    return probabilities
