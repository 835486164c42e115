"""The first page: what a convolutional network is, and the way through the five tabs. It loads no network."""

from __future__ import annotations

from demos._lesson import PATH
from demos._shared import Context
from demos.web import component


def build(context: Context) -> None:
    """The tab; what a visitor has done is known to her browser only."""
    texts = context.section("start")
    cards = [
        {
            "tab": name,
            "name": context.section(name)("tab"),
            "tasks": len(context.section(name).tree("lesson.tasks")),
            **texts.tree(f"cards.{name}"),
        }
        for name in PATH
    ]
    component("start", value=cards, texts=texts.tree(), elem_id="start")
