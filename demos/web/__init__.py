"""Custom HTML components: one folder each with template.html, style.css and behaviour.js.

`common.js` is put before every behaviour, so that colours, numbers and captions are the same everywhere. A
folder may have more .js files: they stand between the two, by name, in the same scope.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

FOLDER = Path(__file__).parent


@lru_cache(maxsize=32)
def _part(*names: str) -> str:
    return FOLDER.joinpath(*names).read_text(encoding="utf-8")


@lru_cache(maxsize=32)
def _behaviour(name: str) -> str:
    more = sorted(path.name for path in (FOLDER / name).glob("*.js") if path.name != "behaviour.js")
    parts = [_part("common.js"), *(_part(name, file) for file in more), _part(name, "behaviour.js")]
    return "\n".join(parts)


def component(
    name: str,
    *,
    value: Any = None,
    texts: Any = None,
    server_functions: list[Callable[..., Any]] | None = None,
    elem_id: str | None = None,
    **props: Any,
) -> gr.HTML:
    """The HTML component in `demos/web/<name>/`.

    Args:
        value: what `props.value` starts with in behaviour.js; anything JSON can carry.
        texts: the sentences that the component shows, as `props.texts`.
        server_functions: Python functions that behaviour.js may call as `server.<name>(...)`.
        props: further properties for behaviour.js.
    """
    return gr.HTML(
        value=value,
        html_template=_part(name, "template.html"),
        css_template=_part(name, "style.css"),
        js_on_load=_behaviour(name),
        apply_default_css=False,
        server_functions=server_functions,
        elem_id=elem_id,
        elem_classes=["wk", f"wk-{name}"],
        texts=texts or {},
        common=common_texts(),
        **props,
    )


def common_texts() -> dict[str, str]:
    """The words that every component's buttons share."""
    from core.texts import load_section

    return dict(load_section("common").tree("components"))
