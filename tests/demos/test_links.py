"""Links: what is told comes back, and what no dial allows is refused by name."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos._links import Asked, LinkFormat, one_of, real, whole, yes_or_no

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
