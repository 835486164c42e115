"""What the dials of the Kernels tab's learning sections may hold, and that a closed page ends its run."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from core.runner import TURNS
from core.texts import Section, load_section
from demos import kernels_digits, kernels_learn

REQUEST = SimpleNamespace(session_hash="someone")
NUMBERS = {"learn": (0.3, 300, 512, 0.0, 0), "digits": (12, 4, 0.01, 3.0, 0)}


def run(section, numbers):
    """The section's handler with these numbers in its dials."""
    texts = Section("kernels", load_section("kernels").tree(section))
    if section == "learn":
        return kernels_learn._Page(texts).learn("sobel_x", "cat", True, *numbers, request=REQUEST)
    return kernels_digits._Page(texts).train(*numbers, request=REQUEST)


@pytest.mark.parametrize("section", NUMBERS)
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("wrong", [None, float("nan"), 10**9, "x"])
def test_an_emptied_or_impossible_field_gives_a_sentence(section, place, wrong):
    numbers = [*NUMBERS[section][:place], wrong, *NUMBERS[section][place + 1 :]]
    with pytest.raises(gr.Error, match="needs a number from"):
        next(run(section, numbers))


@pytest.mark.parametrize("section", NUMBERS)
def test_a_closed_page_ends_its_run(section):
    shown = run(section, NUMBERS[section])
    next(shown)
    assert TURNS.place("another").ahead == 1
    shown.close()
    assert TURNS.place("another").ahead == 0
