"""The dials of the Adversarial tab: what comes from outside is checked, what stands in a file comes back."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from core.attacks.saved import read_png
from demos import adversarial, adversarial_sections, adversarial_take
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


@pytest.mark.parametrize("changed", [{"target": -1}, {"own_size": True}])
def test_every_section_answers_any_attack(page, changed):
    list(adversarial.attack(page, MASTIFF, *values(**changed)))
    sizes, top, levels, maps = adversarial_sections.look_closer(request=page)
    assert "SSIM" in sizes
    assert len(top["groups"]) == len(maps) == 2
    assert sum(row["share"] for row in levels["groups"][0]["rows"]) == pytest.approx(1)
    alike, line, table = adversarial_sections.try_controls(request=page)
    assert len(alike) == 3
    assert len(line["series"]) == 2
    assert table.count("<tr") > 3
    assert check((frame,) for frame in adversarial_sections.defend_and_attack("blur", request=page)) == 3
    *_, blind = adversarial_sections.prepare_blind(request=page)
    assert [rung["epsilon"] for rung in blind["rungs"]] == [1, 2, 4, 8, 16, 32]
    assert adversarial_take.npz_file(request=page)["value"].endswith(".npz")
    assert adversarial_take.gif_file(request=page)["value"].endswith(".gif")


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
    assert "Nothing to ask" in adversarial_sections.try_controls(request=page)[-1]
    assert "Nothing to ask" in next(adversarial_sections.defend_and_attack("blur", request=page))
    assert "Nothing to ask" in next(adversarial_sections.prepare_blind(request=page))["waiting"]
    with pytest.raises(gr.Error, match="Press Start first"):
        adversarial_take.npz_file(request=page)
