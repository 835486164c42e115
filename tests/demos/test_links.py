"""Links: what is told comes back, and what no dial allows is refused by name."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.finetune.learner import TuneSettings
from core.texts import load_section
from demos import _maps_link as maps_link
from demos import finetune_dials
from demos._dial_setter import DialSetter
from demos._links import LONGEST, Asked, LinkFormat, code, one_of, real, whole, yes_or_no
from demos._sessions import SESSIONS
from demos.finetune_work import Work
from demos.ideal_image_dials import DIALS

LINK = LinkFormat(
    tab="somewhere",
    fields={"steps": whole(1, 64), "rate": real(0.01, 2.0), "way": one_of(["a", "b c"]), "moved": yes_or_no},
)


def asked(**settings: object) -> Asked:
    return LINK.read(SimpleNamespace(_data={"asked": settings}))


@given(
    steps=st.integers(1, 64),
    rate=st.floats(0.01, 2.0),
    way=st.sampled_from(["a", "b c"]),
    moved=st.booleans(),
)
def test_settings_survive_the_address(**settings):
    words = dict(parse_qsl(urlencode(LINK.value(settings)["settings"])))
    assert asked(**words) == Asked(settings=settings, given=True)


def test_what_no_dial_allows_is_refused_by_name_and_the_rest_is_taken():
    found = asked(steps="65", rate="nan", way="c", moved="2", utm_source="x")
    assert found.settings == {}
    assert found.refused == ("steps", "rate", "way", "moved")
    assert "steps, rate, way, moved" in found.told()
    mixed = asked(steps="7", rate="1e999")
    assert (mixed.settings, mixed.refused) == ({"steps": 7}, ("rate",))


@given(
    st.dictionaries(
        st.sampled_from([*LINK.fields, "other"]),
        st.text("019.-+einfa \u0663", max_size=8) | st.integers() | st.none(),
    )
)
def test_nothing_that_a_link_says_makes_an_error(words):
    assert set(asked(**words).settings) <= set(LINK.fields)


@pytest.mark.parametrize("data", [None, {}, {"asked": None}, {"asked": "steps=3"}, []])
def test_a_page_that_was_opened_without_a_link_asks_for_nothing(data):
    found = LINK.read(SimpleNamespace(_data=data))
    assert found == Asked()
    assert found.told() is None


def test_a_setting_that_could_not_be_read_back_is_not_told():
    assert LINK.value({"steps": 3, "way": None}) == {"settings": {"steps": "3"}, "told": None}
    with pytest.raises(ValueError, match="65"):
        LINK.value({"steps": 65})
    with pytest.raises(ValueError, match="none of steps, rate, way, moved"):
        LINK.value({"seed": 1})


def test_the_longest_link_has_a_code():
    address = f"https://192.168.1.20:7860/?tab=kernels&kernel={'_'.join(['-0.123457'] * 49)}&border=zero"
    assert code(address).startswith("<svg")
    assert code("x" * LONGEST).startswith("<svg")


@pytest.mark.parametrize("nonsense", [None, "", [], {"address": "x"}, 7, "x" * (LONGEST + 1)])
def test_what_is_no_address_has_no_code(nonsense):
    assert code(nonsense) == ""


@given(
    name=st.sampled_from(["textures", "digits", "shapes"]),
    network=st.sampled_from(finetune_dials.NETWORKS),
    held_out=st.floats(*finetune_dials.FitSettings.HELD_OUT_RANGE),
    seed=st.integers(*finetune_dials.FitSettings.SEED_RANGE),
    depth=st.sampled_from(finetune_dials.CHOICES_OF_DEPTH),
    rate=st.sampled_from(TuneSettings.RATES),
    batch=st.sampled_from(TuneSettings.BATCHES),
    augment=st.booleans(),
)
def test_the_dials_of_fine_tune_survive_the_address(
    name, network, held_out, seed, depth, rate, batch, augment
):
    dials = finetune_dials.dials_of(network, held_out, 150, seed, depth, 3, rate, batch, augment)
    words = json.loads(finetune_dials.link_value(Work(base=None, example=name, dials=dials)))["settings"]
    found = finetune_dials.LINK.read(SimpleNamespace(_data={"asked": dict(parse_qsl(urlencode(words)))}))
    assert found.refused == ()
    assert finetune_dials.asked_for(found) == (name, dials, None)


def test_a_set_that_is_not_here_is_not_fetched_for_a_link(monkeypatch):
    monkeypatch.setattr(finetune_dials, "bytes_to_fetch", lambda name: 5_000_000)
    name, dials, told = finetune_dials.asked_for(
        Asked(settings={"set": "breeds"}, refused=("seed",), given=True)
    )
    assert (name, dials) == (finetune_dials.FIRST_SET, finetune_dials.FIRST)
    assert "37 breeds" in told
    assert "seed" in told


def test_photos_of_ones_own_have_no_link():
    assert set(json.loads(finetune_dials.link_value(Work(base=None)))) == {"told"}


def test_a_layer_and_a_channel_must_be_the_networks():
    def found(**settings):
        asked = maps_link.within_network(
            Asked(settings={"network": "efficientnet_lite0", **settings}, given=True)
        )
        return {key: each for key, each in asked.settings.items() if key != "network"}, asked.refused

    assert found(layer="block2_1", channel=3) == ({"layer": "block2_1", "channel": 3}, ())
    assert found(layer="conv3_1", channel=3, view="why") == ({"view": "why"}, ("layer", "channel"))
    assert found(layer="block2_1", channel=8000) == ({"layer": "block2_1"}, ("channel",))
    assert found(channel=8000) == ({}, ("channel",))


@pytest.mark.parametrize("word", ["", "../x", "conv 3", "x" * 61, "<b>"])
def test_what_is_no_name_is_no_layer(word):
    found = maps_link.LINK.read(SimpleNamespace(_data={"asked": {"layer": word}}))
    assert found.refused == ("layer",)


def test_a_network_that_a_link_sets_keeps_the_links_dials():
    page = SimpleNamespace(session_hash="page of links")
    setter = DialSetter(load_section("ideal_image"))
    event = SimpleNamespace(_data={"asked": {"network": "vgg16_catdog", "goal": "1", "rate": "0.31"}})
    try:
        updates = dict(zip(DIALS, setter.take_link(setter.first.network, event, page), strict=False))
        assert updates["rate"]["value"] == 0.31
        as_linked = setter.change_network("vgg16_catdog", 1, "fourier", page)
        assert not any("value" in each for each in as_linked if isinstance(each, dict))
        chosen = dict(zip(DIALS, setter.change_network("vgg16_catdog", 1, "fourier", page), strict=True))
        assert chosen["rate"]["value"] != 0.31
    finally:
        SESSIONS.end_now(page.session_hash)


def test_back_to_the_beginning_is_a_link_without_settings():
    page = SimpleNamespace(session_hash="page of beginnings")
    setter = DialSetter(load_section("ideal_image"))
    *updates, shown, draws = setter.take_link("vgg16_catdog", SimpleNamespace(_data={"asked": {}}), page)
    SESSIONS.end_now(page.session_hash)
    values = {
        name: each.get("value") for name, each in zip(DIALS, updates, strict=True) if isinstance(each, dict)
    }
    assert not draws
    assert shown["settings"]["goal"] == "284"
    assert (values["network"], values["steps"], values["kind"], values["start"]) == (
        setter.first.network,
        setter.first.settings.steps,
        "class",
        "noise",
    )
