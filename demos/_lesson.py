"""The lesson beside each tab: a question, three tasks that the page recognises, the question again."""

from __future__ import annotations

import gradio as gr

from core.texts import Section
from demos._shared import Context
from demos.web import component

PATH = ("kernels", "feature_maps", "finetune", "ideal_image", "adversarial")  # in the order of the lesson


def lesson(context: Context, texts: Section) -> gr.HTML:
    """The lesson of the tab whose texts these are; it listens to what the tab's components did."""
    common = context.section("common")
    follows = [*PATH[1:], "start"][PATH.index(texts.name)]
    words = {"try_this": common("try_this"), "notice": common("notice"), "notice_words": texts("notice")}
    return component(
        "lesson",
        texts={**common.tree("lesson"), **texts.tree("lesson"), **words},
        tab=texts.name,
        follows={"tab": follows, "name": context.section(follows)("tab")},
        line=f"#{_name(texts)}-task",
        elem_id=f"{_name(texts)}-lesson",
    )


def next_task(context: Context, texts: Section) -> gr.HTML:
    """One line at the head of a tab: what to do first, and then."""
    common = context.section("common")
    words = {
        "try_this": common("try_this"),
        "all_done": common("lesson.all_done"),
        "guess_first": common("lesson.guess_first"),
        "tasks": texts.tree("lesson.tasks"),
    }
    return component(
        "task", texts=words, tab=texts.name, lesson=f"#{_name(texts)}-lesson", elem_id=f"{_name(texts)}-task"
    )


def _name(texts: Section) -> str:
    return texts.name.replace("_", "-")
