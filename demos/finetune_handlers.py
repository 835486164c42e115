"""What happens on the Fine-tune tab: each handler takes what the page sends and gives what it shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from core.errors import FolderError, UserError
from core.finetune import PUBLISHED, FitSettings, load_classifier, published_title
from core.finetune.learner import DEPTHS, TuneSettings
from core.images import open_image
from core.limits import require_writable
from core.runner import run_once
from core.samples import sample_path
from demos import finetune_frames as frames
from demos import finetune_trust
from demos import finetune_views as views
from demos._own_network import keep_own
from demos._photos import chosen_photo
from demos._sessions import SESSIONS
from demos._shared import end_running, explained, latest_only, number_between, session_of
from demos.finetune_frames import JOB, RESULTS, Frame, frame, words
from demos.finetune_upload import take_upload
from demos.finetune_work import Dials, Work, set_steps, work_of

NETWORKS = (
    "efficientnet_lite0",
    "vgg16",
    "mobilenet_v3_large",
    "resnet18",
    "resnet50",
    "vgg19",
)
FIRST_SET = "textures"
CHOICES_OF_DEPTH = ("new_layer", *DEPTHS)
FIRST_NEW_PHOTO = "cottage"
NEW_PHOTO_SIDE = 512
NEW_PHOTO = "finetune_new_photo"  # of a session; it may come before there is anything to judge it by


@explained
@latest_only(JOB)
def open_page(request: gr.Request) -> Iterator[Frame]:
    """The settings and all that is shown when the tab is first seen: the worked example.

    A page that was loaded again finds what it had before.
    """
    session = session_of(request)
    work = SESSIONS.get(session, "finetune")
    if isinstance(work, Work):
        SESSIONS.open(session)
        yield *_dials_of(work), *frames.everything(work, session)
        return
    dials = Dials(network=NETWORKS[0], settings=FitSettings(), tune=None)
    for shown in _open_set(FIRST_SET, dials, session):
        yield *[gr.skip()] * NUMBER_OF_DIALS, *shown


@explained
@latest_only(JOB)
def choose_set(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """A set was chosen: fetch it if it is not here, say what is in it, and train."""
    yield from _open_set(str(event._data["name"]), _chosen(*dials), session_of(request))


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
        sets="", overview=frames.overview(work), trust=views.ready(words()), **dict.fromkeys(RESULTS)
    )
    return {"turn": turn}, *shown


@explained
@latest_only(JOB)
def train(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """Start."""
    session = session_of(request)
    yield from frames.train(work_of(session), _chosen(*dials), session)


@explained
@latest_only(JOB)
def change(event: gr.EventData, request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """A photo was moved to another class or left out: train again."""
    session = session_of(request)
    work = work_of(session)
    label = event._data["label"]
    work.change(int(event._data["photo"]), None if label is None else int(label))
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, _chosen(*dials), session)


@explained
@latest_only(JOB)
def restore(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """All photos go back to where they were given."""
    session = session_of(request)
    work = work_of(session)
    work.changes = {}
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, _chosen(*dials), session)


@explained
@latest_only(JOB)
def leave_out_copies(request: gr.Request, *dials: Any) -> Iterator[Frame]:
    """Of photos that show the same picture only the first is kept: train again."""
    session = session_of(request)
    work = work_of(session)
    work.leave_out_copies()
    yield frame(overview=frames.overview(work))
    yield from frames.train(work, _chosen(*dials), session)


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
    return frames.behind(work)


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


NUMBER_OF_DIALS = 9


def _chosen(
    network: str,
    held_out: Any,
    epochs: Any,
    seed: Any,
    depth: str,
    rounds: Any,
    rate: Any,
    batch: Any,
    augment: bool,
) -> Dials:
    """The settings as `demos.finetune` lists them."""
    _require(network, NETWORKS)
    _require(depth, CHOICES_OF_DEPTH)
    _require(rate, TuneSettings.RATES)
    _require(batch, TuneSettings.BATCHES)
    texts = words()
    settings = FitSettings(
        held_out_share=number_between(held_out, *FitSettings.HELD_OUT_RANGE, texts("held_out")),
        epochs=round(number_between(epochs, *FitSettings.EPOCHS_RANGE, texts("epochs"))),
        seed=round(number_between(seed, *FitSettings.SEED_RANGE, texts("seed"))),
    )
    times = round(number_between(rounds, *TuneSettings.EPOCHS_RANGE, texts("rounds")))
    tune = TuneSettings(depth=depth, epochs=times, rate=rate, batch=batch, augment=bool(augment))  # type: ignore[arg-type]
    return Dials(network=network, settings=settings, tune=tune if depth in DEPTHS else None)


def _require(value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"expected one of {', '.join(map(str, choices))}; got {value!r}")


def _dials_of(work: Work) -> tuple[Any, ...]:
    """How the settings stood in the last run, as `demos.finetune` lists them."""
    dials = work.dials
    if dials is None:
        return (gr.skip(),) * NUMBER_OF_DIALS
    settings, tune = dials.settings, dials.tune or TuneSettings()
    return (
        dials.network,
        settings.held_out_share,
        settings.epochs,
        settings.seed,
        tune.depth if dials.tune else CHOICES_OF_DEPTH[0],
        tune.epochs,
        tune.rate,
        tune.batch,
        tune.augment,
    )


def _open_set(name: str, dials: Dials, session: str) -> Iterator[Frame]:
    """A set, and what the network makes of it; the last one that was asked for stays."""
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
    work.new_photo = SESSIONS.get(session, NEW_PHOTO, work.new_photo)  # it may have come just now
    yield frame(sets=name, overview=frames.overview(work), **dict.fromkeys(RESULTS))
    yield from frames.train(work, dials, session)
