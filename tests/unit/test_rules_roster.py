"""Which windows are to be open when, and what a citizen may take a ticket of."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from edge.rules.model import Shift
from edge.rules.roster import OPEN, Offer, When, clock, offer, window_hours
from edge.workdays import is_workday
from tests.unit.rules_kit import CHINA, Play, a_hall, refusal

MORNING, AFTERNOON = (8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)
MONDAY = date(2024, 5, 6)
WORK = Shift(("workdays",), (MORNING, AFTERNOON))


def at(hour: int, minute: int = 0, day: date = MONDAY, *, workday: bool = True) -> When:
    return When(day, hour * 60 + minute, workday)


def found(moment: When | None, *roster: Shift, service: str = "tax") -> Offer:
    return offer(a_hall(roster=roster), service, moment)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(8, 29), Offer(False, MORNING[0])),
        (at(8, 30), OPEN),
        (at(11, 59), OPEN),
        (at(12), Offer(False, AFTERNOON[0])),
        (at(13, 30), OPEN),
        (at(17, 30), Offer(False)),
        (at(9, workday=False), Offer(False)),
    ],
)
def test_a_service_is_open_within_the_hours_of_its_windows(moment: When, expected: Offer) -> None:
    assert found(moment, WORK) == expected


def test_without_a_roster_or_a_clock_all_is_open() -> None:
    assert found(at(3)) == OPEN
    assert found(None, WORK) == OPEN


def test_a_window_that_no_row_names_keeps_its_services_open() -> None:
    only_1 = Shift(("workdays",), (MORNING,), windows=("1",))
    assert found(at(20), only_1) == OPEN, "window 2 serves it, whenever it is staffed"
    only_3 = Shift(("workdays",), (MORNING,), windows=("3",))
    assert found(at(20), only_3, service="permit") == Offer(False)
    assert found(at(20), WORK, service="marriage") == OPEN, "no window serves it: not the roster's matter"


def test_a_row_may_give_some_of_a_windows_services_only() -> None:
    weekend = Shift(("sat", "sun"), (MORNING,), windows=("2",), services=("land",))
    saturday = at(9, day=date(2024, 5, 4), workday=False)
    assert found(saturday, WORK, weekend, service="land") == OPEN
    assert found(saturday, WORK, weekend, service="tax") == Offer(False)


def test_a_dated_row_stands_in_the_place_of_the_others_of_its_windows() -> None:
    day_off = Shift((MONDAY.isoformat(),), (), windows=("3",))
    assert found(at(9), WORK, day_off, service="permit") == Offer(False)
    assert found(at(9), WORK, day_off, service="tax") == OPEN
    duty = Shift((MONDAY.isoformat(),), ((600, 660),))
    assert found(at(9), WORK, duty) == Offer(False, 600)


def test_a_window_is_to_be_open_in_its_hours() -> None:
    hall = a_hall(roster=(Shift(("workdays",), (MORNING,), windows=("1",)),))
    assert window_hours(hall, "1", at(9)) == OPEN
    assert window_hours(hall, "1", at(7)) == Offer(False, MORNING[0])
    assert window_hours(hall, "2", at(7)) == OPEN
    assert clock(MORNING[0]) == "08:30"


# --- at the ticket machine ---
def a_play(hour: int, minute: int) -> Play:
    play = Play(a_hall(roster=(WORK,)))
    play.at(datetime(2024, 5, 6, hour, minute, tzinfo=CHINA))
    play.staff("1")
    return play


def test_a_ticket_at_noon_is_refused_with_the_time_to_come() -> None:
    play = a_play(12, 10)
    decision = play.take()
    assert refusal(decision) == "closed_until"
    assert decision.rejection and "13:30" in decision.rejection.zh and "13:30" in decision.rejection.en
    assert play.state.tickets == {}


def test_a_ticket_after_hours_is_refused_for_the_day() -> None:
    assert refusal(a_play(18, 0).take()) == "closed_today"


def test_who_has_a_ticket_is_told_it_and_served_after_hours_too() -> None:
    play = a_play(11, 59)
    play.take(session="early", can_show=True)
    play.printed("A001")
    play.passes(120)
    assert play.take(session="early").answer["ticket"] == "A001"
    assert play.serve("1") == "A001"


def test_extended_hours_are_a_row_beside_the_others() -> None:
    late = Shift(("wed",), ((17 * 60 + 30, 20 * 60),), windows=("1",), services=("tax",))
    wednesday = date(2024, 5, 8)
    assert found(at(18), WORK, late) == Offer(False), "a Monday"
    assert found(at(18, day=wednesday), WORK, late) == OPEN
    assert found(at(18, day=wednesday), WORK, late, service="land") == Offer(False)
    assert found(at(12, 30, day=wednesday), WORK, late) == Offer(False, AFTERNOON[0]), "the usual hours stand"
    assert found(at(20, day=wednesday), WORK, late) == Offer(False)


def test_on_the_fourth_of_the_new_year_there_is_a_window_on_duty() -> None:
    fourth = date(2024, 2, 13)  # the year begins on 10 February 2024
    assert not is_workday(fourth)
    duty = Shift((fourth.isoformat(),), ((9 * 60, 12 * 60),), windows=("2",), services=("land",))
    morning = at(10, day=fourth, workday=False)
    assert found(morning, WORK, duty, service="land") == OPEN
    assert found(morning, WORK, duty) == Offer(False)
    hall = a_hall(roster=(WORK, duty))
    assert [window_hours(hall, each, morning).is_open for each in hall.windows] == [False, True, False]
    assert found(at(10, day=date(2024, 2, 14), workday=False), WORK, duty, service="land") == Offer(False)


def test_on_a_clock_that_was_not_set_nobody_is_sent_away() -> None:
    play = a_play(12, 10)
    play.clock_ok = False
    assert play.take().rejection is None


# --- the calendar ---
@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 2, 14), True),  # a Saturday, worked for the Spring Festival
        (date(2026, 2, 28), True),
        (date(2026, 3, 7), False),
        (date(2026, 3, 9), True),
        (date(2099, 1, 1), True),  # a Thursday of a year that nobody knows yet
        (date(2099, 1, 3), False),
    ],
)
def test_working_days_are_those_decreed(day: date, worked: bool) -> None:
    assert is_workday(day) is worked


def test_a_year_that_is_not_known_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    for day in (1, 2, 5, 6):
        is_workday(date(2098, 1, day))
    assert [record.message for record in caplog.records if "2098" in record.message] == [
        "the holidays of 2098 are not known: update chinesecalendar; until then Mon-Fri is worked"
    ]
