"""Whiskers: builds the page and launches it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import gradio as gr

from demos import TABS
from demos._links import OPEN_LINKED_TAB
from demos._shared import Context

ASSETS = Path(__file__).parent / "assets"

# Whoever clicks into a search wants to type another word, not to add to the one that is there
SELECT_ON_FOCUS = """() => document.addEventListener("focusin", (event) => {
  if (event.target.matches('input[role="combobox"]')) setTimeout(() => event.target.select());
})"""


def theme() -> gr.themes.Base:
    """One accent colour with enough contrast for its text, and fonts that ship with Gradio."""
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
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="white",
        slider_color="*primary_700",
        slider_color_dark="*primary_500",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
    )


def build(context: Context | None = None) -> gr.Blocks:
    """The whole page."""
    context = context or Context()
    common = context.section("common")
    page = gr.Blocks(title=common("name"), fill_width=True, delete_cache=(600, 3600))
    with page:
        gr.HTML(
            f"<h1><span>{common('name')}</span></h1><p>{common('tagline')}</p>",
            elem_classes=["wk-brand"],
            apply_default_css=False,
        )
        page.load(None, js=OPEN_LINKED_TAB)
        with gr.Tabs():
            for name, tab in TABS.items():
                with gr.Tab(context.section(name)("tab"), id=name):
                    tab.build(context)
    return page


def main() -> None:
    """Serve the page on HOST and PORT until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context = Context()
    page = build(context)
    page.queue(max_size=256, default_concurrency_limit=40)
    _, address, _ = page.launch(
        server_name=os.environ.get("HOST", "127.0.0.1"),
        server_port=int(os.environ.get("PORT", "7860")),
        theme=theme(),
        css_paths=[ASSETS / "style.css"],
        js=SELECT_ON_FOCUS,
        head=f"<script>{(ASSETS / 'session.js').read_text(encoding='utf-8')}</script>",
        run_history=False,
        footer_links=[],
        show_error=True,
        ssr_mode=False,
        max_file_size="200mb",
        quiet=True,
        prevent_thread_lock=True,
    )
    print(context.section("common")("open_at", address=address), flush=True)
    page.block_thread()


if __name__ == "__main__":
    main()
