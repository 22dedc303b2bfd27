"""The table of reasons, and what is refused of a rating that carries some."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.model import Rate
from edge.rules.reasons import Reasons
from edge.settings.reasons import TABLES, Edition, load_reasons
from edge.wire import FACTS, RatingGiven
from tests.golden.rating_reasons import EDITION_2020
from tests.unit.rules_kit import TODAY, TOMORROW, Play, a_hall, refusal

TABLE = load_reasons("2020")
ACT = f"{TODAY}/A001"


def at_the_pad() -> Play:
    """Window 1 has finished A001; A002 is being served at window 2."""
    play = Play(a_hall(reasons=TABLE))
    play.staff("1", "2")
    play.join()
    play.join()
    play.serve("1")
    return play


@pytest.fixture
def play() -> Play:
    return at_the_pad()


def rate(level: int, *reasons: int, act: str = "") -> Rate:
    return Rate("1", level, level, reasons, act)  # type: ignore[arg-type] # a level is 1 to 5 here


# --- the table ---
def test_the_codes_and_their_words_are_those_of_the_standard() -> None:
    assert {code: reason.zh for code, reason in TABLE.by_code.items()} == EDITION_2020


def test_every_level_has_its_eight_reasons_and_their_english() -> None:
    assert Counter(reason.level for reason in TABLE.by_code.values()) == dict.fromkeys((5, 4, 3, 2, 1), 8)
    english = [reason.en for reason in TABLE.by_code.values()]
    assert all(re.fullmatch(r"[\x20-\x7e]+", text) for text in english)
    assert len(set(english)) == len(english)


def test_every_edition_is_a_file_that_names_it() -> None:
    assert {path.stem for path in TABLES.glob("*.toml")} == set(get_args(Edition))
    assert all(load_reasons(edition).version == edition for edition in get_args(Edition))


# --- what is taken ---
@given(level=st.integers(1, 5), data=st.data())
def test_any_codes_of_the_level_are_kept_as_they_were_given(level: int, data: st.DataObject) -> None:
    own = [code for code in EDITION_2020 if code // 100 == level]
    codes = tuple(data.draw(st.lists(st.sampled_from(own), unique=True)))
    (fact,) = at_the_pad().do(rate(level, *codes)).facts
    assert isinstance(fact, RatingGiven)
    assert (fact.level, fact.reasons) == (level, codes)


def test_what_is_kept_names_the_edition(play: Play) -> None:
    (fact,) = play.do(rate(2, 213, 209)).facts
    assert isinstance(fact, RatingGiven)
    assert (fact.reasons, fact.indicator_version) == ((213, 209), "2020")


def test_without_reasons_there_is_no_edition_to_name(play: Play) -> None:
    (fact,) = play.do(rate(2)).facts
    assert isinstance(fact, RatingGiven)
    assert (fact.reasons, fact.indicator_version) == ((), "")


def test_a_rating_from_before_there_were_reasons_is_read() -> None:
    old = {
        "kind": "rating.given",
        "act": ACT,
        "ticket": "A001",
        "window": "1",
        "staff": "1",
        "level": 5,
        "raw": 3,
    }
    fact = FACTS.validate_python(old)
    assert isinstance(fact, RatingGiven)
    assert (fact.reasons, fact.indicator_version) == ((), "")


# --- what is refused, and then nothing has changed ---
@pytest.mark.parametrize(
    ("level", "reasons", "code"),
    [
        (2, (299,), "unknown_reason"),
        (2, (213, -213), "unknown_reason"),
        (2, (510,), "reason_of_other_level"),
        (1, (108, 213), "reason_of_other_level"),
        (5, (510, 511, 510), "reason_twice"),
    ],
)
def test_codes_that_do_not_fit(play: Play, level: int, reasons: tuple[int, ...], code: str) -> None:
    decision = play.do(rate(level, *reasons))
    assert refusal(decision) == code
    assert decision.rejection
    wrong = str(reasons[-1])
    assert wrong in decision.rejection.zh
    assert wrong in decision.rejection.en
    assert play.do(rate(level)).rejection is None, "the act can still be rated"


def test_a_hall_without_a_table_takes_no_reasons() -> None:
    play = at_the_pad()
    play.hall = replace(play.hall, reasons=Reasons())
    assert refusal(play.do(rate(5, 510))) == "unknown_reason"
    assert play.do(rate(5)).rejection is None


# --- whose act ---
def test_an_act_that_is_named_is_rated_once(play: Play) -> None:
    (fact,) = play.do(rate(4, act=ACT)).facts
    assert isinstance(fact, RatingGiven)
    assert fact.act == ACT
    assert refusal(play.do(rate(1, act=ACT))) == "rating_over"


def test_a_slow_screen_does_not_rate_the_next_citizens_act(play: Play) -> None:
    play.join()
    second = play.serve("1")
    assert refusal(play.do(rate(1, act=ACT))) == "rating_over"
    (fact,) = play.do(rate(5)).facts
    assert isinstance(fact, RatingGiven)
    assert fact.ticket == second


@pytest.mark.parametrize("act", [f"{TODAY}/A777", f"{TOMORROW}/A001", "A001", "/"])
def test_an_act_that_there_is_not(play: Play, act: str) -> None:
    assert refusal(play.do(rate(5, act=act))) == "unknown_act"


def test_an_act_that_is_not_over(play: Play) -> None:
    assert refusal(play.do(rate(5, act=f"{TODAY}/A002"))) == "act_not_over"


def test_an_act_that_waits_at_another_window(play: Play) -> None:
    play.serve("2")
    assert refusal(play.do(rate(5, act=f"{TODAY}/A002"))) == "rating_over"
