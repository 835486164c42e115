"""Closed sections that are worked when they are opened, and anew when what they tell of is another."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.web import component


def renewed(column: str, sections: dict[str, str]) -> gr.HTML:
    """A component that fires the name of each section that stands open once it is to be worked anew.

    Args:
        column: the id of the column around it and the sections; its class is `wk-questions`.
        sections: the selector of each section's accordion, by the name of its event.
    """
    return component("sections", sections=sections, elem_id=f"{column}-renewed")


def grow_pale(event: Any, column: str) -> None:
    """Wire an event that makes what the sections tell old. First of its listeners, for they take turns."""
    event(None, js=_tell(column, "wk-stale"))


def renew_after(ends: Any, column: str) -> None:
    """Wire the end of what made it old: open sections are worked anew."""
    ends.then(None, js=_tell(column, "wk-renew"))


def _tell(column: str, event: str) -> str:
    return f"""() => document.querySelector("#{column}")?.dispatchEvent(new CustomEvent("{event}"))"""
