"""Tab 4, Ideal image: from noise to what a network sees as a cat, one small step at a time."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.featurevis import Settings
from core.texts import Section
from demos._dial_setter import DialSetter
from demos._drawer import Drawer
from demos._lesson import lesson, next_task
from demos._networks import network_picker
from demos._photos import photo_picker
from demos._sessions import end_with_page
from demos._shared import (
    AT_ONCE,
    DIALS_ASKED,
    DIALS_SET,
    LIVE,
    POINT_AT_START,
    SETS_DIALS,
    Context,
    explanation,
    heading,
    save_file,
    start_stop,
)
from demos.ideal_image_dials import (
    DIALS,
    KINDS,
    LINK,
    MORE,
    NETWORKS,
    NOTHING,
    PHOTO,
    STARTS,
    WAYS,
    slider,
)
from demos.ideal_image_take import gif_file, mp4_file
from demos.web import component

QUICK_CLASSES = {"tabby": 281, "siamese": 284, "samoyed": 258, "zebra": 340, "flamingo": 130}
EXAMPLE_PHOTO = "cat"
# Tells the frames on the page that no more will come
STOPPED = "() => document.querySelector('#ideal-frames .frames').dispatchEvent(new CustomEvent('wk-stop'))"
# When a drawing begins: a film of the one before would be taken for its own
NO_FILE = """() => ({ __type__: "update", value: null, visible: false })"""
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def build(context: Context) -> None:
    """The tab: what to draw and how on the left, the growing picture and its curves on the right."""
    texts = context.section("ideal_image")
    page, setter = Drawer(texts), DialSetter(texts)
    dials: dict[str, Any] = {}
    end_with_page()
    heading(texts)
    next_task(context, texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            picker = network_picker(context, NETWORKS, label=texts("network"), own=True)
            dials["network"] = picker.choice
            quick = _what(texts, setter, dials)
            photos = _how(context, texts, setter, dials)
            start, stop = start_stop(context)
            load = _more(texts, setter, dials)
            lesson(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            outputs = _pictures(texts)
            take = _take(texts)
            link = LINK.component(context, elem_id="ideal-link")
    explanation(context, texts)

    asked, every = gr.State(False), [dials[name] for name in DIALS]
    frames = outputs[0]
    for event in (link.opened, link.anew):
        linked = event(setter.take_link, dials["network"], [*every, link, asked], **QUIET)
        linked.then(page.open, [asked, *every], outputs, **LIVE)
    for event in (start.click, frames.branch, frames.more):  # first of their listeners, which take turns
        event(None, None, take["file"], js=NO_FILE)
    running = start.click(page.draw, every, outputs, **LIVE)
    branched = frames.branch(page.branch, every, outputs, **LIVE)
    resumed = frames.go_on(page.go_on, None, outputs, **LIVE)
    stop.click(page.hold, None, None, js=STOPPED, **AT_ONCE)
    frames.pause(page.hold, None, None, **AT_ONCE)
    for each in (running, branched, resumed):
        each.failure(None, js=STOPPED)
    start.click(setter.tell_link, every, link, **AT_ONCE)
    for event in (frames.branch, frames.more):
        event(setter.tell_gone_on, link, link, **AT_ONCE)
    _react(setter, dials, picker, quick, link)
    photos.chosen(_chosen, None, dials["photo"], **QUIET)
    load.upload(setter.load, [load, dials["network"]], every, **QUIET)
    for name, write in (("gif", gif_file), ("mp4", mp4_file)):
        written = take[name].click(write, None, take["file"], concurrency_limit=4)
        written.success(None, js=save_file("ideal-file"))


def _what(texts: Section, setter: DialSetter, dials: dict[str, Any]) -> dict[str, gr.Button]:
    """The goal: a search over all names with a few classes under the thumb, or a channel of any layer."""
    kinds = [(texts(f"kinds.{name}"), name) for name in KINDS]
    dials["kind"] = gr.Radio(kinds, value="class", label=texts("kind"))
    with gr.Column() as of_class:
        dials["wanted"] = gr.Dropdown(
            setter.choices(setter.first.network),
            value=setter.first.goals[0].index,
            label=texts("class"),
            info=texts("class_info"),
        )
        with gr.Row(elem_classes=["wk-quick"]):
            quick = {
                name: gr.Button(texts(f"quick.{name}"), size="sm", min_width=60, elem_classes=[SETS_DIALS])
                for name in QUICK_CLASSES
            }
        with gr.Accordion(texts("mix"), open=False):
            classes = [(texts("nothing"), NOTHING), *setter.choices(setter.first.network)]
            dials["second"] = gr.Dropdown(
                classes, value=NOTHING, label=texts("second"), info=texts("second_info")
            )
            dials["balance"] = gr.Slider(5, 95, value=50, step=5, label=texts("balance"))
    with gr.Column(visible=False) as of_layer:
        dials["layer"] = gr.Dropdown([], label=texts("layer"), info=texts("layer_info"))
        dials["channel"] = gr.Number(0, precision=0, minimum=0, label=texts("channel"))
    dials["kind"].change(
        lambda kind: (gr.update(visible=kind == "class"), gr.update(visible=kind != "class")),
        dials["kind"],
        [of_class, of_layer],
        **QUIET,
    )
    return quick


def _how(context: Context, texts: Section, setter: DialSetter, dials: dict[str, Any]) -> gr.HTML:
    """The rung, the steps, and what to begin from."""
    first, ways = setter.first, [(texts(f"rungs.{name}"), name) for name in WAYS]
    dials["way"] = gr.Radio(
        ways,
        value=first.rung,
        label=texts("rung"),
        info=texts(f"rung_reasons.{first.rung}"),
        elem_classes=[SETS_DIALS],
    )
    dials["steps"] = slider(texts, "steps", first.settings.steps)
    starts = [(texts(f"starts.{name}"), name) for name in STARTS]
    dials["start"] = gr.Radio(starts, value=STARTS[0], label=texts("start_from"), elem_id="ideal-start")
    dials["photo"] = gr.State({"sample": EXAMPLE_PHOTO})
    with gr.Group(visible=False) as group:
        photos = photo_picker(context, EXAMPLE_PHOTO, elem_id="ideal-photos")
    dials["start"].change(lambda start: gr.update(visible=start == PHOTO), dials["start"], group, **QUIET)
    return photos


def _more(texts: Section, setter: DialSetter, dials: dict[str, Any]) -> gr.UploadButton:
    """The dials that one does not need at first, each with its reason."""
    usual = setter.first.settings
    with gr.Accordion(texts("more_settings"), open=False):
        for name in MORE:
            dials[name] = slider(texts, name, getattr(usual, name))
            if name == "variation_weight":
                powers = [(texts(f"powers.{power}"), power) for power in Settings.CHOICES["variation_power"]]
                dials["variation_power"] = gr.Radio(
                    powers,
                    value=1,
                    label=texts("dials.variation_power"),
                    info=texts("reasons.variation_power"),
                )
        ranges = [(texts(f"ranges.{name}"), name) for name in Settings.CHOICES["range"]]
        dials["range"] = gr.Radio(
            ranges, value=usual.range, label=texts("dials.range"), info=texts("reasons.range")
        )
        dials["decorrelated"] = gr.Checkbox(
            usual.decorrelated, label=texts("dials.decorrelated"), info=texts("reasons.decorrelated")
        )
        dials["seed"] = gr.Number(
            usual.seed, precision=0, label=texts("dials.seed"), info=texts("reasons.seed")
        )
        return gr.UploadButton(texts("load"), file_types=[".png"], size="sm")


def _pictures(texts: Section) -> list[gr.HTML]:
    """The growing picture and its curves."""
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            frames = component("frames", texts=texts.tree("component"), elem_id="ideal-frames", tools=True)
        with gr.Column(scale=2, min_width=260):
            charts = [
                component("curves", elem_id=f"ideal-{name}") for name in ("probability", "pulls", "spectrum")
            ]
    return [frames, *charts]


def _take(texts: Section) -> dict[str, Any]:
    """The way there as a film to take away."""
    with gr.Row(elem_classes=["wk-quick"]):
        gif = gr.Button(texts("take.gif"), size="sm")
        mp4 = gr.Button(texts("take.mp4"), size="sm")
    return {"gif": gif, "mp4": mp4, "file": gr.File(visible=False, show_label=False, elem_id="ideal-file")}


def _chosen(event: gr.EventData) -> Any:
    """Which photo was chosen."""
    return event._data


def _react(
    setter: DialSetter, dials: dict[str, Any], picker: Any, quick: dict[str, gr.Button], link: gr.HTML
) -> None:
    """What one dial changes in others, and in the link."""
    network, wanted, way = dials["network"], dials["wanted"], dials["way"]
    every = [dials[name] for name in DIALS]
    for each in (network, wanted):
        each.change(None, js=DIALS_ASKED)
    changed = picker.on_change(setter.change_network, [network, wanted, way], every, **QUIET)
    changed.append(wanted.change(setter.choose_class, [network, wanted, way], every, **QUIET))
    for name, button in quick.items():
        changed.append(button.click(setter.chooser(QUICK_CLASSES[name]), [network, way], every, **QUIET))
        button.click(None, js=POINT_AT_START)
    changed.append(way.input(setter.change_way, [network, way], every, **QUIET))
    for ended in changed:
        ended.then(None, js=DIALS_SET)
    others = [each.input for each in every if each not in (network, wanted, way, dials["photo"])]
    for event in (*(each.then for each in changed), *others, dials["photo"].change):
        event(setter.follow_link, [link, *every], link, **AT_ONCE)
