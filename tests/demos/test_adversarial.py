"""The dials of the Adversarial tab: what comes from outside is checked, what stands in a file comes back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from core.attacks.saved import read_png
from core.backbone import load_backbone
from core.errors import UserError
from core.images import to_uint8
from core.texts import load_section
from demos import adversarial, adversarial_sections, adversarial_take
from demos._attack_run import AttackRun
from demos._sessions import SESSIONS
from demos.adversarial_dials import LINK, NAMES, Dials, checked, read_dials
from demos.adversarial_work import last_work
from tests.demos.test_frames import check

PAGE = SimpleNamespace(session_hash="page of attacks")
MASTIFF = {"sample": "mastiff"}


@pytest.fixture(scope="module")
def page():
    """An open page; it is closed after the module."""
    SESSIONS.open(PAGE.session_hash)
    yield PAGE
    SESSIONS.end_now(PAGE.session_hash)


def values(**changed) -> list:
    told = Dials(**{"steps": 6, **changed}).told()
    return [told[name] for name in NAMES]


def test_the_values_of_the_controls_are_read_in_their_order():
    dials = Dials(network="vgg16_catdog", target=0, question="smallest", length=2.5, survive=True, seed=7)
    told = dials.told()
    assert read_dials(*[told[name] for name in NAMES]) == dials


def test_an_emptied_field_is_named():
    with pytest.raises(gr.Error, match="Momentum"):
        list(adversarial.attack(PAGE, MASTIFF, *values(momentum=None)))


def test_the_link_follows_the_dials_and_what_a_link_runs_ticks_no_task(page):
    assert adversarial_take.tell_link(MASTIFF, *values(target=340))["settings"]["target"] == "340"
    assert "settings" not in adversarial_take.tell_link(MASTIFF, *values(momentum=None))  # being typed in
    assert adversarial_take.tell_link({"file": "x.jpg"}, *values())["settings"] is None
    for begin, ticks in ((adversarial.attack, True), (adversarial.attack_first, False)):
        *_, last = begin(page, MASTIFF, *values(target=281, epsilon=4.0))
        assert ("did" in last[0]) == ticks


def test_what_comes_from_outside_is_checked_dial_by_dial():
    good, refused = checked(
        {**Dials().told(), "epsilon": 99, "survive": True, "seed": "x", "network": "../x"}
    )
    assert refused == ["network", "epsilon", "seed"]
    assert good["survive"] is True
    assert Dials(**good).steps == Dials().steps


def test_attack_file_and_link_tell_the_same(page):
    frames = list(adversarial.attack(page, MASTIFF, *values(seed=3)))
    assert check(frames) >= 2
    work = last_work(page)
    saved = read_png(work.verdict.png)
    assert checked(saved.settings) == (work.dials.told(), [])
    assert saved.settings["photo"] == "mastiff"
    shown = frames[-1][-1]["settings"]
    read = LINK.read(SimpleNamespace(_data={"asked": shown}))
    assert read.settings["photo"] == "mastiff"
    assert Dials(**{name: read.settings[name] for name in read.settings if name != "photo"}) == work.dials


def test_a_saved_picture_is_judged_the_same_again(page, tmp_path):
    list(adversarial.attack(page, MASTIFF, *values(epsilon=3.0)))
    before = last_work(page).verdict
    path = tmp_path / "saved.png"
    path.write_bytes(before.png)
    adversarial_take.load_file(str(path), "efficientnet_lite0", request=page)
    after = last_work(page).verdict
    assert [each.class_index for each in after.trials] == [each.class_index for each in before.trials]
    assert after.trials[0].probability == pytest.approx(before.trials[0].probability, abs=1e-4)
    assert after.levels == before.levels


def test_a_saved_picture_given_as_a_photo_is_not_cut_again(page, tmp_path):
    list(adversarial.attack(page, MASTIFF, *values(epsilon=3.0)))
    judged = last_work(page).verdict
    path = tmp_path / "saved.png"
    path.write_bytes(judged.png)
    run = AttackRun(load_backbone("efficientnet_lite0"), Image.open(path), Dials())
    assert np.array_equal(to_uint8(run.image)[0], np.asarray(Image.open(path)))
    with pytest.raises(UserError) as caught:
        run.aim(page.session_hash)
    assert "already calls this photo “Siamese cat”" in caught.value.message()


def test_advice_after_a_failure_is_of_the_question_that_was_asked(page):
    *_, within = adversarial.attack(page, MASTIFF, *values(epsilon=0.0))
    assert "larger budget" in within[3]
    smallest = {"question": "smallest", "passes": 20, "target": 817}
    *_, found = adversarial.attack(page, MASTIFF, *values(**smallest))
    assert "larger budget" not in found[3]


@pytest.mark.parametrize("changed", [{"target": -1}, {"own_size": True}])
def test_every_section_answers_any_attack(page, changed):
    list(adversarial.attack(page, MASTIFF, *values(**changed)))
    sizes, top, levels, maps = adversarial_sections.look_closer(request=page)
    assert "SSIM" in sizes
    assert len(top["groups"]) == len(maps) == 2
    assert sum(row["share"] for row in levels["groups"][0]["rows"]) == pytest.approx(1)
    *_, (found, alike, line, table, told) = adversarial_sections.try_controls(request=page)
    assert load_section("adversarial")("controls_end.direction") in found
    assert told == {"did": {"section": "controls"}}
    assert len(alike) == 3
    assert len(line["series"]) == 2
    assert table.count("<tr") > 3
    assert check(adversarial_sections.defend_and_attack("blur", request=page)) == 4
    assert Path(adversarial_take.png_file(request=page)["value"]).read_bytes() == last_work(page).verdict.png
    assert adversarial_take.npz_file(request=page)["value"].endswith(".npz")
    assert adversarial_take.gif_file(request=page)["value"].endswith(".gif")


def test_the_blind_test_has_a_picture_for_each_budget(page):
    list(adversarial.attack(page, MASTIFF, *values(own_size=True, target=-1)))
    *_, blind = adversarial_sections.prepare_blind(request=page)
    assert [rung["epsilon"] for rung in blind["rungs"]] == [1, 2, 4, 8, 16, 32]


def test_targets_that_are_no_class_are_settled_on_the_photo(page):
    list(adversarial.attack(page, MASTIFF, *values(target=-2, steps=1)))
    least = last_work(page)
    assert least.target == min(range(1000), key=least.verdict.before.__getitem__)
    list(adversarial.attack(page, MASTIFF, *values(target=-3, seed=5, steps=1)))
    drawn = last_work(page).target
    list(adversarial.attack(page, MASTIFF, *values(target=-3, seed=5, steps=1)))
    assert last_work(page).target == drawn != last_work(page).said


def test_what_it_says_already_and_no_attack_yet_get_a_sentence(page):
    with pytest.raises(gr.Error, match="already calls this photo “bull mastiff”"):
        list(adversarial.attack(page, MASTIFF, *values(target=243)))
    sizes, *_, maps = adversarial_sections.look_closer(request=page)
    assert "Nothing to ask about yet" in sizes
    assert not maps
    ((words, *_, told),) = adversarial_sections.try_controls(request=page)
    assert "Nothing to ask" in words
    assert told == {}  # no task is done by it
    ((words, told),) = adversarial_sections.defend_and_attack("blur", request=page)
    assert "Nothing to ask" in words
    assert "did" not in told
    assert "Nothing to ask" in next(adversarial_sections.prepare_blind(request=page))["waiting"]
    with pytest.raises(gr.Error, match="Press Start first"):
        adversarial_take.npz_file(request=page)
