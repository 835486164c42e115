"""Tab 5, Adversarial: change a photo of a dog a little, until the network calls it a cat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from core.attacks import AttackStep, pgd_steps, smallest_change_steps, verdict
from core.attacks.saved import write_png
from core.backbone import missing_checkpoints
from core.images import Pixels, to_uint8
from core.runner import run_once, run_steps
from demos._attack_run import AttackRun
from demos._handlers import end_running, explained, latest_only, page_of, session_of, stopper
from demos._lesson import lesson, next_task
from demos._networks import network_picker
from demos._own_network import is_own, network_named
from demos._photos import open_photo, photo_picker
from demos._sections import grow_pale, renew_after
from demos._sessions import SESSIONS, end_with_page
from demos._shared import (
    AT_ONCE,
    DIALS_ASKED,
    DIALS_SET,
    LIVE,
    POINT_AT_START,
    Context,
    explanation,
    heading,
    start_stop,
)
from demos.adversarial_dials import (
    ANYTHING,
    EXAMPLE_TARGET,
    JOB,
    NETWORKS,
    QUICK_TARGETS,
    Dials,
    build_controls,
    read_dials,
    target_choices,
)
from demos.adversarial_sections import COLUMN, build_sections
from demos.adversarial_take import LINKED, build_take_away, link_value, open_link, tell_link
from demos.adversarial_work import Work, forget, keep
from demos.web import component

EXAMPLE_PHOTO = {"sample": "mastiff"}
CHOSEN_ON = "attack_photo_chosen"  # the page on which a photo was chosen last


def build(context: Context) -> None:
    """The tab: the photo and the goal left, the wipe with bars, curve and verdict right."""
    texts = context.section("adversarial")
    heading(texts)
    next_task(context, texts)
    end_with_page()
    with gr.Row(elem_classes=["wk-desk"], elem_id="adversarial"):
        with gr.Column(elem_classes=["wk-controls"]):
            photos = photo_picker(context, EXAMPLE_PHOTO["sample"], elem_id="adversarial-photos")
            controls = build_controls(texts)
            network = network_picker(context, NETWORKS, label=texts("network"), own=True)
            start, stop = start_stop(context)
            lesson(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            wipe = component("wipe", texts=texts.tree("component"), elem_id="adversarial-wipe")
            with gr.Row():
                with gr.Column(scale=3, min_width=340):
                    bars = component("bars", elem_id="adversarial-bars")
                with gr.Column(scale=2, min_width=240):
                    curve = component("curves", elem_id="adversarial-curve")
            judged = gr.HTML(
                elem_classes=["wk", "wk-verdict"], elem_id="adversarial-verdict", apply_default_css=False
            )
            photo = gr.State(EXAMPLE_PHOTO)
            build_sections(context, texts)
            take = build_take_away(context, texts)
    explanation(context, texts)

    dials = [network.choice, controls.target, controls.question, *controls.others]
    shown = [wipe, bars, curve, judged, take.link]
    changes = (take.link.opened, take.link.anew, start.click, photos.chosen, network.choice.change)
    for event in (*changes, take.load.upload):
        grow_pale(event, COLUMN)
        event(None, js=_mark(stopped=False))
    for asked, begin in ((take.link.opened, attack_first), (take.link.anew, attack)):
        opened = asked(open_link, network.choice, [photo, photos, *dials], show_progress="hidden")
        renew_after(opened.then(begin, [photo, *dials], shown, **LIVE), COLUMN)
    running = start.click(attack, [photo, *dials], shown, **LIVE)
    running.failure(None, js=_mark(stopped=True))
    renew_after(running, COLUMN)
    stop.click(stopper(JOB), None, None, js=_mark(stopped=True), **AT_ONCE)
    chosen = photos.chosen(choose_photo, network.choice, [photo, *shown], **LIVE)
    renew_after(chosen, COLUMN)
    network.choice.change(None, js=DIALS_ASKED)
    changed = network.on_change(
        change_network,
        [network.choice, photo],
        [controls.target, controls.quick_row, *shown],
        **LIVE,
    )
    for each in changed:
        each.then(None, js=DIALS_SET)
        renew_after(each, COLUMN)
    for name, button in controls.quick.items():
        button.click(None, None, controls.target, js=f"() => {QUICK_TARGETS[name]}")
        button.click(None, js=POINT_AT_START)
    loaded = take.load.upload(take.read, [take.load, network.choice], [photo, photos, *dials, *shown], **LIVE)
    renew_after(loaded, COLUMN)
    asked = [network.choice.change, controls.target.change, *(each.input for each in dials[2:])]
    for event in (chosen.then, *asked):
        event(tell_link, [photo, *dials], take.link, **AT_ONCE)


def _mark(*, stopped: bool) -> str:
    """JavaScript that says whether the attack on the page was stopped; frames of it may still come."""
    change = "add" if stopped else "remove"
    return f'() => document.querySelector("#adversarial").classList.{change}("stopped")'


@explained
def choose_photo(network: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
    """Show a chosen photo and what the network says of it."""
    choice, session = event._data, session_of(request)
    SESSIONS.open(session)
    SESSIONS.put(session, CHOSEN_ON, page_of(request))
    return choice, *unchanged(network, choice, request)


@explained
def change_network(network: str, choice: Any, request: gr.Request) -> tuple[Any, ...]:
    """Offer the classes of another network, and show what it says of the photo."""
    if not is_own(network) and missing_checkpoints(network, whole=True):  # the picker offers to download it
        return (gr.skip(),) * 7
    linked = SESSIONS.get(session_of(request), LINKED)
    if linked is not None:
        SESSIONS.put(session_of(request), LINKED, None)
        if linked == network:  # set by a link or a file, with its target and its pictures
            return (
                gr.skip(),
                gr.update(visible=len(network_named(network, request).classes) == 1000),
                *[gr.skip()] * 5,
            )
    classes = network_named(network, request).classes
    imagenet = len(classes) == 1000
    usual = EXAMPLE_TARGET if imagenet else (0 if len(classes) == 2 else ANYTHING)
    offered = gr.update(choices=target_choices(classes), value=usual)
    return offered, gr.update(visible=imagenet), *unchanged(network, choice, request)


@explained
@latest_only(JOB)
def attack(request: gr.Request, choice: Any, *values: Any) -> Iterator[tuple[Any, ...]]:
    """Attack the photo, showing the steps as they come and then the verdict on the saved file."""
    yield from _attack(request, choice, *values)


@explained
@latest_only(JOB)
def attack_first(request: gr.Request, choice: Any, *values: Any) -> Iterator[tuple[Any, ...]]:
    """Attack the photo that the tab opens with, unless another was chosen while it opened."""
    if SESSIONS.get(session_of(request), CHOSEN_ON) == page_of(request):
        yield (gr.skip(),) * 5
        return
    yield from _attack(request, choice, *values, by_hand=False)


def _attack(
    request: gr.Request, choice: Any, *values: Any, by_hand: bool = True
) -> Iterator[tuple[Any, ...]]:
    dials = read_dials(*values)
    session = session_of(request)
    SESSIONS.open(session)
    forget(request)
    backbone = network_named(dials.network, request)
    picture, sample = open_photo(choice)
    run = AttackRun(backbone, picture, dials, by_hand=by_hand)
    run.aim(session)
    with closing(_steps(run, session)) as attacking:
        for step in attacking:
            run.add(step)
            if run.is_due(step):
                yield *run.shown(step), gr.skip()
    told = {**dials.told(), "target": ANYTHING if run.target is None else run.target, "photo": sample}

    def save(after: Pixels) -> bytes:
        return write_png(to_uint8(run.image)[0], after, told)

    judged = run_once(
        verdict,
        session,
        run.image,
        step.adversarial,
        backbone,
        run.target,
        own_size=dials.own_size,
        save=save,
    )
    work = Work(
        backbone=backbone,
        photo=sample,
        dials=replace(dials, target=told["target"]),
        target=run.target,
        said=judged.original_class,
        before=run.image,
        after=step.adversarial,
        verdict=judged,
        frames=run.frames,
    )
    keep(request, work)
    yield *run.judged(step, judged), link_value(work.photo, work.dials)


def _steps(run: AttackRun, session: str) -> Any:
    here: dict[str, Any] = {"session": session, "job": JOB}
    if run.dials.question == "smallest":
        return run_steps(
            smallest_change_steps, run.backbone, run.image, run.target, run.dials.smallest, **here
        )
    return run_steps(pgd_steps, run.backbone, run.image, run.target, run.dials.budget, run.view, **here)


def unchanged(network: str, choice: Any, request: gr.Request) -> tuple[Any, ...]:
    """The photo as it is, and what the network says of it; the last attack no longer counts."""
    end_running(session_of(request), JOB)
    SESSIONS.open(session_of(request))
    forget(request)
    backbone = network_named(network, request)
    before = Dials(network=network, target=ANYTHING, epsilon=0.0, steps=1)
    run = AttackRun(backbone, open_photo(choice)[0], before, attacks=False)
    step = run_once(_first, session_of(request), pgd_steps(backbone, run.image, None, before.budget))
    run.add(step)
    return *run.shown(step), gr.skip()


def _first(steps: Iterator[AttackStep]) -> AttackStep:
    return next(steps)
