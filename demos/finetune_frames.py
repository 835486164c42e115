"""What the Fine-tune tab shows: of a training run as it goes on, and of one that has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from core.backbone import load_backbone
from core.finetune import Epoch, FeatureProgress
from core.finetune.learner import Learner, TuneProgress
from core.runner import run_steps
from core.texts import Section, load_section
from demos import finetune_photos as photos
from demos import finetune_trust
from demos import finetune_views as views
from demos._own_network import keep_own
from demos._sessions import SESSIONS
from demos.finetune_dials import link_value
from demos.finetune_trust_views import baseline_bars
from demos.finetune_work import Dials, Run, TrainingStep, Work, ending_steps, training_steps

PARTS = (
    "sets",
    "overview",
    "trust",
    "behind",
    "accuracy",
    "loss",
    "seen",
    "answer",
    "link",
    *finetune_trust.PARTS,
)
RESULTS = (*finetune_trust.PARTS, "behind", "accuracy", "loss", "seen", "answer")  # of a training run
FRAME_SECONDS = 1 / 12
JOB = "finetune"  # of a page: whatever trains, or fetches what is to be trained on

Frame = tuple[Any, ...]


def words() -> Section:
    """The sentences of this tab."""
    return load_section("finetune")


def frame(**parts: Any) -> Frame:
    """One value for each of `PARTS`; the parts of the page that are not named keep what they had."""
    return tuple(parts.get(name, gr.skip()) for name in PARTS)


def train(work: Work, dials: Dials, session: str) -> Iterator[Frame]:
    """Train on the photos, showing how it goes on."""
    work.begin(dials)
    yield frame(
        trust=views.loading(words()),
        behind=None,
        link=link_value(work),
        **dict.fromkeys(finetune_trust.PARTS),
    )
    backbone, folder = load_backbone(dials.network), work.folder
    if SESSIONS.get(session, "finetune") is not work:
        return  # other photos were chosen while the network was loading
    known = work.known.setdefault(dials.network, {})
    steps = run_steps(
        training_steps,
        backbone,
        folder,
        dials.settings,
        known,
        dials.tune,
        session=session,
        job=JOB,
    )
    yield from _stream(steps, work, session)


def end_early(work: Work, session: str) -> Iterator[Frame]:
    """The run was stopped: show its best, where the network was learning; else Start goes on from here."""
    if work.learner is None or work.dials is None:
        yield frame(sets=work.example or "", trust=views.stopped(words()))
        return
    # as a job of the same kind it first gets its turn when the step of the run that was stopped has ended
    steps = run_steps(
        ending_steps, work.learner, work.dials.settings, work.dials.tune, session=session, job=JOB
    )
    yield from _stream(steps, work, session)


def _stream(steps: Iterator[TrainingStep], work: Work, session: str) -> Iterator[Frame]:
    charts: dict[str, Any] = {}  # once they are shown, every frame has them: an object is never skipped
    shown = 0.0
    with closing(steps):  # type: ignore[type-var]
        for step in steps:
            if isinstance(step, Run):
                work.finish(step)
                keep_own(session, step.fitted.classifier)
                yield frame(**results(work), **answer(work, session))
            elif isinstance(step, Learner):
                work.learner = step
            elif isinstance(step, FeatureProgress):
                yield frame(trust=views.feature_progress(words(), step), **charts)
            elif isinstance(step, TuneProgress):
                yield frame(trust=views.tune_progress(words(), step, work.epochs), **charts)
            else:
                work.epochs.append(step)
                if time.monotonic() - shown > FRAME_SECONDS:
                    charts = _charts(work.epochs)
                    yield frame(trust=views.epoch_progress(words(), step), **charts)
                    shown = time.monotonic()


def everything(work: Work, session: str) -> Frame:
    """All that is to be shown of a page's work, for a page that was loaded again."""
    shown: dict[str, Any] = {"sets": work.example or "", "overview": overview(work)}
    shown["link"] = link_value(work)
    if work.unfinished or work.classifier is None:
        shown["trust"] = views.stopped(words()) if work.unfinished else views.ready(words())
    elif work.run is None:
        shown["trust"] = views.loaded(words(), work.classifier)
    else:
        shown |= results(work)
    return frame(**shown, **answer(work, session))


def results(work: Work) -> dict[str, Any]:
    """How good the classifier of the last run is."""
    run = work.run
    assert run is not None
    judged = run.fitted.evaluation
    if work.cell and (max(work.cell) >= len(judged.classes) or not judged.confusion[work.cell]):
        work.cell = None
    before = views.compared(words(), work.before) if work.before else ""
    kept = views.kept_epoch(words(), run.fitted, work.epochs)
    return {
        "trust": {
            **views.result(words(), judged),
            "words": f"{before} {kept}".strip(),
            "open": work.cell,
            "did": {"trained": work.example or "own"},
        },
        "baselines": baseline_bars(words(), judged, run.nearest_neighbour),
        "behind": behind(work),
        **_charts(work.epochs),
    }


def _charts(epochs: list[Epoch]) -> dict[str, Any]:
    accuracy, loss = views.curves(words(), epochs)
    return {"accuracy": accuracy, "loss": loss}


def overview(work: Work) -> str:
    """What is in the folder, as JSON, for Gradio's client would edit an object into the skip that follows."""
    shown = photos.overview(words(), work.folder, work.ids, example=work.example, changes=len(work.changes))
    return json.dumps(shown)


def behind(work: Work) -> dict[str, Any] | None:
    """The photos behind the open cell of the confusion matrix; the surest mistakes where none is open."""
    run = work.run
    if run is None:
        return None
    if work.cell is None:
        return photos.to_look_at(words(), run.folder, run.fitted, run.doubtful, work.ids)
    return photos.behind_cell(words(), run.folder, run.fitted, work.ids, *work.cell)


def answer(work: Work, session: str) -> dict[str, Any]:
    """What the classifier says of the new photo, and the photo as it sees it."""
    classifier, picture = work.classifier, work.new_photo
    if classifier is None or picture is None:
        return {"seen": None, "answer": {"groups": [{"title": words()("answer.none_yet"), "rows": []}]}}
    seen, shares = finetune_trust.seen_and_said(words(), classifier, picture, work.run, session)
    return {
        "seen": seen,
        "answer": views.answer_bars(words(), shares, classifier.classes),
    }
