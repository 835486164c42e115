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
from demos._handlers import explained, session_of
from demos._own_network import is_own, network_named, own_choice
from demos._photos import open_photo
from demos._sections import renewed
from demos._shared import Context
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
        again = renewed(COLUMN, places)
        with _section(texts, "closer") as closer:
            sizes = _words("adversarial-sizes")
            top = component("bars", elem_id="adversarial-top")
            levels = component("bars", elem_id="adversarial-levels")
            maps = component("row_of_pictures", elem_id="adversarial-maps")
        for event in (closer.expand, again.closer):
            event(look_closer, None, [sizes, top, levels, maps], **WORK)
        with _section(texts, "controls") as controls:
            found = _words("adversarial-found", table=True)
            alike = component("row_of_pictures", elem_id="adversarial-noise")
            line = component("curves", elem_id="adversarial-line")
            moved = _words("adversarial-transfer", table=True)
        for event in (controls.expand, again.controls):
            event(try_controls, None, [found, alike, line, moved, again], **WORK)
        with _section(texts, "defend") as defend:
            choice = gr.Radio(
                [(texts(f"defences.{name}"), name) for name in DEFENCES], value="jpeg", label=texts("defence")
            )
            held = _words("adversarial-defence", table=True)
        for event in (defend.expand, again.defend, choice.change):
            event(defend_and_attack, choice, [held, again], **WORK)
        with _section(texts, "blind") as blind:
            test = component("blind", texts=texts.tree("blind_test"), elem_id="adversarial-blind")
        for event in (blind.expand, again.blind):
            event(prepare_blind, None, test, **WORK)


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
def try_controls(request: gr.Request) -> Iterator[tuple[Any, ...]]:
    """As much change without direction; the same change elsewhere; the line from the photo through it."""
    work, session, texts = kept_work(request), session_of(request), load_section("adversarial")
    if work is None:
        yield nothing_yet(), [], None, "", {}
        return
    waiting = f"<p class='wk-caption'>{html.escape(texts('controls_waiting'))}</p>"
    former = gr.skip()  # until what takes its place is here
    yield waiting, former, former, former, former
    alike, found = run_once(look_alikes, session, work)
    yield waiting, alike, former, former, former
    line = run_once(line_chart, session, work)
    names = [name for name in OTHER_PHOTOS if name != work.photo]
    photos = [(name, open_photo({"sample": name})[0]) for name in names]
    rows = run_once(other_photos, session, work, photos)
    rows += run_once(other_networks, session, work, _others(work.dials.network, request))
    table, told = transfer_table(work, rows), {"did": {"section": "controls"}}
    yield f"<p class='headline'>{html.escape(texts(f'controls_end.{found}'))}</p>", alike, line, table, told


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
def defend_and_attack(choice: str, request: gr.Request) -> Iterator[tuple[Any, Any]]:
    """The first attack behind a defence, then an attack that goes through the defence."""
    work, session, texts = kept_work(request), session_of(request), load_section("adversarial")
    if work is None:
        yield nothing_yet(), gr.skip()
        return
    yield f"<p>{html.escape(texts('defence_waiting'))}</p>", gr.skip()
    for found in defence_steps(work, choice, session):
        yield defence_table(work, choice, found), gr.skip()
    yield gr.skip(), {"did": {"defence": choice}}


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
