"""The network picker: networks on this machine by name, the others with their size and a Download button."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.context import Context as GradioContext

from core.backbone import BACKBONES, missing_checkpoints
from core.downloads import download_steps
from core.network_facts import missing_bytes
from core.texts import load_section
from core.weights import CHECKPOINTS
from demos._handlers import explained
from demos._own_network import is_own, own_choice
from demos._shared import AT_ONCE, Context

MEGA = 1e6


@dataclass(frozen=True, kw_only=True)
class NetworkPicker:
    """The choice, and what makes it another one: the user, or a download that ended."""

    choice: gr.Dropdown
    _fetched: Any

    def on_change(self, handler: Callable[..., Any], inputs: Any, outputs: Any, **options: Any) -> list[Any]:
        """Call `handler` after every change; the network it finds may still be one to download."""
        events = (self.choice.change, self._fetched.success)  # not input: a click tells of it twice
        return [event(handler, inputs, outputs, **options) for event in events]


def network_picker(
    context: Context,
    names: tuple[str, ...],
    *,
    label: str,
    head: bool = True,
    own: bool = False,
    **look: Any,
) -> NetworkPicker:
    """A dropdown of networks; choosing one that is not here offers to download it.

    Args:
        names: of `BACKBONES`; the first is chosen.
        label: what the choice is for.
        head: the network must be able to name what it sees; else its layers will do.
        own: offer the session's own classifier too, once there is one.
        look: more properties of the dropdown.
    """
    choice = gr.Dropdown(choices(names, head), value=names[0], label=label, **look)
    note = gr.HTML(visible=False, elem_classes=["wk", "wk-download"], apply_default_css=False)
    download = gr.Button(context.section("common")("networks.download"), visible=False, size="sm")
    choice.change(partial(offer, head=head), choice, [note, download], **AT_ONCE)
    fetched = download.click(
        partial(fetch, head=head), choice, [note, download], show_progress="hidden", concurrency_limit=16
    )

    def offered_now(chosen: str, request: gr.Request) -> Any:
        mine = own_choice(request) if own else None
        offered = [*choices(names, head), *([mine] if mine else [])]
        if mine is None or not is_own(chosen):
            return gr.update(choices=offered)
        return gr.update(choices=offered, value=mine[1])  # it was trained anew

    # what is on this machine may have changed since the app started, and so may one's own classifier
    tab = _enclosing_tab()
    changes: list[Any] = [partial(gr.on, None), fetched.success, *([tab.select] if own and tab else [])]
    for changed in changes:
        changed(offered_now, choice, choice, **AT_ONCE)
    return NetworkPicker(choice=choice, _fetched=fetched)


def _enclosing_tab() -> gr.Tab | None:
    """The tab that is being built."""
    block = GradioContext.block
    while block is not None and not isinstance(block, gr.Tab):
        block = block.parent
    return block


def choices(names: tuple[str, ...], head: bool = True) -> list[tuple[str, str]]:
    """What the dropdown shows for each network, and its name."""
    texts = load_section("common")
    shown = []
    for name in names:
        label = full_title(name) if head else _title(name)
        size = megabytes_to_download(name, head)
        shown.append((texts("networks.absent", network=label, megabytes=size) if size else label, name))
    return shown


def offer(name: str, head: bool = True) -> tuple[Any, Any]:
    """Offer to download a network that is not here."""
    size = 0 if is_own(name) else megabytes_to_download(name, head)
    words = load_section("common")("networks.offer", network=_title(name), megabytes=size) if size else ""
    return gr.update(value=f"<p>{html.escape(words)}</p>", visible=bool(size)), gr.update(visible=bool(size))


@explained
def fetch(name: str, head: bool = True) -> Iterator[tuple[Any, Any]]:
    """Download a network, showing how far it is."""
    texts = load_section("common")
    for checkpoint in missing_checkpoints(name, whole=head):
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


def megabytes_to_download(name: str, head: bool = True) -> int:
    """What is to be downloaded before a network, with its head or without, can be used; 0: it can be now."""
    return round(missing_bytes(name, whole=head) / MEGA)
