"""The business day is the hall's local day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drivers.messages import Instant, KeyAction, Result
from edge.rules import local_day
from edge.rules.effects import CancelTimer, Display, Print, Show
from edge.rules.model import Even, State
from edge.wire import DayOpened, PaceCarried, RatingMissed, ServiceFinished, StaffLoggedOut, TicketNoShow
from tests.unit.rules_kit import CHINA, NINE, TODAY, TOMORROW, Play, kinds, refusal

MIDNIGHT = datetime(2024, 5, 7, tzinfo=CHINA)


@pytest.fixture
def play() -> Play:
    play = Play()
    play.staff("1", "2", "3")
    return play


def test_the_first_input_opens_the_day() -> None:
    play = Play()
    decision = play.take()
    assert kinds(decision) == ["day.opened", "ticket.reserved"]
    assert decision.facts[0] == DayOpened(day=TODAY)


def test_even_a_refused_input_opens_the_day() -> None:
    play = Play()
    decision = play.key("1", KeyAction.CALL)
    assert decision.facts == (DayOpened(day=TODAY),)
    assert decision.rejection is not None and decision.rejection.code == "not_logged_in"


def test_numbers_begin_again_and_yesterdays_tickets_are_over(play: Play) -> None:
    play.join()
    play.join()
    play.at(MIDNIGHT)

    assert play.join() == "A001"
    assert list(play.state.tickets) == ["A001"]
    play.staff("1")
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A001"
    assert refusal(play.key("1", KeyAction.CALL)) == "queue_empty"


def test_a_session_of_yesterday_gets_a_ticket_of_today(play: Play) -> None:
    play.take("tax", "s1")
    play.printed("A001")
    play.join()
    play.at(MIDNIGHT)
    assert kinds(play.take("tax", "s1"))[-1] == "ticket.reserved"


def test_what_is_open_at_the_windows_is_closed_before_the_new_day_opens(play: Play) -> None:
    for _ in range(3):
        play.join()
    play.join("permit")
    play.serve("1")
    play.key("1", KeyAction.CALL)
    play.key("2", KeyAction.CALL)
    play.key("2", KeyAction.START)
    play.at(MIDNIGHT)
    decision = play.fire("day")

    act1, act3 = f"{TODAY}/A001", f"{TODAY}/A003"
    *closing, carried = decision.facts
    assert closing == [
        RatingMissed(act=act1, ticket="A001", window="1", staff="1001", reason="day_end"),
        TicketNoShow(ticket="A002", window="1", staff="1001"),
        StaffLoggedOut(window="1", staff="1001", reason="day_end"),
        ServiceFinished(act=act3, ticket="A003", window="2", staff="1002", rating_asked=False),
        RatingMissed(act=act3, ticket="A003", window="2", staff="1002", reason="day_end"),
        StaffLoggedOut(window="2", staff="1002", reason="day_end"),
        StaffLoggedOut(window="3", staff="1003", reason="day_end"),
        DayOpened(day=TOMORROW),
    ]
    assert isinstance(carried, PaceCarried), "how long A001 took"
    assert play.state == State(TOMORROW, Even(play.now().moment), earlier=play.state.earlier)


def test_timers_of_the_old_day_are_cancelled_and_windows_shown_as_closed(play: Play) -> None:
    play.join()
    play.serve("1")
    play.take()
    play.printed("A002", Result.UNKNOWN)
    play.at(MIDNIGHT)
    told = set(play.fire("day").effects)

    timers = (f"rating:{TODAY}/A001", f"print:{TODAY}/A002", f"print_limit:{TODAY}/A002")
    assert {CancelTimer(timer) for timer in timers} <= told
    for window in "123":
        assert {Show(window, "窗口关闭", "yellow"), Display(window, "")} <= told


def test_timers_of_the_old_day_that_fire_all_the_same_do_nothing(play: Play) -> None:
    play.take()
    play.printed("A001", Result.UNKNOWN)
    play.at(MIDNIGHT)
    play.take()
    play.printed("A001", Result.UNKNOWN)

    for kind in ("print", "print_limit", "rating"):
        late = play.fire(f"{kind}:{TODAY}/A001")
        assert (late.facts, late.effects) == ((), ())
    assert play.fire(f"print:{TOMORROW}/A001").effects == (Print("A001", TOMORROW, copy=True),)


def test_a_slip_printed_over_midnight_is_of_no_ticket_of_today(play: Play) -> None:
    play.take()
    play.at(MIDNIGHT)
    play.take()
    assert play.printed("A001", Result.FAILED, day=TODAY).facts == ()
    assert play.phase("A001") == "reserved"


def test_utc_midnight_means_nothing(play: Play) -> None:
    play.at(datetime(2024, 5, 6, 23, 59, tzinfo=UTC) - timedelta(days=1))  # 07:59 in the hall
    assert play.join() == "A001"
    play.at(datetime(2024, 5, 6, 0, 1, tzinfo=UTC))
    assert play.join() == "A002"


def test_a_clock_set_back_over_midnight_does_not_reopen_yesterday(play: Play) -> None:
    play.at(MIDNIGHT + timedelta(minutes=5))
    play.join()
    play.at(MIDNIGHT - timedelta(minutes=5))

    assert play.join() == "A002"
    play.at(MIDNIGHT + timedelta(minutes=5))
    assert play.join() == "A003"
    assert play.state.day == TOMORROW


def test_a_clock_that_is_not_set_opens_no_new_day(play: Play) -> None:
    play.join()
    play.clock_ok = False
    play.at(MIDNIGHT + timedelta(days=3000))
    assert play.join() == "A002"
    play.clock_ok = True
    assert play.join() == "A001"


def test_any_clock_will_do_where_no_day_is_open() -> None:
    play = Play()
    play.clock_ok = False
    assert play.join() == "A001"
    assert play.state.day == TODAY


def test_idle_days_leave_no_trace(play: Play) -> None:
    play.join()
    play.at(NINE + timedelta(days=3))
    decision = play.take()
    assert [fact for fact in decision.facts if isinstance(fact, DayOpened)] == [DayOpened(day="2024-05-09")]
    assert decision.answer["ticket"] == "A001"


def test_a_restart_on_the_next_day_opens_it(play: Play) -> None:
    play.take()
    play.at(MIDNIGHT)
    decision = play.restart()
    assert kinds(decision)[-1] == "day.opened"
    assert not [effect for effect in decision.effects if isinstance(effect, Print)]
    assert play.state == State(TOMORROW, Even(play.now().moment))


def test_a_timer_of_no_rule_only_lets_a_day_open(play: Play) -> None:
    for timer in ("day", "", "rating:", f"other:{TODAY}/A001"):
        play.join()
        assert play.fire(timer).facts == ()


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2024-05-06T15:59:59+00:00", "Asia/Shanghai", "2024-05-06"),
        ("2024-05-06T16:00:00+00:00", "Asia/Shanghai", "2024-05-07"),
        ("2024-05-06T17:59:59+00:00", "Asia/Urumqi", "2024-05-06"),
        ("2024-10-27T22:59:59+00:00", "Europe/Berlin", "2024-10-27"),  # the day of 25 hours
        ("2024-10-27T23:00:00+00:00", "Europe/Berlin", "2024-10-28"),
    ],
)
def test_the_local_day_is_what_the_halls_clocks_show(moment: str, zone: str, day: str) -> None:
    instant = Instant(datetime.fromisoformat(moment).timestamp(), 0.0, clock_ok=True)
    assert local_day(instant, ZoneInfo(zone)) == day
