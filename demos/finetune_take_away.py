"""Taking a classifier away from the Fine-tune tab, as one zip."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import FolderError
from core.finetune import Packed, Packing, Training, pack_steps
from core.runner import run_steps
from core.texts import Section, load_section
from demos._handlers import explained, language_of, session_of
from demos._sessions import SESSIONS
from demos.finetune_work import Work, work_of

ZIP_NAME = "whiskers-classifier.zip"


@explained
def take_away(request: gr.Request) -> Iterator[tuple[Any, str]]:
    """Save: write the zip, try what is in it on some photos, hand it out."""
    session = session_of(request)
    work, texts = work_of(session), load_section("finetune")
    if work.classifier is None:
        raise FolderError("classifier.none_yet")
    yield gr.File(visible=False), texts("take_away.writing")
    photos = [photo.path for photo in work.base.photos]
    # Gradio keeps a copy of its own to serve, so nothing stays here when it has been handed out
    with tempfile.TemporaryDirectory(dir=SESSIONS.folder(session)) as folder:
        path = Path(folder, ZIP_NAME)
        steps = run_steps(
            pack_steps,
            work.classifier,
            path,
            photos,
            training_of(work),
            language=language_of(request),
            session=session,
            job="take-away",
        )
        with closing(steps):
            for step in steps:
                yield _shown(texts, step)


def training_of(work: Work) -> Training | None:
    """How the page's classifier was trained; None when it was loaded."""
    run = work.run
    if run is None:
        return None
    return Training(folder=run.folder, fitted=run.fitted, settings=run.settings, tune=run.tune)


def _shown(texts: Section, step: Packing | Packed) -> tuple[Any, str]:
    if isinstance(step, Packed):
        return gr.File(value=str(step.path), visible=True), texts("take_away.tested", count=step.tested)
    return gr.File(visible=False), texts("take_away.trying", done=step.tested, total=step.total)
