"""Tables below the verdict: the change elsewhere, and what a defence is worth."""

from __future__ import annotations

import html
from collections.abc import Sequence

from core.texts import Section, load_section
from demos._networks import full_title
from demos._own_network import is_own
from demos._shared import probability
from demos.adversarial_questions import Behind, Moved, says
from demos.adversarial_work import Work


def transfer_table(work: Work, rows: Sequence[Moved]) -> str:
    """What other photos and other networks make of the change."""
    texts = load_section("adversarial")
    body = []
    for each in rows:
        title = _title(texts, each)
        wanted = each.after.target_probability
        cells = [
            says(texts, each.classes, each.before),
            says(texts, each.classes, each.after),
            "\u2013" if wanted is None else probability(wanted),
        ]
        fooled = each.after.class_index != each.before.class_index
        body.append(_row(title, cells, texts("transfer.changed" if fooled else "transfer.same"), fooled))
    head = [texts(f"transfer.head.{name}") for name in ("where", "before", "after", "target", "changed")]
    return _table(texts("transfer.caption"), head, body)


def _title(texts: Section, moved: Moved) -> str:
    if moved.kind == "photo":
        name = load_section("common")(f"photos.{moved.name}")
        return texts("transfer.photo", name=name)
    name = texts("transfer.own") if is_own(moved.name) else full_title(moved.name)
    return texts("transfer.network", name=name)


def defence_table(work: Work, name: str, rows: Sequence[Behind]) -> str:
    """The photo, the first attack and the attack through the defence, without and behind it."""
    texts = load_section("adversarial")
    body = []
    for each in rows:
        is_photo = each.picture == "photo"
        fooled = 2 * each.fooled > each.tries and not is_photo
        mark = "" if is_photo else texts("verdict.fooled" if fooled else "verdict.not_fooled")
        if each.tries > 1 and not is_photo:
            mark = texts("defence_tries", fooled=each.fooled, tries=each.tries)
        cells = [says(texts, work.backbone.classes, answer) for answer in (each.without, each.behind)]
        body.append(_row(texts(f"defence_rows.{each.picture}"), cells, mark, fooled))
    head = [texts(f"defence_head.{part}") for part in ("picture", "without", "behind", "fooled")]
    table = _table(texts("defence_caption", defence=texts(f"defences.{name}")), head, body)
    if len(rows) < 3:
        return f"{table}<p>{html.escape(texts('defence_running'))}</p>"
    fell = 2 * rows[2].fooled > rows[2].tries
    stood = 2 * rows[1].fooled <= rows[1].tries
    words = texts(f"defence_end.{'stood' if stood else 'useless'}_{'fell' if fell else 'held'}")
    return f'<p class="headline {"won" if fell else "lost"}">{html.escape(words)}</p>{table}'


def _row(title: str, cells: Sequence[str], mark: str, fooled: bool) -> str:
    filled = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return (
        f'<tr class="{"fooled" if fooled else "held"}"><th scope="row">{html.escape(title)}</th>'
        f'{filled}<td class="mark">{html.escape(mark)}</td></tr>'
    )


def _table(caption: str, head: Sequence[str], body: Sequence[str]) -> str:
    titles = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in head)
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{titles}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>"
    )
