"""Taking an attack away and bringing it back: its PNG, its numbers, a film, a link."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import gradio as gr
import numpy as np

from core.attacks.saved import change_npz, read_png, write_png
from core.attacks.verdict import verdict
from core.errors import UserError
from core.film import write_gif
from core.images import Pixels, data_uri, png, to_tensor, to_uint8
from core.runner import run_once
from core.samples import available_samples
from core.texts import Section, load_section
from demos._classes import short_name
from demos._handlers import end_running, explained, session_of
from demos._links import Asked
from demos._networks import full_title
from demos._own_network import is_own, network_named
from demos._photos import sample_of
from demos._sessions import SESSIONS
from demos._shared import Context, probability, save_file
from demos._verdict import verdict_table
from demos.adversarial_dials import JOB, LINK, NAMES, Dials, checked, read_dials, target_choices
from demos.adversarial_work import Work, keep, last_work

NAME = "whiskers-adversarial"
LINKED = "attack_linked"  # the network that a link or a file has just set
FILM_SECONDS = 4.0
BAR = 22  # pixels of a film's bar, with its gap
WARM, ACCENT, WELL, WHITE = (180, 83, 9), (15, 118, 110), (225, 232, 230), (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class TakeAway:
    """The parts of the section that the tab wires."""

    link: gr.HTML
    load: gr.UploadButton
    read: Callable[..., Any]


def build_take_away(context: Context, texts: Section) -> TakeAway:
    """The last section: files, the link, and a saved picture back."""
    with gr.Column(elem_classes=["wk-questions"]), gr.Accordion(texts("sections.take"), open=False):
        gr.HTML(
            f"<p>{html.escape(texts('section_notes.take'))}</p>",
            elem_classes=["wk"],
            apply_default_css=False,
        )
        with gr.Row(elem_classes=["wk-quick"]):
            picture = gr.Button(texts("take.png"), size="sm")
            npz = gr.Button(texts("take.npz"), size="sm")
            gif = gr.Button(texts("take.gif"), size="sm")
            load = gr.UploadButton(texts("take.load"), file_types=[".png"], size="sm")
        file = gr.File(visible=False, label=texts("take.file"), elem_id="adversarial-file")
    link = LINK.component(context, elem_id="adversarial-link")
    for button, write in ((picture, png_file), (npz, npz_file), (gif, gif_file)):
        written = button.click(write, None, file, show_progress="hidden")
        written.success(None, js=save_file("adversarial-file"))
    return TakeAway(link=link, load=load, read=load_file)


def link_value(photo: str | None, dials: Dials) -> dict[str, Any]:
    """The link to an attack; one's own photo or network has no place in it."""
    if photo is None or is_own(dials.network):
        return {"settings": None, "told": load_section("adversarial")("take.no_link")}
    usual = Dials().told()
    told = {name: value for name, value in dials.told().items() if value != usual[name]}
    return LINK.value({"photo": photo, **told})


@explained
def tell_link(choice: Any, *values: Any) -> Any:
    """The link to what the photo and the dials are now; while a field is being typed in, the former one."""
    try:
        return link_value(sample_of(choice), read_dials(*values))
    except UserError:
        return gr.skip()


