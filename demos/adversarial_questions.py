"""What is asked of a change that fooled the network: how much, where, in which direction, through what."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from PIL import Image

from core.answers import grad_cam
from core.attacks import PGDSettings, pgd_steps
from core.attacks.controls import (
    LINE,
    Said,
    along_the_line,
    amounts,
    defended,
    noise,
    on_other_network,
    on_other_photo,
    said,
)
from core.attacks.verdict import ask, shuffle_change
from core.attacks.views import DEFENCES
from core.backbone import Backbone
from core.images import Pixels, data_uri, jpeg, png, to_tensor, to_uint8
from core.layer_table import layer_table
from core.runner import run_once, run_steps
from core.texts import Section, load_section
from demos._classes import short_name
from demos._shared import probability
from demos.adversarial_work import Work

TOP = 5
MOST_LEVELS = 8  # rows of the histogram; what is beyond is added up
DARK = 0.25  # of a place that says nothing for the class
DEFENCE_STEPS = 20  # at least, of an attack through a defence
BLIND_EPSILONS = (1, 2, 4, 8, 16, 32)  # levels of 255
BLIND_STEPS = PGDSettings.steps  # as many as an attack has at first
BLIND_TRIALS = 4  # right in a row: by chance once in 16


def says(texts: Section, classes: tuple[str, ...], answer: Said) -> str:
    """An answer in words: its class and how likely."""
    label = short_name(classes[answer.class_index])
    return texts("says", label=label, percent=probability(answer.probability))


def figures(work: Work) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """How large the change is, the five likeliest classes before and after, the levels changed by."""
    texts, judged = load_section("adversarial"), work.verdict
    psnr = "\u221e" if math.isinf(judged.psnr) else f"{judged.psnr:.1f}\u202fdB"
    measures = {
        "linf": texts("measure_levels", levels=judged.largest_change),
        "l2": f"{judged.length:.3f}",
        "psnr": psnr,
        "ssim": f"{judged.ssim:.4f}",
    }
    cells = "".join(
        f"<div><dt>{html.escape(texts(f'measures.{name}'))}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in measures.items()
    )
    groups = [
        {"title": texts(title), "rows": _top(work, shares)}
        for title, shares in (("top_before", judged.before), ("top_after", judged.after))
    ]
    return f'<dl class="wk-measures">{cells}</dl>', {"groups": groups}, _histogram(texts, judged.levels)


def _top(work: Work, shares: Sequence[float]) -> list[dict[str, Any]]:
    ranked = sorted(range(len(shares)), key=shares.__getitem__, reverse=True)[:TOP]
    marks = {work.said: "warm", work.wanted: "accent"}
    return [
        {
            "label": short_name(work.backbone.classes[index]),
            "share": shares[index],
            "mark": marks.get(index),
        }
        for index in ranked
    ]


def _histogram(texts: Section, levels: Sequence[float]) -> dict[str, Any]:
    rows = [
        {"label": texts("levels_row", levels=level), "share": share, "mark": "accent" if level else None}
        for level, share in enumerate(levels[:MOST_LEVELS])
    ]
    if len(levels) > MOST_LEVELS:
        more = texts("levels_more", levels=MOST_LEVELS)
        rows.append({"label": more, "share": sum(levels[MOST_LEVELS:]), "mark": "accent"})
    return {"groups": [{"title": texts("levels_title"), "rows": rows}]}


def evidence(work: Work) -> list[dict[str, Any]]:
    """Grad-CAM before and after: where the network looks for what it says, the rest darkened."""
    texts = load_section("adversarial")
    spatial = [each.name for each in layer_table(work.backbone) if len(each.shape) == 3 and each.shape[1] > 1]
    shown = []
    for title, pixels, index in zip(
        ("cam_before", "cam_after"), work.seen(), (work.said, work.wanted), strict=True
    ):
        images = to_tensor(pixels).to(work.backbone.device)
        found = grad_cam(work.backbone, images, spatial[-1], index).map.cpu().numpy()
        large = cv2.resize(found, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
        lit = pixels * (DARK + (1 - DARK) * large[..., None])
        name = short_name(work.backbone.classes[index])
        shown.append(_picture(texts(title), lit.astype(np.uint8), texts("cam_caption", label=name)))
    return shown


def _picture(title: str, pixels: Pixels, caption: str, *, lossless: bool = False) -> dict[str, str]:
    image = data_uri(png(pixels) if lossless else jpeg(pixels, quality=92))
    return {"title": title, "image": image, "caption": caption, "alt": f"{title}: {caption}"}


def look_alikes(work: Work) -> tuple[list[dict[str, Any]], str]:
    """The changed photo, and beside it as much change in no direction: shuffled, and noise.

    Also what it shows: "direction" where only the change itself moves the answer, "amount" where as much
    change of any kind does, "neither" where the attack failed.
    """
    texts, (before, after) = load_section("adversarial"), work.seen()
    found = amounts(work.backbone, before, after, work.target)
    pictures = {
        "changed": after,
        "noise": noise(before, after),
        "shuffled": shuffle_change(before, after),
    }
    moved = {name: found[name].class_index != work.said for name in pictures}
    shows = "amount" if moved["noise"] or moved["shuffled"] else "direction"
    shown = [
        _picture(
            texts(f"alike.{name}"), pixels, says(texts, work.backbone.classes, found[name]), lossless=True
        )
        for name, pixels in pictures.items()
    ]
    return shown, shows if moved["changed"] else "neither"


def line_chart(work: Work) -> dict[str, Any]:
    """Probabilities along the straight line from the photo (0) through the changed photo (1) and past it."""
    texts = load_section("adversarial")
    places, answers = along_the_line(work.backbone, *work.seen())
    series = [
        {
            "name": short_name(work.backbone.classes[index]),
            "points": [[x, round(float(y), 4)] for x, y in zip(places, answers[:, index], strict=True)],
        }
        for index in dict.fromkeys((work.wanted, work.said))
    ]
    fixed = {"percent": True, "x_range": list(LINE), "y_range": [0, 1], "here": 1}
    return {**texts.tree("line"), **fixed, "series": series}


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The change somewhere else: another photo, or another network."""

    kind: str  # "photo" or "network"
    name: str
    classes: tuple[str, ...]
    before: Said
    after: Said


