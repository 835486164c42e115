"""Below the verdict: questions to a change that fooled the network, each worked when it is opened."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr

from core.attacks.views import DEFENCES
from core.backbone import missing_checkpoints
from core.runner import run_once
from core.texts import Section, load_section
from demos._lesson import did
from demos._own_network import is_own, network_named, own_choice
from demos._photos import open_photo
from demos._shared import Context, explained, session_of
from demos.adversarial_dials import NETWORKS
from demos.adversarial_questions import (
    blind_steps,
    defence_steps,
    evidence,
    figures,
    line_chart,
    look_alikes,
    other_networks,
    other_photos,
)
from demos.adversarial_views import defence_table, transfer_table
from demos.adversarial_work import kept_work
from demos.web import component

OTHER_PHOTOS = ("mastiff", "dalmatian", "coffee", "eagle")
COLUMN = "adversarial-questions"
WORK: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 64, "trigger_mode": "multiple"}


def build_sections(context: Context, texts: Section) -> None:
    """Four sections, closed at first. An open one is worked anew when the changed photo is another."""
    names = ("closer", "controls", "defend", "blind")
    with gr.Column(elem_classes=["wk-questions"], elem_id=COLUMN):
        places = {name: f"#{_place(name)}" for name in names}
        again = component("sections", sections=places, elem_id="adversarial-sections")
        with _section(texts, "closer") as closer:
            sizes = _words("adversarial-sizes")
            top = component("bars", elem_id="adversarial-top")
            levels = component("bars", elem_id="adversarial-levels")
            maps = component("row_of_pictures", elem_id="adversarial-maps")
        for event in (closer.expand, again.closer):
            event(look_closer, None, [sizes, top, levels, maps], **WORK)
        with _section(texts, "controls") as controls:
            alike = component("row_of_pictures", elem_id="adversarial-noise")
            line = component("curves", elem_id="adversarial-line")
            moved = _words("adversarial-transfer", table=True)
        for event in (controls.expand, again.controls):
            tried = event(try_controls, None, [alike, line, moved], **WORK)
            tried.success(None, js=did(texts, section="controls"))
        with _section(texts, "defend") as defend:
            choice = gr.Radio(
                [(texts(f"defences.{name}"), name) for name in DEFENCES], value="jpeg", label=texts("defence")
            )
            held = _words("adversarial-defence", table=True)
        for event in (defend.expand, again.defend):
            event(defend_and_attack, choice, held, **WORK)
        compared = choice.change(defend_and_attack, choice, held, **WORK)
        compared.success(None, js=did(texts, section="defend"))
        with _section(texts, "blind") as blind:
            test = component("blind", texts=texts.tree("blind_test"), elem_id="adversarial-blind")
        for event in (blind.expand, again.blind):
            event(prepare_blind, None, test, **WORK)


def grow_pale(event: Any) -> None:
    """Wire an event that brings another changed photo. First of its listeners, for they take turns."""
    event(None, js=_tell("wk-stale"))


def renew_after(ends: Any) -> None:
    """Wire the end of what brought another changed photo: open sections are worked anew."""
    ends.then(None, js=_tell("wk-renew"))


def _tell(event: str) -> str:
    return f"""() => document.querySelector("#{COLUMN}")?.dispatchEvent(new CustomEvent("{event}"))"""


def _place(name: str) -> str:
    return f"adversarial-{name}-section"


def _section(texts: Section, name: str) -> gr.Accordion:
    accordion = gr.Accordion(texts(f"sections.{name}"), open=False, elem_id=_place(name))
    with accordion:
        gr.HTML(
            f"<p>{html.escape(texts(f'section_notes.{name}'))}</p>",
            elem_classes=["wk"],
            apply_default_css=False,
        )
    return accordion


def _words(elem_id: str, table: bool = False) -> gr.HTML:
    look = ["wk", "wk-verdict"] if table else ["wk"]
    return gr.HTML(elem_classes=look, elem_id=elem_id, apply_default_css=False)


def nothing_yet() -> str:
    """What a section says before there is a changed photo."""
    return f"<p class='wk-caption'>{html.escape(load_section('adversarial')('nothing_yet'))}</p>"


@explained
def look_closer(request: gr.Request) -> tuple[Any, ...]:
    """How much was changed, what the network says in full, and where it looks."""
    work = kept_work(request)
    if work is None:
        return nothing_yet(), {"groups": []}, {"groups": []}, []
    sizes, top, levels = figures(work)
    return sizes, top, levels, run_once(evidence, session_of(request), work)


@explained
def try_controls(request: gr.Request) -> tuple[Any, ...]:
    """As much change without direction; the same change elsewhere; the line from the photo through it."""
    work, session = kept_work(request), session_of(request)
    if work is None:
        return [], None, nothing_yet()
    alike = run_once(look_alikes, session, work)
    line = run_once(line_chart, session, work)
    names = [name for name in OTHER_PHOTOS if name != work.photo]
    photos = [(name, open_photo({"sample": name})[0]) for name in names]
    rows = run_once(other_photos, session, work, photos)
    rows += run_once(other_networks, session, work, _others(work.dials.network, request))
    return alike, line, transfer_table(work, rows)


def _others(attacked: str, request: gr.Request) -> list[Any]:
    """The other networks with a head that can be asked now, without a download."""
    own = own_choice(request)
    names = [name for name in NETWORKS if not missing_checkpoints(name, whole=True)]
    names += [own[1]] if own else []
    return [
        (name, network_named(name, request))
        for name in names
        if name != attacked and not (is_own(name) and is_own(attacked))
    ]


@explained
def defend_and_attack(choice: str, request: gr.Request) -> Iterator[str]:
    """The first attack behind a defence, then an attack that goes through the defence."""
    work, session, texts = kept_work(request), session_of(request), load_section("adversarial")
    if work is None:
        yield nothing_yet()
        return
    yield f"<p>{html.escape(texts('defence_waiting'))}</p>"
    for found in defence_steps(work, choice, session):
        yield defence_table(work, choice, found)


@explained
def prepare_blind(request: gr.Request) -> Iterator[dict[str, Any]]:
    """Pictures attacked at growing budgets, for the learner's eyes."""
    work, session = kept_work(request), session_of(request)
    if work is None:
        yield {"waiting": load_section("adversarial")("nothing_yet")}
        return
    yield {"waiting": load_section("adversarial")("blind_waiting")}
    *_, last = blind_steps(work, session)
    yield last
