"""The verdict on an adversarial file, as a table."""

from __future__ import annotations

import html
import math

from core.attacks import Trial, Verdict
from core.texts import Section, load_section
from demos._classes import short_name
from demos._shared import probability


def verdict_table(judged: Verdict, classes: tuple[str, ...], target: int | None) -> str:
    """What the network says of the saved file, how much was changed, and what survives which treatment.

    Args:
        classes: the names of the network's classes.
        target: the class that was wanted; None when any other would do.
    """
    texts = load_section("adversarial")
    saved = judged.trials[0]
    headline = texts(
        "verdict.success" if judged.succeeded else "verdict.failure",
        label=short_name(classes[saved.class_index]),
        percent=probability(saved.probability),
    )
    wanted = classes[target if target is not None else saved.class_index]
    head = [
        texts("verdict.head.treatment"),
        texts("verdict.head.answer"),
        texts("verdict.head.target", target=short_name(wanted)),
        texts("verdict.head.fooled"),
    ]
    rows = "".join(_row(texts, trial, classes) for trial in (*judged.trials, judged.control))
    return (
        f'<p class="headline {"won" if judged.succeeded else "lost"}">{html.escape(headline)}</p>'
        f'<p class="sizes">{html.escape(_sizes(texts, judged))}</p>{_survival(texts, judged)}'
        f"<table><caption>{html.escape(texts('verdict.caption'))}</caption><thead><tr>"
        + "".join(f'<th scope="col">{html.escape(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _sizes(texts: Section, judged: Verdict) -> str:
    psnr = "\u221e" if math.isinf(judged.psnr) else f"{judged.psnr:.0f}"
    return texts(
        "verdict.sizes",
        share=f"{judged.changed_share:.0%}".replace("%", "\u202f%"),
        levels=judged.largest_change,
        length=f"{judged.length:.2f}",
        psnr=psnr,
    )


def _survival(texts: Section, judged: Verdict) -> str:
    """How many treatments the fooling picture survives, and how to have it survive more."""
    treated = judged.trials[1:]
    survived = sum(trial.succeeded for trial in treated)
    if not judged.succeeded or not treated:
        return ""
    words = [texts("verdict.survived", treatments=len(treated), survived=survived)]
    if survived < len(treated):
        words.append(texts("verdict.fragile"))
    return "".join(f"<p>{html.escape(each)}</p>" for each in words)


def _row(texts: Section, trial: Trial, classes: tuple[str, ...]) -> str:
    answer = f"{short_name(classes[trial.class_index])} {probability(trial.probability)}"
    cells = [answer, probability(trial.target_probability)]
    fooled = texts("verdict.fooled" if trial.succeeded else "verdict.not_fooled")
    return (
        f'<tr class="{"fooled" if trial.succeeded else "held"}">'
        f'<th scope="row">{html.escape(texts(f"verdict.treatments.{trial.name}"))}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + f'<td class="mark">{html.escape(fooled)}</td></tr>'
    )