def other_photos(work: Work, photos: Sequence[tuple[str, Image.Image]]) -> list[Moved]:
    """The same change made to other photos."""
    moved = []
    for name, photo in photos:
        plain, changed = on_other_photo(work.backbone, *work.seen(), photo, work.target)
        moved.append(
            Moved(kind="photo", name=name, classes=work.backbone.classes, before=plain, after=changed)
        )
    return moved


def other_networks(work: Work, networks: Sequence[tuple[str, Backbone]]) -> list[Moved]:
    """The same picture shown to other networks."""
    moved = []
    for name, other in networks:
        target = work.target if other.classes == work.backbone.classes else None
        plain, changed = on_other_network(other, *work.seen(), target)
        moved.append(Moved(kind="network", name=name, classes=other.classes, before=plain, after=changed))
    return moved


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A picture without a defence and behind it."""

    picture: str  # "photo", "first" or "second"
    without: Said
    behind: Said  # of the last try
    tries: int
    fooled: int  # in how many of them


def defence_steps(work: Work, name: str, session: str) -> Iterator[list[Behind]]:
    """The photo and the first attack behind a defence; then also an attack that goes through it."""
    before, first = work.seen()
    rows = [run_once(_behind, session, work, name, *each) for each in (("photo", before), ("first", first))]
    yield rows
    image = to_tensor(before).to(work.backbone.device)
    budget = work.dials.budget
    budget = replace(budget, steps=max(budget.steps, DEFENCE_STEPS), confidence=1.0, step_size=None)
    view = DEFENCES[name].view()
    steps = run_steps(
        pgd_steps, work.backbone, image, work.target, budget, view, session=session, job="adversarial-defence"
    )
    with closing(steps):
        *_, last = steps
    second = to_uint8(last.adversarial)[0]
    yield [*rows, run_once(_behind, session, work, name, "second", second)]


def _behind(work: Work, name: str, picture: str, pixels: Pixels) -> Behind:
    (without,) = ask(work.backbone, [Image.fromarray(pixels)])
    answers = defended(work.backbone, DEFENCES[name], pixels)
    chosen = answers.argmax(1)
    fooled = chosen == work.target if work.target is not None else chosen != work.said
    return Behind(
        picture=picture,
        without=said(without, work.target),
        behind=said(answers.mean(0), work.target),
        tries=len(answers),
        fooled=int(fooled.sum()),
    )


def blind_steps(work: Work, session: str) -> Iterator[dict[str, Any]]:
    """The photo changed at growing budgets, for the learner's eyes; the last step has all of them."""
    texts, (before, _) = load_section("adversarial"), work.seen()
    image = to_tensor(before).to(work.backbone.device)
    rungs: list[dict[str, Any]] = []
    for epsilon in BLIND_EPSILONS:
        settings = PGDSettings(epsilon=float(epsilon), steps=BLIND_STEPS)
        steps = run_steps(
            pgd_steps, work.backbone, image, work.target, settings, session=session, job="adversarial-blind"
        )
        with closing(steps):
            *_, last = steps
        pixels = to_uint8(last.adversarial)[0]
        answer = said(run_once(ask, session, work.backbone, [Image.fromarray(pixels)])[0], work.target)
        wanted = answer.class_index == work.target if work.target is not None else False
        rungs.append(
            {
                "epsilon": epsilon,
                "image": data_uri(png(pixels)),
                "answer": says(texts, work.backbone.classes, answer),
                "fooled": wanted or (work.target is None and answer.class_index != work.said),
            }
        )
        yield {"original": data_uri(png(before)), "trials": BLIND_TRIALS, "rungs": list(rungs)}
