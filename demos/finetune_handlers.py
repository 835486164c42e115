"""What happens on the Fine-tune tab: each handler takes what the page sends and gives what it shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from core.errors import FolderError, UserError
from core.finetune import PUBLISHED, load_classifier, published_title
from core.images import open_image
from core.limits import require_writable
from core.runner import run_once
from core.samples import sample_path
from demos import finetune_frames as frames
from demos import finetune_trust
from demos import finetune_views as views
from demos._handlers import end_running, explained, latest_only, session_of
from demos._own_network import keep_own
from demos._photos import chosen_photo
from demos._sessions import SESSIONS
from demos.finetune_dials import FIRST, FIRST_SET, LINK, NAMES, asked_for, dials_of, link_value, values_of
from demos.finetune_frames import JOB, RESULTS, Frame, frame, words
from demos.finetune_upload import take_upload
from demos.finetune_work import Dials, Work, set_steps, work_of

FIRST_NEW_PHOTO = "cottage"
NEW_PHOTO_SIDE = 512
_NO_DIALS = (gr.skip(),) * len(NAMES)
LINKED = "finetune_linked"  # what the link asked for that opened the page
NEW_PHOTO = "finetune_new_photo"  # of a session; it may come before there is anything to judge it by


@explained
@latest_only(JOB)
def open_page(event: gr.EventData, request: gr.Request) -> Iterator[Frame]:
    """The settings and all that is shown when the tab is first seen: the worked example.

    A page that was loaded again finds what it had before. One that a link opened has the link's set and
    settings, and waits for Start.
    """
    session, asked = session_of(request), LINK.read(event)
    work, linked = SESSIONS.get(session, "finetune"), SESSIONS.get(session, LINKED)
    if asked.given and not (isinstance(work, Work) and linked == asked):
        SESSIONS.open(session)
        SESSIONS.put(session, LINKED, asked)
        name, dials, told = asked_for(asked)
        yield from _with_dials(dials, _open_set(name, dials, session, learn=False, told=told))
    elif isinstance(work, Work):
        SESSIONS.open(session)
        yield *(values_of(work.dials) if work.dials else _NO_DIALS), *frames.everything(work, session)
    else:
        for shown in _open_set(FIRST_SET, FIRST, session):
            yield *_NO_DIALS, *shown


@explained
@latest_only(JOB)
def begin_anew(request: gr.Request) -> Iterator[Frame]:
    """Everything as it is when the tab is first seen."""
    session = session_of(request)
    for name in ("finetune", NEW_PHOTO):
        SESSIONS.put(session, name, None)
    yield from _with_dials(FIRST, _open_set(FIRST_SET, FIRST, session))


def _with_dials(dials: Dials, shown: Iterator[Frame]) -> Iterator[Frame]:
    """The frames, of which the first sets the dials too."""
    values = values_of(dials)
    for each in shown:
        yield *values, *each
        values = _NO_DIALS


@explained
@latest_only(JOB)
def choose_set(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """A set was chosen: fetch it if it is not here, say what is in it, and train."""
    yield from _open_set(str(event._data["name"]), dials_of(*dials), session_of(request))


def show_split(event: gr.EventData) -> Any:
    """The slider of the held-out share: there is nothing to set where a set has a split of its own."""
    own = bool(event._data["own"])
    return gr.update(interactive=not own, info=words()("held_out_own" if own else "held_out_info"))


@explained
def take(event: gr.EventData, request: gr.Request) -> Frame:
    """A folder was uploaded: say what is in it, or what is wrong with it."""
    require_writable()
    session = session_of(request)
    SESSIONS.open(session)
    end_running(session, JOB)
    before = SESSIONS.get(session, "finetune")
    turn = time.monotonic_ns()  # the same trouble twice is shown twice
    SESSIONS.advance(session, "finetune_turn", turn)
    try:
        base = take_upload(event._data, SESSIONS.folder(session))
    except FolderError as error:
        return {"trouble": error.message(), "turn": turn}, *frame()
    work = Work(base=base, new_photo=before.new_photo if before else None)
    SESSIONS.put(session, "finetune", work)
    shown = frame(
        sets="",
        overview=frames.overview(work),
        trust=views.ready(words()),
        link=link_value(work),
        **dict.fromkeys(RESULTS),
    )
    return {"turn": turn}, *shown


@explained
@latest_only(JOB)
def train(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """Start."""
    session = session_of(request)
    yield from frames.train(work_of(session), dials_of(*dials), session)


@explained
@latest_only(JOB)
def change(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """A photo was moved to another class or left out: train again."""
    session = session_of(request)
    work = work_of(session)
    label = event._data["label"]
    work.change(int(event._data["photo"]), None if label is None else int(label))
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, dials_of(*dials), session)


@explained
@latest_only(JOB)
def restore(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """All photos go back to where they were given."""
    session = session_of(request)
    work = work_of(session)
    work.changes = {}
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, dials_of(*dials), session)


@explained
@latest_only(JOB)
def leave_out_copies(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """Of photos that show the same picture only the first is kept: train again."""
    session = session_of(request)
    work = work_of(session)
    work.leave_out_copies()
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, dials_of(*dials), session)


@explained
@latest_only(JOB)
def stop(request: gr.Request) -> Iterator[Frame]:
    """Stop: where the network was learning, the best so far is kept; else Start goes on from there.

    A set that was being fetched is not taken; the photos are those from before.
    """
    session = session_of(request)
    SESSIONS.advance(session, "finetune_turn", time.monotonic_ns())
    work = work_of(session)
    if work.unfinished:
        yield from frames.end_early(work, session)
    else:
        yield frames.everything(work, session)


@explained
def open_cell(event: gr.EventData, request: gr.Request) -> dict[str, Any] | None:
    """The photos behind a cell of the confusion matrix."""
    work = work_of(session_of(request))
    work.cell = (int(event._data["truth"]), int(event._data["answer"]))
    shown = frames.behind(work)
    return shown and {**shown, "come": True}


@explained
def classify(event: gr.EventData, request: gr.Request) -> Frame:
    """A new photo was chosen: what does the classifier say?"""
    session = session_of(request)
    picture, _ = chosen_photo(event)
    picture.thumbnail((NEW_PHOTO_SIDE, NEW_PHOTO_SIDE))
    SESSIONS.put(session, NEW_PHOTO, picture)
    if SESSIONS.get(session, "finetune") is None and SESSIONS.get(session, "finetune_turn"):
        return frame()  # another tab sent it, and this one is still opening its first set
    work = work_of(session)
    work.new_photo = picture
    return frame(**frames.answer(work, session))


@explained
def load(file: str, request: gr.Request) -> Frame:
    """A classifier that was saved here comes back."""
    require_writable()
    session = session_of(request)
    work = work_of(session)
    end_running(session, JOB)
    work.classifier = run_once(load_classifier, session, file)
    work.run = work.cell = work.learner = None
    work.unfinished = False
    keep_own(session, work.classifier)
    shown = views.loaded(words(), work.classifier)
    cleared = dict.fromkeys((*finetune_trust.PARTS, "behind", "accuracy", "loss"))
    return frame(trust=shown, **cleared, **frames.answer(work, session))


def _open_set(
    name: str, dials: Dials, session: str, *, learn: bool = True, told: str | None = None
) -> Iterator[Frame]:
    """A set, and what the network makes of it; the last one that was asked for stays.

    Args:
        learn: begin at once.
        told: a sentence beside the link.
    """
    SESSIONS.open(session)
    turn = time.monotonic_ns()
    SESSIONS.advance(session, "finetune_turn", turn)
    before = SESSIONS.get(session, "finetune")
    if name in PUBLISHED:
        yield frame(sets=f"{name}/fetching", trust=views.loading(words()))
    try:
        for step in set_steps(name):
            if not SESSIONS.advance(session, "finetune_turn", turn):
                return
            if isinstance(step, Work):
                work = step
            else:
                yield frame(trust=views.fetching(words(), published_title(name), step))
    except UserError:
        if before:
            yield frames.everything(before, session)
        raise
    work.new_photo = before.new_photo if before else open_image(sample_path(FIRST_NEW_PHOTO))
    SESSIONS.put(session, "finetune", work)
    work.new_photo = SESSIONS.get(session, NEW_PHOTO) or work.new_photo  # it may have come just now
    yield frame(sets=name, overview=frames.overview(work), **dict.fromkeys(RESULTS))
    if learn:
        yield from frames.train(work, dials, session)
    else:
        work.dials = dials
        yield frame(trust=views.ready(words()), link=link_value(work, told))
