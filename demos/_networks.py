"""The network picker: networks on this machine by name, the others with their size and a Download button."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.backbone import BACKBONES, missing_checkpoints
from core.downloads import download_steps
from core.network_facts import missing_bytes
from core.texts import load_section
from core.weights import CHECKPOINTS
from demos._shared import Context, explained

MEGA = 1e6


@dataclass(frozen=True, kw_only=True)
class NetworkPicker:
    """The choice, and what makes it another one: the user, or a download that ended."""

    choice: gr.Dropdown
    _fetched: Any

    def on_change(self, handler: Callable[..., Any], inputs: Any, outputs: Any, **options: Any) -> None:
        """Call `handler` after every change; the network it finds may still be one to download."""
        self.choice.change(handler, inputs, outputs, **options)  # a click tells of its input twice
        self._fetched.success(handler, inputs, outputs, **options)


def network_picker(context: Context, names: tuple[str, ...], *, label: str) -> NetworkPicker:
    """A dropdown of networks with a head; choosing one that is not here offers to download it.

    Args:
        names: of `BACKBONES`; the first is chosen.
        label: what the choice is for.
    """
    choice = gr.Dropdown(choices(names), value=names[0], label=label)
    note = gr.HTML(visible=False, elem_classes=["wk", "wk-download"], apply_default_css=False)
    download = gr.Button(context.section("common")("networks.download"), visible=False, size="sm")
    choice.change(offer, choice, [note, download], show_progress="hidden")
    fetched = download.click(fetch, choice, [note, download], show_progress="hidden", concurrency_limit=16)

    def offered_now() -> Any:
        return gr.update(choices=choices(names))

    # what is on this machine may have changed since the app started
    gr.on(None, offered_now, None, choice, show_progress="hidden")
    fetched.success(offered_now, None, choice, show_progress="hidden")
    return NetworkPicker(choice=choice, _fetched=fetched)


def choices(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the dropdown shows for each network, and its name."""
    texts = load_section("common")
    shown = []
    for name in names:
        label = full_title(name)
        size = megabytes_to_download(name)
        shown.append((texts("networks.absent", network=label, megabytes=size) if size else label, name))
    return shown


def offer(name: str) -> tuple[Any, Any]:
    """Offer to download a network that is not here."""
    size = megabytes_to_download(name)
    words = load_section("common")("networks.offer", network=_title(name), megabytes=size) if size else ""
    return gr.update(value=f"<p>{html.escape(words)}</p>", visible=bool(size)), gr.update(visible=bool(size))


@explained
def fetch(name: str) -> Iterator[tuple[Any, Any]]:
    """Download a network, showing how far it is."""
    texts = load_section("common")
    for checkpoint in missing_checkpoints(name, whole=True):
        for progress in download_steps(checkpoint):
            words = texts(
                "networks.progress",
                network=CHECKPOINTS[checkpoint].title,
                done=round(progress.done / MEGA),
                total=round(progress.total / MEGA),
            )
            bar = f'<progress max="{progress.total}" value="{progress.done}"></progress>'
            yield f"<p>{html.escape(words)}</p>{bar}", gr.update(visible=False)
    yield gr.update(value="", visible=False), gr.update(visible=False)


def full_title(name: str) -> str:
    """A network's name, and in brackets what it can tell apart."""
    texts = load_section("common")
    classes = texts("networks.catdog" if name == "vgg16_catdog" else "networks.imagenet")
    return texts("networks.title", title=_title(name), classes=classes)


def _title(name: str) -> str:
    return BACKBONES[name].title


def megabytes_to_download(name: str) -> int:
    """What is to be downloaded before the whole network can be used; 0 when it can be used now."""
    return round(missing_bytes(name) / MEGA)
