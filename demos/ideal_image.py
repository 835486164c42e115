"""Tab 4, Ideal image: from noise to what a network sees as a cat, one small step at a time."""

from __future__ import annotations

from functools import partial

import gradio as gr

from core.featurevis import NETWORKS, RUNGS, Recipe, Settings
from core.texts import Section
from demos._drawer import LADDER, Drawer, rung_weight
from demos._shared import LIVE, Context, explanation, heading, notes, start_stop
from demos.web import component

QUICK_CLASSES = {"tabby": 281, "siamese": 284, "samoyed": 258, "zebra": 340, "flamingo": 130}
# Tells the frames on the page that no more will come
STOPPED = "() => document.querySelector('#ideal-frames .frames').dispatchEvent(new CustomEvent('wk-stop'))"


def build(context: Context) -> None:
    """The tab: what to draw and how on the left, the growing picture and its curves on the right."""
    texts = context.section("ideal_image")
    page = Drawer(texts)
    heading(texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            network, wanted, quick = _what(texts, page)
            way, steps, weight, seed, load = _how(texts, page.first)
            start, stop = start_stop(context)
            notes(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]), gr.Row():
            with gr.Column(scale=3, min_width=300):
                frames = component("frames", texts=texts.tree("component"), elem_id="ideal-frames")
            with gr.Column(scale=2, min_width=260):
                sure = component("curves", elem_id="ideal-probability")
                pulls = component("curves", elem_id="ideal-pulls")
    explanation(context, texts)

    dials, outputs = [network, wanted, way, steps, weight, seed], [frames, sure, pulls]
    opened = frames.opened(page.example, outputs=outputs, **LIVE)
    running = start.click(page.draw, dials, outputs, cancels=[opened], **LIVE)
    stop.click(None, cancels=[opened, running], js=STOPPED)
    running.failure(None, js=STOPPED)
    wanted.input(
        page.choose_class, [network, wanted, way], [network, wanted, weight, steps], show_progress="hidden"
    )
    network.input(page.change_network, [network, way], [wanted, weight, steps], show_progress="hidden")
    for name, button in quick.items():
        chosen = partial(page.choose, QUICK_CLASSES[name])
        button.click(chosen, way, [network, wanted, weight, steps], show_progress="hidden")
    load.upload(page.load, load, dials, show_progress="hidden")
    way.input(rung_weight, [network, way], weight, show_progress="hidden")


def _what(texts: Section, page: Drawer) -> tuple[gr.Dropdown, gr.Dropdown, dict[str, gr.Button]]:
    """The network and the class: a search over all names, and a few classes under the thumb."""
    network = gr.Dropdown(
        [(texts(f"networks.{name}"), name) for name in NETWORKS],
        value=page.first.network,
        label=texts("network"),
    )
    wanted = gr.Dropdown(
        page.choices(page.first.network),
        value=page.first.class_index,
        label=texts("class"),
        info=texts("class_info"),
    )
    with gr.Row(elem_classes=["wk-quick"]):
        quick = {name: gr.Button(texts(f"quick.{name}"), size="sm", min_width=60) for name in QUICK_CLASSES}
    return network, wanted, quick


def _how(texts: Section, first: Recipe) -> tuple[gr.Radio, gr.Slider, gr.Slider, gr.Number, gr.UploadButton]:
    """The rung and its dials."""
    way = gr.Radio(
        [(texts(f"rungs.{name}"), name) for name in (*RUNGS, LADDER)], value=first.rung, label=texts("rung")
    )
    steps = gr.Slider(
        *Settings.STEPS_RANGE, value=first.steps, step=16, label=texts("steps"), info=texts("steps_info")
    )
    with gr.Accordion(texts("more_settings"), open=False):
        weight = gr.Slider(
            *Settings.VARIATION_RANGE,
            value=first.variation_weight,
            step=10,
            label=texts("variation_weight"),
            info=texts("variation_info"),
        )
        seed = gr.Number(first.seed, precision=0, label=texts("seed"), info=texts("seed_info"))
        load = gr.UploadButton(texts("load"), file_types=[".png"], size="sm")
    return way, steps, weight, seed, load
