"""Long jobs on Hugging Face ZeroGPU, where a GPU is there for one call only, in a forked process.

Elsewhere nothing here has an effect. There, the main process computes on the processor, and a job of `JOBS`
is one call: what it is given goes there pickled, networks that all share by name, and its steps come back as
data on the processor. A job that changes what its session holds (a drawing that can be taken up again, a
training run that adds to known features) cannot go there: the change would be made in the other process, and
be lost.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import torch

from core import ON_ZERO_GPU
from core.backbone import Backbone, load_backbone, loaded_backbones
from core.errors import UserError

DEVICE = "cuda"
# Steps functions whose steps are all that becomes of them
JOBS = frozenset(
    {
        "core.activations.capture_steps",
        "core.attacks.budgeted.pgd_steps",
        "core.attacks.minimal.smallest_change_steps",
        "core.channel_image.channel_image_steps",
        "core.compare.difference_steps",
    }
)

Steps = Callable[..., Iterator[Any]]


@dataclass(frozen=True, kw_only=True)
class _Named:
    """A network that all share, on its way."""

    name: str


@dataclass(frozen=True, kw_only=True)
class _Failed:
    """A sentence for the user, on its way back: what is raised there would not arrive as it is."""

    error: UserError


def takes(function: Steps, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a job goes to the GPU: one of `JOBS`, on ZeroGPU, given nothing that cannot be pickled."""
    if not ON_ZERO_GPU or f"{function.__module__}.{function.__qualname__}" not in JOBS:
        return False
    try:
        pickle.dumps(_packed(args, kwargs))
    except (pickle.PicklingError, AttributeError, TypeError):  # as pickle words it for nested functions
        return False
    return True


def steps(function: Steps, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Any]:
    """The steps of a job that `takes` takes, in one call; closing it ends the call.

    Raises:
        UserError: as `function`.
    """
    for step in _call(function, *_packed(args, kwargs)):
        if isinstance(step, _Failed):
            raise step.error
        yield step


def _there(function: Steps, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Any]:
    """What happens in the forked process."""
    placed = [_placed(each) for each in args]
    try:
        for step in function(*placed, **{name: _placed(each) for name, each in kwargs.items()}):
            yield _on_processor(step)
    except UserError as error:
        yield _Failed(error=error)


def _decorated(function: Steps) -> Steps:
    if not ON_ZERO_GPU:
        return function
    import spaces

    decorated: Steps = spaces.GPU(function)
    return decorated


_call = _decorated(_there)


def _packed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return tuple(map(_sent, args)), {name: _sent(each) for name, each in kwargs.items()}


def _sent(value: Any) -> Any:
    if any(value is shared for shared in loaded_backbones()):
        return _Named(name=value.name)
    return value


def _placed(value: Any) -> Any:
    """A network or a tensor on the GPU; anything else as it is."""
    if isinstance(value, _Named):
        return load_backbone(value.name, DEVICE)
    if isinstance(value, Backbone):  # one that a visitor trained; it came as a copy
        return replace(value, model=value.model.to(DEVICE), device=torch.device(DEVICE))
    return value.to(DEVICE) if isinstance(value, torch.Tensor) else value


def _on_processor(value: Any) -> Any:
    """A step with every tensor in it on the processor."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    if isinstance(value, tuple | list):
        return type(value)(map(_on_processor, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: _on_processor(getattr(value, each.name)) for each in fields(value)}
        )
    return value
