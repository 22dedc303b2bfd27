"""Deadlines of follow-ups on the real calendar: swapped weekends, Spring Festival, a year not decreed yet."""

from __future__ import annotations

from datetime import date

import pytest

from edge import workdays
from edge.rules.deadlines import Calendar, workdays_after
from edge.rules.followup import Case, Limits, Stage, Standing, Step, deadline, standing

CHINA = Calendar(workdays.is_workday, workdays.knows)
LIMITS = Limits("test", "Asia/Shanghai", 2, 4, 5, 7, 15, 1)
FRIDAY = date(
    2026, 2, 13
)  # the last before Spring Festival, 15 to 23 February; Saturday 14 and 28 are worked


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, date(2026, 2, 14)),  # a Saturday that is worked
        (FRIDAY, 2, date(2026, 2, 24)),  # the festival between
        (FRIDAY, 5, date(2026, 2, 27)),
        (FRIDAY, 6, date(2026, 2, 28)),  # the other one
        (FRIDAY, 7, date(2026, 3, 2)),
        (date(2026, 2, 17), 0, date(2026, 2, 24)),  # in the festival: the first day that is worked
        (date(2026, 2, 17), 1, date(2026, 2, 24)),
        (date(2025, 9, 26), 2, date(2025, 9, 29)),  # Sunday 28 September is worked for the National Day
        (date(2025, 9, 26), 4, date(2025, 10, 9)),
        (date(2026, 11, 27), 5, date(2026, 12, 4)),  # a plain week
    ],
)
def test_working_days_are_those_that_were_decreed(day: date, count: int, last: date) -> None:
    assert workdays_after(day, count, CHINA).day == last
    assert workdays_after(day, count, CHINA).unknown == ()


def test_a_year_that_is_not_decreed_is_said_to_be_a_guess() -> None:
    far = date(2099, 12, 28)  # a Monday
    found = workdays_after(far, 5, CHINA)
    assert (found.day, found.unknown) == (date(2100, 1, 4), (2099, 2100))
    assert workdays.knows(2026)
    assert not workdays.knows(2099)


def test_a_calendar_without_working_days_is_told() -> None:
    with pytest.raises(ValueError, match="too few"):
        workdays_after(FRIDAY, 1, Calendar(lambda _: False, lambda _: True))


# --- the deadline of each step ---
def test_each_step_has_its_own_deadline() -> None:
    case = Case(date(2026, 11, 23), LIMITS)  # a Monday
    found = [deadline(case, CHINA)]
    for stage in (Stage.VERIFIED, Stage.EXPLAINED, Stage.FED_BACK, Stage.CLOSED):
        case = case.after(Step(stage, date(2026, 11, 24), "张"))
        found.append(deadline(case, CHINA))
    days = [each and each.day for each in found]
    assert days == [date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 2), None]


def test_what_was_promised_is_due_on_its_date_or_the_next_working_day() -> None:
    case = Case(date(2026, 11, 23), LIMITS).after(Step(Stage.VERIFIED, date(2026, 11, 24), "张"))
    saturday = date(2026, 12, 12)
    case = case.after(Step(Stage.RECTIFY_BY, date(2026, 11, 24), "张", until=saturday))
    due = deadline(case, CHINA)
    assert due
    assert due.day == date(2026, 12, 14)
    closed = deadline(case.after(Step(Stage.FED_BACK, saturday, "张")), CHINA)
    assert closed
    assert closed.day == date(2026, 12, 16), "two working days later, as after any other answer"


def test_a_case_is_reminded_of_before_at_and_after_its_deadline() -> None:
    case = Case(FRIDAY, LIMITS)  # to be verified by 24 February
    days = {
        date(2026, 2, 13): Standing.OPEN,
        date(2026, 2, 14): Standing.SOON,  # one working day before
        date(2026, 2, 18): Standing.SOON,  # in the festival
        date(2026, 2, 24): Standing.DUE,
        date(2026, 2, 25): Standing.OVERDUE,
        date(1970, 1, 1): Standing.OPEN,  # a clock that has lost its time
    }
    assert {day: standing(case, day, CHINA) for day in days} == days


def test_a_closed_case_is_never_overdue() -> None:
    case = Case(FRIDAY, LIMITS, (Step(Stage.CLOSED, FRIDAY, "张"),))
    assert standing(case, date(2030, 1, 1), CHINA) is Standing.CLOSED


@pytest.mark.parametrize(
    "days",
    [
        (0, 4, 5, 7, 15, 1),
        (5, 4, 5, 7, 15, 1),
        (2, 4, 5, 4, 15, 1),
        (2, 4, 5, 7, 4, 1),
        (2, 4, 5, 7, 15, -1),
        (2, 4, 5, 251, 15, 1),
        (2, 4, 5, 7, 251, 1),
        (2, 4, 5, 7, 15, 251),
    ],
)
def test_limits_that_contradict_are_refused(days: tuple[int, int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must hold"):
        Limits("test", "Asia/Shanghai", *days)
