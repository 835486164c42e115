"""What values hold is added up, each thing once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from core.memory import Held, give_back


@dataclass
class Work:
    pictures: dict[int, Any] = field(default_factory=dict)


def test_arrays_tensors_pictures_and_networks_are_counted() -> None:
    held = Held()
    pictures = {1: np.zeros((10, 10, 3), np.uint8), 2: [torch.zeros(25), Image.new("RGB", (10, 10))]}
    assert held.add(Work(pictures)) == 300 + 100 + 300
    assert held.add(nn.Linear(9, 1)) == 40
    assert held.add(b"1234") == 4


def test_what_several_hold_is_counted_once_and_a_part_with_its_whole() -> None:
    held = Held()
    tensor, array = torch.zeros(100), np.zeros(100, np.uint8)
    assert held.add([tensor[:2], tensor, tensor.view(10, 10)]) == 400
    assert held.add(Work({1: tensor})) == 0
    assert held.add([array[:3], array]) == 100


def test_what_all_share_is_not_counted() -> None:
    shared = nn.Linear(9, 1)
    assert Held([shared]).add([shared, nn.Linear(1, 1)]) == 8


def test_a_ring_ends() -> None:
    ring: list[Any] = [b"1"]
    ring.append(ring)
    assert Held().add(ring) == 1


def test_memory_is_given_back_where_that_is_possible() -> None:
    give_back()
