"""Tab 2, Feature maps: every layer of a network as one sheet of all its channels, and what they decide."""

from __future__ import annotations

import gradio as gr

from core.samples import available_samples
from core.texts import Section
from core.variants import PHOTOS, WEIGHTS
from demos._lesson import lesson, next_task
from demos._maps_answer import answer_without, why
from demos._maps_files import take
from demos._maps_follow import follow
from demos._maps_link import EXAMPLE, LINK, change_network, open_link
from demos._maps_networks import build_networks
from demos._maps_pair import compare_photos
from demos._maps_study import networks_ready_first, sheet, study_chosen, study_photo
from demos._maps_wish import draw_wish, stop_wish
from demos._networks import network_picker
from demos._photos import photo_picker, thumbnails
from demos._sessions import end_with_page
from demos._shared import AT_ONCE, LIVE, Context, explanation, heading, tell
from demos.web import component

SECOND = "mastiff"  # what the photo is compared with first


def build(context: Context) -> None:
    """The tab: photo, answer and controls left, the pyramid with its sheets right."""
    texts = context.section("feature_maps")
    heading(texts)
    next_task(context, texts)
    with gr.Row(elem_classes=["wk-desk"]):
        with gr.Column(elem_classes=["wk-controls"]):
            photos = photo_picker(context, EXAMPLE["sample"], elem_id="feature-maps-photos")
            camera = component(
                "follow",
                texts=texts.tree("follow"),
                picker="#feature-maps-photos .photos",
                elem_id="feature-maps-camera",
            )
            answer = component("bars", elem_id="feature-maps-answer")
            lesson(context, texts)
            network = network_picker(context, networks_ready_first(), label=texts("network"))
            weights, colours = _wrong_uses(texts)
        with gr.Column(elem_classes=["wk-pictures"]):
            maps = component(
                "sheet",
                texts={**texts.tree("component"), "loading": context.section("common")("loading")},
                samples=available_samples("photo"),
                names=context.section("common").tree("photos"),
                second=SECOND,
                uses={"weights": WEIGHTS[0], "colours": PHOTOS[0]},
                server_functions=[sheet, why, thumbnails],
                elem_id="feature-maps",
            )
            link = LINK.component(context, elem_id="feature-maps-link")
            wishes, files, seconds, live, switched = (
                component("wire", to="#feature-maps .maps", event=f"wk-{name}")
                for name in ("wish", "file", "second", "live", "switched")
            )
    photo = gr.State(EXAMPLE)
    build_networks(context, photo)
    explanation(context, texts)
    end_with_page()

    use = [network.choice, weights, colours]
    shown, used = [maps, answer], [photo, *use]
    for asked in (link.opened, link.anew):
        linked = asked(open_link, network.choice, [photo, photos, *use, link], **AT_ONCE)
        linked.then(study_photo, used, shown, **LIVE)
    photos.chosen(study_chosen, use, [photo, *shown], **LIVE)
    followed = camera.frame(follow, use, [live, answer], **LIVE)
    camera.kept(study_chosen, use, [photo, *shown], **LIVE)
    network.on_change(change_network, used, shown, **LIVE)
    gr.on([weights.input, colours.input], study_photo, used, shown, **LIVE)
    maps.silenced(answer_without, None, [answer, switched], **LIVE)
    wished = maps.wish(draw_wish, None, wishes, **LIVE)
    maps.wish_stopped(stop_wish, None, None, **LIVE)
    taken = maps.take(take, None, files, **LIVE)
    compared = maps.compared(compare_photos, None, seconds, **LIVE)
    followed.failure(None, js=tell("#feature-maps-camera .follow", "frame"))
    for name, asked in {"wish": wished, "take": taken, "pair": compared}.items():
        asked.failure(None, js=tell("#feature-maps .maps", name))


def _wrong_uses(texts: Section) -> tuple[gr.Radio, gr.Radio]:
    """The same network wrongly used, to see what is its own doing."""
    with gr.Accordion(texts("wrong.title"), open=False):
        return (
            gr.Radio(
                [(texts(f"wrong.weights.{name}"), name) for name in WEIGHTS],
                value=WEIGHTS[0],
                label=texts("wrong.weights.label"),
                elem_id="feature-maps-weights",
            ),
            gr.Radio(
                [(texts(f"wrong.photo.{name}"), name) for name in PHOTOS],
                value=PHOTOS[0],
                label=texts("wrong.photo.label"),
                elem_id="feature-maps-colours",
            ),
        )
