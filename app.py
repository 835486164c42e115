"""Whiskers: builds the page and launches it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import gradio as gr

from demos import TABS
from demos._shared import Context

ASSETS = Path(__file__).parent / "assets"


def theme() -> gr.themes.Base:
    """One accent colour, fonts that ship with Gradio (nothing is fetched)."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.gray,
        radius_size=gr.themes.sizes.radius_md,
        font=[gr.themes.utils.fonts.LocalFont("IBM Plex Sans"), "system-ui", "sans-serif"],
        font_mono=[gr.themes.utils.fonts.LocalFont("IBM Plex Mono"), "ui-monospace", "monospace"],
    )


def build(context: Context | None = None) -> gr.Blocks:
    """The whole page."""
    context = context or Context()
    common = context.section("common")
    with gr.Blocks(title=common("name"), fill_width=True, delete_cache=(600, 3600)) as page:
        gr.HTML(
            f"<h1><span>{common('name')}</span></h1><p>{common('tagline')}</p>",
            elem_classes=["wk-brand"],
            apply_default_css=False,
        )
        with gr.Tabs():
            for name, tab in TABS.items():
                with gr.Tab(context.section(name)("tab"), id=name):
                    tab.build(context)
    return page


def main() -> None:
    """Serve the page on HOST and PORT until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    page = build()
    page.queue(max_size=256, default_concurrency_limit=40)
    page.launch(
        server_name=os.environ.get("HOST", "127.0.0.1"),
        server_port=int(os.environ.get("PORT", "7860")),
        theme=theme(),
        css_paths=[ASSETS / "style.css"],
        run_history=False,
        footer_links=[],
        show_error=True,
        ssr_mode=False,
        max_file_size="200mb",
    )


if __name__ == "__main__":
    main()
