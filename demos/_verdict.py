"""The verdict on an adversarial file, as a table."""

from __future__ import annotations

import html

from core.attacks import PGDSettings, Trial, Verdict
from core.texts import Section, load_section
from demos._classes import short_name
from demos._shared import probability
from demos.adversarial_dials import Dials

NARROW = 0.5  # below, the likeliest answer needs a word on how it can be the likeliest


def verdict_table(
    judged: Verdict, classes: tuple[str, ...], target: int | None, dials: Dials | None = None
) -> str:
    """What the network says of the saved file, how much was changed, and what survives which treatment.

    Args:
        classes: the names of the network's classes.
        target: the class that was wanted; None when any other would do.
        dials: of the attack; what is found and what is advised depend on them. None takes the usual ones.
    """
    texts, dials = load_section("adversarial"), dials or Dials()
    saved = judged.trials[0]
    ending = f"failure_{dials.question}"
    if judged.succeeded:
        ending = "success" if saved.probability >= NARROW else "success_narrow"
    headline = texts(
        f"verdict.{ending}",
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
        f'<p class="sizes">{html.escape(_sizes(texts, judged, dials))}</p>{_survival(texts, judged, dials)}'
        f"<table><caption>{html.escape(texts('verdict.caption'))}</caption><thead><tr>"
        + "".join(f'<th scope="col">{html.escape(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _sizes(texts: Section, judged: Verdict, dials: Dials) -> str:
    smallest = judged.succeeded and dials.question == "smallest"
    return texts(
        f"verdict.smallest_{dials.norm}" if smallest else "verdict.sizes",
        share=f"{judged.changed_share:.0%}".replace("%", "\u202f%"),
        levels=judged.largest_change,
        length=f"{judged.length:.2f}",
    )


def _survival(texts: Section, judged: Verdict, dials: Dials) -> str:
    """How many treatments the fooling picture survives, and how to have it survive more."""
    treated = judged.trials[1:]
    survived = sum(trial.succeeded for trial in treated)
    if not judged.succeeded or not treated:
        return ""
    words = [texts("verdict.survived", treatments=len(treated), survived=survived)]
    if survived < len(treated):
        advice = "smallest" if dials.question == "smallest" else "planned" if dials.survive else "budget"
        words.append(texts(f"verdict.fragile_{advice}", larger=f"{_larger(dials):g}"))
    return "".join(f"<p>{html.escape(each)}</p>" for each in words)


def _larger(dials: Dials) -> float:
    """A budget to try next, as its dial counts it."""
    if dials.norm == "linf":
        return min(2 * max(dials.epsilon, 1), PGDSettings.EPSILON_RANGE[1])
    return min(2 * max(dials.length, 0.5), PGDSettings.LENGTH_RANGE[1])


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