@explained
def open_link(current: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """Set the photo and every dial to what the page's address asks for; without one, to the example."""
    asked = LINK.read(event)
    if not asked.given:
        return (gr.skip(),) * (2 + len(NAMES))
    if asked.told():
        gr.Warning(asked.told() or "")
    photo = asked.settings.get("photo", "mastiff")
    return {"sample": photo}, gr.update(chosen=photo), *_dials(asked.settings, current, request)


def _dials(settings: Any, current: str, request: gr.Request) -> list[Any]:
    """Updates of all dials; the change from the current network is then no new choice."""
    dials = Dials(**{name: settings[name] for name in NAMES if name in settings})
    SESSIONS.open(session_of(request))
    SESSIONS.put(session_of(request), LINKED, dials.network if dials.network != current else None)
    values = dials.told()
    try:
        classes = network_named(dials.network, request).classes
    except RuntimeError:
        classes = ()
    values["target"] = (
        gr.update(choices=target_choices(classes), value=dials.target) if classes else gr.skip()
    )
    return [values[name] for name in NAMES]


@explained
def png_file(request: gr.Request) -> Any:
    """The changed photo, the very file that was judged."""
    path = Path(SESSIONS.folder(session_of(request)), f"{NAME}.png")
    path.write_bytes(last_work(request).verdict.png)
    return gr.update(value=str(path), visible=True)


@explained
def npz_file(request: gr.Request) -> Any:
    """The change, both pictures and the settings as numbers."""
    work = last_work(request)
    path = Path(SESSIONS.folder(session_of(request)), f"{NAME}.npz")
    path.write_bytes(change_npz(to_uint8(work.before)[0], to_uint8(work.after)[0], work.dials.told()))
    return gr.update(value=str(path), visible=True)


@explained
def gif_file(request: gr.Request) -> Any:
    """The way from the photo to the result: the picture, the change, and two bars."""
    work = last_work(request)
    first = work.frames[0][0].astype(np.int16)
    largest = max(int(np.abs(frame.astype(np.int16) - first).max()) for frame, _, _ in work.frames) or 1
    images = [film_frame(first, *frame, largest) for frame in work.frames]
    path = Path(SESSIONS.folder(session_of(request)), f"{NAME}.gif")
    write_gif(images, path, fps=min(25.0, max(2.0, len(images) / FILM_SECONDS)))
    return gr.update(value=str(path), visible=True)


def film_frame(first: Any, picture: Pixels, said: float, wanted: float, largest: int) -> Pixels:
    """A frame: the picture, beside it the change around grey with full contrast, below it both bars."""
    change = (127.5 + (picture.astype(np.int16) - first) * 127.5 / largest).clip(0, 255).astype(np.uint8)
    both = np.hstack([picture, np.full((len(picture), 6, 3), 255, np.uint8), change])
    width = both.shape[1]
    bars = np.full((2 * BAR + 6, width, 3), WHITE, np.uint8)
    for place, (share, colour) in enumerate(((said, WARM), (wanted, ACCENT))):
        top = 6 + place * BAR
        cv2.rectangle(bars, (0, top), (width - 1, top + BAR - 8), WELL, -1)
        if share > 0.002:
            cv2.rectangle(bars, (0, top), (round(share * (width - 1)), top + BAR - 8), colour, -1)
    frame: Pixels = np.vstack([both, bars])
    return frame


@explained
def load_file(path: str, current: str, request: gr.Request) -> tuple[Any, ...]:
    """A picture that was saved here: its dials, its pictures, and the same verdict again.

    Raises:
        UserError: when it has no attack inside, or its network is not here.
    """
    saved = read_png(path)
    session, texts = session_of(request), load_section("adversarial")
    SESSIONS.open(session)
    end_running(session, JOB)
    settings, refused = checked(saved.settings)
    dials = Dials(**settings)
    backbone = network_named(dials.network, request)
    target = None if dials.target < 0 or dials.target >= len(backbone.classes) else dials.target
    before, after = to_tensor(saved.before), to_tensor(saved.after)
    judged = run_once(
        verdict,
        session,
        before,
        after,
        backbone,
        target,
        own_size=dials.own_size,
        save=partial(write_png, saved.before, settings=dict(saved.settings)),
    )
    photo = saved.settings.get("photo")
    sample = photo if photo in available_samples("photo") else None
    chosen = {"sample": sample} if sample else {"file": path, "name": Path(path).name}
    work = Work(
        backbone=backbone,
        photo=sample,
        dials=dials,
        target=target,
        said=judged.original_class,
        before=before,
        after=after,
        verdict=judged,
    )
    work.frames = [
        (pixels, shares[work.said], shares[work.wanted])
        for pixels, shares in zip(work.seen(), (judged.before, judged.after), strict=True)
    ]
    keep(request, work)
    told = texts("take.loaded", network=full_title(dials.network))
    if refused:
        told += " " + (Asked(refused=tuple(refused)).told() or "")
    shown = {
        "original": data_uri(png(saved.before)),
        "adversarial": data_uri(judged.png),
        "before": _says(texts, backbone.classes, judged.before),
        "after": _says(texts, backbone.classes, judged.after),
    }
    gr.Info(told)
    return (
        chosen,
        gr.update(chosen=sample),
        *_dials(settings, current, request),
        shown,
        {"groups": _bars(texts, work)},
        {},
        verdict_table(judged, backbone.classes, target, dials),
        link_value(work.photo, work.dials),
    )


def _says(texts: Section, classes: tuple[str, ...], shares: tuple[float, ...]) -> str:
    best = max(range(len(shares)), key=shares.__getitem__)
    return texts("says", label=short_name(classes[best]), percent=probability(shares[best]))


def _bars(texts: Section, work: Work) -> list[dict[str, Any]]:
    marks = {work.said: "warm", work.wanted: "accent"}
    judged, classes = work.verdict, work.backbone.classes
    return [
        {
            "title": texts(title),
            "rows": [
                {"label": short_name(classes[index]), "share": shares[index], "mark": mark}
                for index, mark in marks.items()
            ],
        }
        for title, shares in (("before", judged.before), ("now", judged.after))
    ]
