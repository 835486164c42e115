"""Whiskers: builds the page and launches it."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import gradio as gr

from core.qr import qr_svg
from core.texts import Section
from core.weights import remove_half_written
from demos import TABS
from demos._links import OPEN_LINKED_TAB
from demos._sessions import SESSIONS
from demos._shared import Context
from demos.finetune_work import remove_own_sets
from demos.web import component
from server.certificate import make_certificate
from server.classroom import local_address, qr_text
from server.routes import Routes
from server.settings import ServerSettings
from server.uploads import no_room, remove_abandoned

ASSETS = Path(__file__).parent / "assets"
QUEUE = 256  # events that may wait; whoever comes after them is asked to try again
MEGA = 1024 * 1024
SWEEP_SECONDS = 60.0  # between two looks for uploads that broke off

SCRIPTS = ("language.js", "session.js", "progress.js", "carry.js", "access.js", "dials.js")
# Whoever clicks into a search wants to type another word, not to add to the one that is there
SELECT_ON_FOCUS = """() => document.addEventListener("focusin", (event) => {
  const { target } = event;
  if (!target.matches('input[role="combobox"]')) return;
  // select() also takes the focus, which by then may have gone on with the tab key
  setTimeout(() => document.activeElement === target && target.select());
})"""


def theme() -> gr.themes.Base:
    """One accent colour with enough contrast for its text, Gradio's own fonts, buttons like ours."""
    fonts = gr.themes.utils.fonts
    base = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.gray,
        radius_size=gr.themes.sizes.radius_lg,
        font=[fonts.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[fonts.LocalFont("IBM Plex Mono"), "ui-monospace", "monospace"],
    )
    return base.set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        slider_color="*primary_700",
        slider_color_dark="*primary_500",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_text_color_subdued="var(--wk-quiet)",
        body_text_color_subdued_dark="var(--wk-quiet)",
        link_text_color="var(--wk-accent)",
        link_text_color_dark="var(--wk-accent)",
        link_text_color_hover="var(--wk-ink)",
        link_text_color_hover_dark="var(--wk-ink)",
        link_text_color_visited="var(--wk-accent)",
        link_text_color_visited_dark="var(--wk-accent)",
        **_quiet_buttons(),
    )


def _quiet_buttons() -> dict[str, str]:
    """Gradio's secondary buttons and choices, in the colours of `.wk-button` in both modes."""
    colours = {
        "button_secondary_background_fill": "var(--wk-panel)",
        "button_secondary_background_fill_hover": "var(--wk-panel)",
        "button_secondary_border_color": "var(--wk-line)",
        "button_secondary_border_color_hover": "var(--wk-accent)",
        "button_secondary_text_color": "var(--wk-ink)",
        "checkbox_label_background_fill": "var(--wk-panel)",
        "checkbox_label_background_fill_hover": "var(--wk-panel)",
        "checkbox_label_background_fill_selected": "var(--wk-panel)",
        "checkbox_label_border_color": "var(--wk-line)",
        "checkbox_label_border_color_hover": "var(--wk-accent)",
        "checkbox_label_border_color_selected": "var(--wk-accent)",
    }
    sizes = {
        "button_border_width": "1px",
        "button_small_radius": "999px",
        "button_small_padding": ".35rem .8rem",
        "button_small_text_size": ".92rem",
        "checkbox_label_padding": ".35rem .8rem",
        "checkbox_label_text_size": ".92rem",
    }
    both = colours | {"checkbox_label_border_width": "1px"}
    return both | {f"{name}_dark": value for name, value in both.items()} | sizes


def build(context: Context | None = None, *, address: str = "") -> gr.Blocks:
    """The whole page.

    Args:
        address: where a class finds it; empty where there is no class.
    """
    context = context or Context()
    common = context.section("common")
    page = gr.Blocks(title=common("name"), fill_width=True, delete_cache=(600, 3600))
    with page:
        with gr.Row(elem_classes=["wk-top"]):
            gr.HTML(
                f"<h1><span>{common('name')}</span></h1><p>{common('tagline')}</p>",
                elem_classes=["wk-brand"],
                apply_default_css=False,
            )
            door = {"address": address, "code": qr_svg(address)} if address else None
            component("bar", value=door, texts=common.tree("bar"), elem_id="bar")
        page.load(None, js=OPEN_LINKED_TAB)
        with gr.Tabs(overflow_behavior="wrap"):  # none behind a menu
            for name, tab in TABS.items():
                with gr.Tab(context.section(name)("tab"), id=name):
                    tab.build(context)
    return page


def main() -> None:
    """Serve the page until interrupted or told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl+C does, and tidies up
    settings = ServerSettings.from_environment(os.environ)
    common = Context().section("common")
    with tempfile.TemporaryDirectory(prefix="whiskers-server-", ignore_cleanup_errors=True) as folder:
        uploads = Path(os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(folder, "uploads"))))
        host = local_address() if settings.in_class else settings.host
        address = f"https://{host}:{settings.port}" if settings.in_class else ""
        routes = Routes(teacher_key=secrets.token_urlsafe(9) if settings.in_class else "")
        page = build(address=address)
        page.queue(max_size=QUEUE, default_concurrency_limit=40)
        try:
            _, opened, _ = page.launch(**_launch(settings, routes, Path(folder), host))
            for line in _told(common, address, opened, routes.teacher_key):
                print(line, flush=True)
            while True:
                time.sleep(SWEEP_SECONDS)
                remove_abandoned(uploads)
        except KeyboardInterrupt:
            print(common("stopping"), flush=True)
    SESSIONS.end_all()
    remove_own_sets()
    remove_half_written()
    logging.shutdown()
    os._exit(0)  # whoever waits for a step that is under way waits in vain: a step of VGG-16 takes seconds


def _launch(settings: ServerSettings, routes: Routes, folder: Path, host: str) -> dict[str, Any]:
    """How Gradio serves the page."""
    chosen: dict[str, Any] = {
        "server_name": settings.host,
        "server_port": settings.port,
        "theme": theme(),
        "css_paths": [ASSETS / "style.css"],
        "js": SELECT_ON_FOCUS,
        "head": head(),
        "app_kwargs": {"routes": routes.all(), "exception_handlers": {OSError: no_room}},
        "run_history": False,
        "footer_links": [],
        "show_error": False,  # a refusal of ours is shown all the same, what Gradio itself says is not
        "ssr_mode": False,
        "max_file_size": settings.upload_megabytes * MEGA,
        "quiet": True,
        "prevent_thread_lock": True,
    }
    if settings.password:
        chosen["auth"] = lambda _, given: secrets.compare_digest(given, settings.password)
    if settings.in_class:
        files = make_certificate(folder, host)
        chosen |= {
            "ssl_certfile": str(files.certificate),
            "ssl_keyfile": str(files.key),
            "ssl_verify": False,
        }
    return chosen


def head() -> str:
    """The scripts that run before anything else on the page."""
    return "".join(f"<script>{(ASSETS / name).read_text(encoding='utf-8')}</script>" for name in SCRIPTS)


def _told(common: Section, address: str, opened: str, teacher_key: str) -> list[str]:
    """What the terminal says once the page is open."""
    if not address:
        return [common("open_at", address=opened)]
    lines = [qr_text(address), common("in_class.open_at", address=address)]
    lines += [common("in_class.no_network")] if "//127." in address else []
    lines += [common("in_class.teacher", address=f"{address}/?teacher={teacher_key}")]
    return [*lines, common("bar.warning")]


if __name__ == "__main__":
    main()
