"""Tab 3, Fine-tune: a folder of photos becomes a classifier, and the page says how far to trust it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.finetune import MAX_PHOTOS, PUBLISHED, SETS, SUFFIXES, FitSettings, bytes_to_fetch
from core.finetune.learner import TuneSettings
from core.texts import Section
from demos import finetune_handlers as on
from demos._lesson import lesson, next_task
from demos._networks import network_picker
from demos._photos import photo_picker
from demos._sections import renew_after
from demos._sessions import end_with_page
from demos._shared import AT_ONCE, LIVE, SHOW_PICTURES, Context, explanation, heading, save_file, start_stop
from demos.finetune_dials import CHOICES_OF_DEPTH, FIRST_SET, LINK, NAMES, NETWORKS
from demos.finetune_frames import PARTS
from demos.finetune_take_away import take_away
from demos.finetune_trust import COLUMN, build_sections
from demos.web import component

MEGA = 1e6
LONGEST_SENT = 512  # pixels: photos are made smaller before they are sent


def build(context: Context) -> None:
    """The tab: folder and settings left; what is in it, how good it is and a new photo right."""
    texts = context.section("finetune")
    heading(texts)
    next_task(context, texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            sets = component(
                "sets",
                value=FIRST_SET,
                texts=texts.tree("sets"),
                names=list(SETS),
                published={name: round(bytes_to_fetch(name) / MEGA) for name in PUBLISHED},
                elem_id="finetune-sets",
            )
            folder = component(
                "folder",
                texts=texts.tree("upload"),
                suffixes=sorted(SUFFIXES),
                longest=LONGEST_SENT,
                most=MAX_PHOTOS,
                elem_id="finetune-folder",
            )
            settings = _settings(context, texts)
            start, stop = start_stop(context)
            lesson(context, texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            page = _pictures(context, texts) | {"sets": sets}
    explanation(context, texts)
    end_with_page()
    _wire(folder, page, settings, start, stop)


def _settings(context: Context, texts: Section) -> list[Any]:
    """The dials, in the order in which the handlers take them."""
    defaults = FitSettings()

    def said(name: str) -> dict[str, Any]:
        return {"label": texts(name), "info": texts(f"{name}_info")}

    def slider(name: str, limits: tuple[float, float], value: float, step: float) -> gr.Slider:
        return gr.Slider(*limits, value=value, step=step, **said(name))

    network = network_picker(context, NETWORKS, head=False, **said("network")).choice
    held_out = slider("held_out", FitSettings.HELD_OUT_RANGE, defaults.held_out_share, 0.05)
    depths = [(texts(f"depths.{name}"), name) for name in CHOICES_OF_DEPTH]
    depth = gr.Radio(depths, value=CHOICES_OF_DEPTH[0], elem_id="finetune-depth", **said("depth"))
    with gr.Accordion(texts("more_settings"), open=False):
        epochs = slider("epochs", FitSettings.EPOCHS_RANGE, defaults.epochs, 10)
        seed = slider("seed", FitSettings.SEED_RANGE, defaults.seed, 1)
        rounds = slider("rounds", TuneSettings.EPOCHS_RANGE, TuneSettings.epochs, 1)
        rates = [(f"{each:g}", each) for each in TuneSettings.RATES]
        rate = gr.Dropdown(rates, value=TuneSettings.rate, **said("rate"))
        batch = gr.Dropdown(list(TuneSettings.BATCHES), value=TuneSettings.batch, **said("batch"))
        augment = gr.Checkbox(TuneSettings.augment, **said("augment"))
    return [network, held_out, epochs, seed, depth, rounds, rate, batch, augment]


def _pictures(context: Context, texts: Section) -> dict[str, Any]:
    page: dict[str, Any] = {}
    photoset = texts.tree("photoset")
    page["overview"] = component("photoset", texts=photoset, elem_id="finetune-overview")
    page["trust"] = component("trust", texts=texts.tree("trust"), elem_id="finetune-trust")
    page["baselines"] = component("bars", elem_id="finetune-baselines")
    page["behind"] = component("photoset", texts=photoset, elem_id="finetune-behind")
    with gr.Row():
        with gr.Column(min_width=280):
            page["accuracy"] = component("curves", elem_id="finetune-accuracy")
        with gr.Column(min_width=280):
            page["loss"] = component("curves", elem_id="finetune-loss")
    page |= build_sections(texts)
    _subheading(texts("new_photo"), texts("new_photo_info"))
    with gr.Row():
        with gr.Column(scale=1, min_width=280):
            page["photos"] = photo_picker(context, on.FIRST_NEW_PHOTO, elem_id="finetune-photos")
        with gr.Column(scale=1, min_width=280):
            page["seen"] = component("newphoto", elem_id="finetune-seen")
            page["answer"] = component("bars", elem_id="finetune-answer")
    _subheading(texts("take_away.title"), texts("take_away.info"))
    with gr.Row():
        page["save"] = gr.Button(texts("take_away.save"), elem_id="finetune-save")
        page["load"] = gr.UploadButton(
            texts("take_away.load"),
            file_types=[".zip", ".safetensors"],
            type="filepath",
            elem_id="finetune-load",
        )
    page["file"] = gr.File(label=texts("take_away.file"), visible=False, elem_id="finetune-file")
    page["tested"] = gr.Markdown(elem_id="finetune-tested")
    page["link"] = LINK.component(context, elem_id="finetune-link")
    return page


def _subheading(title: str, words: str) -> None:
    gr.HTML(f"<h2>{title}</h2><p>{words}</p>", elem_classes=["wk-head"], apply_default_css=False)


def _wire(folder: gr.HTML, page: dict[str, Any], settings: list[Any], start: Any, stop: Any) -> None:
    """What happens on what; each handler that trains ends the one before it (see `latest_only`)."""
    run = [page[name] for name in PARTS]
    overview, behind, link = page["overview"], page["behind"], page["link"]
    everything, handlers = [*settings, *run], [(start.click, on.train), (page["sets"].picked, on.choose_set)]
    ended = [
        link.opened(on.open_page, None, everything, **LIVE),
        link.anew(on.begin_anew, None, everything, **LIVE),
    ]
    page["sets"].picked(None, js=SHOW_PICTURES)
    for source in (overview, behind):
        handlers.append((source.changed, on.change))
    handlers += [(overview.restored, on.restore), (overview.copies, on.leave_out_copies)]
    ended += [event(handler, settings, run, **LIVE) for event, handler in handlers]
    for each in ended:
        renew_after(each, COLUMN)
    overview.split(on.show_split, None, settings[NAMES.index("held_out")], **AT_ONCE)
    stop.click(on.stop, None, run, **LIVE)
    folder.given(on.take, None, [folder, *run], **LIVE)
    look: dict[str, Any] = {**LIVE, "trigger_mode": "always_last"}
    page["trust"].cell(on.open_cell, None, behind, **look)
    page["photos"].chosen(on.classify, None, run, **look)
    saved = page["save"].click(take_away, None, [page["file"], page["tested"]], **LIVE)
    saved.success(None, js=save_file("finetune-file"))
    page["load"].upload(on.load, page["load"], run, **LIVE)
