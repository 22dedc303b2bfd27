"""The wait that a newcomer is told, in cases that can be reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from drivers.messages import KeyAction
from edge.rules.before import REACT_S, TURN_S
from edge.rules.bookings import Book, CheckIn
from edge.rules.model import ComeBack, Service, Shift, Transfer, Window
from edge.rules.pace import AWAY_S
from edge.rules.projects import Lane, OpenProject, Step, StepDone
from edge.rules.speed import speed
from edge.wire import TicketReserved, told_min
from tests.unit.rules_kit import NINE, PRIORITIES, TODAY, Play, a_hall

TAX_S = 600.0
MORNING = Shift(("mon",), ((510, 720), (810, 1020)))  # 8:30–12:00, 13:30–17:00
SERVICES = {
    "tax": Service("tax", "税务", "A", TAX_S),
    "land": Service("land", "不动产登记", "B", 300.0),
    "permit": Service("permit", "行政许可", "C"),
}


def hall_of(**changes: object) -> Play:
    play = Play(a_hall(services=SERVICES, **changes))
    play.take("permit")  # so that the day is open
    return play


def reserved(play: Play, service: str = "tax", priority: str = "") -> TicketReserved:
    taken = play.take(service, priority=priority).facts[0]
    assert isinstance(taken, TicketReserved)
    return taken


def told(play: Play, service: str = "tax", priority: str = "") -> tuple[int, int]:
    """P50 and P90 of who takes a ticket now, who then joins the queue."""
    fact = reserved(play, service, priority)
    play.printed(fact.ticket)
    assert fact.wait_p50_s is not None
    assert fact.wait_p90_s is not None
    return fact.wait_p50_s, fact.wait_p90_s


def one_window(**changes: object) -> Play:
    return hall_of(windows={"1": Window("1", "1号窗口", ("tax",))}, **changes)


# --- nothing to be known ---
def test_nothing_is_told_where_nobody_is_at_a_window() -> None:
    play = hall_of()
    decision = play.take("tax")
    fact = decision.facts[0]
    assert isinstance(fact, TicketReserved)
    assert (fact.wait_p50_s, fact.wait_p90_s) == (None, None)
    assert "wait_from_min" not in decision.answer


def test_nor_where_those_who_are_there_cannot_serve_it() -> None:
    play = hall_of()
    play.staff("3")
    assert reserved(play, "tax").wait_p50_s is None


def test_a_window_that_has_paused_does_not_count_without_hours_of_its_own() -> None:
    play = one_window()
    play.staff("1")
    play.key("1", KeyAction.PAUSE)
    assert reserved(play).wait_p50_s is None


def test_nothing_is_told_of_a_wait_that_would_end_after_closing() -> None:
    play = one_window(roster=(MORNING,))
    play.at(NINE + timedelta(hours=7, minutes=30))
    play.staff("1")
    assert told(play)[0] < 60
    for _ in range(4):
        play.join()
    assert reserved(play).wait_p50_s is None, "five acts of ten minutes end after 17:00"


# --- what is ahead ---
def test_who_finds_a_window_free_waits_for_its_turn_only() -> None:
    play = one_window()
    play.staff("1")
    assert told(play)[0] <= TURN_S


def test_each_one_ahead_is_an_act_more() -> None:
    play = one_window()
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)
    waits = [told(play) for _ in range(12)]
    steps = [after[0] - before[0] for before, after in pairwise(waits[2:])]
    one_s = speed(play.state, play.hall).taken_s("tax")
    assert all(abs(step - one_s) < 0.1 * one_s for step in steps)
    shares = [p90 / p50 for p50, p90 in waits]
    assert shares == sorted(shares, reverse=True), "the more are ahead, the less one of them counts"
    assert 1.2 < shares[-1] < shares[0] < 3


def test_two_windows_halve_it() -> None:
    one, two = hall_of(), hall_of()
    one.staff("1")
    two.staff("1", "2")
    for _ in range(9):
        one.join()
        two.join()
    assert told(two)[0] == pytest.approx(told(one)[0] / 2, rel=0.15)


def test_those_of_another_service_count_where_they_share_a_window() -> None:
    play = hall_of()
    play.staff("2")  # tax and land
    before = told(play, "land")[0]
    for _ in range(3):
        play.join("tax")
    assert told(play, "land")[0] > before + 2 * TAX_S
    free = hall_of()
    free.staff("1", "2")
    alone = told(free, "land")[0]
    free.join("permit")
    assert told(free, "land")[0] - alone < TAX_S, "permit has a window of its own"


def test_a_strict_class_waits_for_the_act_under_way_only_and_the_ordinary_for_it() -> None:
    play = one_window(priorities=PRIORITIES)
    play.staff("1")
    for _ in range(5):
        play.join()
    ordinary = told(play)
    soldier = told(play, priority="soldier")
    assert soldier[0] < TAX_S < ordinary[0]
    assert told(play)[0] > ordinary[0] + 1.5 * TAX_S * 0.8, "two are ahead more than of him before"


def test_who_is_put_by_is_ahead_of_those_who_wait_longer_than_that() -> None:
    def waits_with(minutes: str) -> tuple[int, int]:
        """Of the next, and of one more."""
        play = one_window()
        play.staff("1")
        play.join()
        play.key("1", KeyAction.CALL)
        play.key("1", KeyAction.HOLD, minutes)
        return told(play)[0], told(play)[0]

    (first, second), (_, later) = waits_with("5"), waits_with("90")
    assert first <= TURN_S, "until he is back the window is free for others"
    assert second > later + 0.5 * TAX_S, "and then he is the next"


def test_an_appointment_is_ahead_of_those_who_wait_until_its_time() -> None:
    def wait_behind(ahead: int, booked: str, *, checks_in: bool = False) -> int:
        play = one_window()
        play.staff("1")
        hour, minute = booked.split(":")
        play.do(Book("ref-0001", "tax", TODAY, 60 * int(hour) + int(minute)))
        if checks_in:
            play.printed(str(play.do(CheckIn("ref-0001", "s1")).answer["ticket"]))
        for _ in range(ahead):
            play.join()
        return told(play)[0]

    alone = wait_behind(3, "16:00")
    assert wait_behind(0, "09:30") <= TURN_S, "his time has not come"
    assert wait_behind(3, "09:30") > alone + 0.5 * TAX_S, "9:20 is before the newcomer's turn"
    assert wait_behind(3, "09:30", checks_in=True) == wait_behind(3, "09:30")
    assert wait_behind(3, "09:50") == alone, "9:40 is not"


def test_who_was_sent_to_another_window_is_ahead_there_and_not_here() -> None:
    play = hall_of()
    play.staff("1", "2")
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    play.key("1", KeyAction.TRANSFER, "2")
    assert told(play, "tax")[0] <= TURN_S, "window 1 is free"
    assert told(play, "land")[0] > 0.5 * TAX_S, "window 2 has him first"


def test_the_act_under_way_counts_for_what_it_has_left() -> None:
    def wait_after(minutes: float) -> int:
        play = one_window()
        play.staff("1")
        play.join()
        play.key("1", KeyAction.CALL)
        play.passes(60 * minutes)
        return told(play)[0]

    fresh, old, older = (wait_after(minutes) for minutes in (0, 10, 60))
    assert fresh > old > older > 0.3 * TAX_S, "one that has lasted long goes on a while yet"


LANE = Lane(
    "big",
    "重大项目",
    (Step("1", "税务", "tax"), Step("2", "许可", "permit"), Step("3", "用地", "land", after=("2",))),
    limit_days=8,
    amber_days=6,
)
PROJECT = f"{TODAY}/A001"


def in_a_lane(*, opened: bool = True) -> Play:
    """Window 1 has a ticket for tax, in whose act a project was opened."""
    play = hall_of(express={"big": LANE})
    play.staff("1", "2", "3")
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    if opened:
        assert play.do(OpenProject("1", "big", "2024-05-15", "2024-05-13")).facts
    return play


def busy(play: Play, service: str, window: str, ahead: int) -> int:
    """What is told where the window is at work for the service, and so many wait for it."""
    play.join(service)
    play.key(window, KeyAction.CALL)
    for _ in range(ahead):
        play.join(service)
    return told(play, service)[0]


def test_a_step_that_a_ticket_in_an_express_lane_still_has_before_it_is_ahead() -> None:
    plain, lane = in_a_lane(opened=False), in_a_lane()
    one_s = speed(plain.state, plain.hall).taken_s("permit")
    assert busy(lane, "permit", "3", 2) == pytest.approx(busy(plain, "permit", "3", 2) + one_s, rel=0.15)
    plain, lane = in_a_lane(opened=False), in_a_lane()
    assert busy(lane, "land", "2", 5) > busy(plain, "land", "2", 5) + 120, "and the one after it, later on"
    plain, lane = in_a_lane(opened=False), in_a_lane()
    assert busy(lane, "land", "2", 0) == busy(plain, "land", "2", 0), "it is not there so soon"
    assert told(lane)[0] == told(plain)[0], "the step that is under way is no other act"


def test_a_step_that_is_done_and_a_ticket_that_is_gone_are_ahead_of_nobody() -> None:
    plain, lane = in_a_lane(opened=False), in_a_lane()
    lane.do(StepDone("3", PROJECT, "2"))
    assert busy(lane, "permit", "3", 2) == busy(plain, "permit", "3", 2)
    plain, lane = in_a_lane(opened=False), in_a_lane()
    for play in (plain, lane):
        play.key("1", KeyAction.FINISH)
    assert busy(lane, "permit", "3", 2) == busy(plain, "permit", "3", 2)


def test_a_ticket_that_is_sent_to_its_next_step_is_counted_there_once() -> None:
    plain, lane = in_a_lane(opened=False), in_a_lane()
    for play in (plain, lane):
        play.do(Transfer("1", service="permit"))
    assert told(lane, "permit") == told(plain, "permit")


def test_of_two_acts_under_way_the_first_is_over_before_either_on_the_mean() -> None:
    def wait_behind(*busy: str) -> int:
        play = hall_of(windows=windows)
        play.staff("1", "2")
        for window in busy:
            play.join()
            play.key(window, KeyAction.CALL)
        return told(play)[0]

    windows = {id_: Window(id_, f"{id_}号窗口", ("tax",)) for id_ in "12"}
    one = hall_of(windows={"1": windows["1"]})
    one.staff("1")
    one.join()
    one.key("1", KeyAction.CALL)
    assert wait_behind("1") <= TURN_S
    assert wait_behind("1", "2") == pytest.approx(told(one)[0] / 2, rel=0.1)


# --- the roster ---
def test_a_wait_into_lunch_is_longer_by_lunch() -> None:
    def wait_at(minutes: int) -> int:
        play = one_window(roster=(MORNING,))
        play.at(NINE + timedelta(minutes=minutes))
        play.staff("1")
        for _ in range(3):
            play.join()
        return told(play)[0]

    assert wait_at(170) == pytest.approx(wait_at(30) + 90 * 60, rel=0.15)  # 11:50 and 9:30


def test_whose_staff_are_late_is_counted_for_a_quarter_of_an_hour() -> None:
    play = one_window(roster=(MORNING,))
    play.at(NINE - timedelta(minutes=20))  # 8:40
    assert told(play)[0] < 60
    play.at(NINE - timedelta(minutes=10))
    afternoon_s = (13.5 - 8.83) * 3600
    assert told(play)[0] == pytest.approx(afternoon_s, rel=0.1)


def test_a_window_that_has_paused_is_back_after_a_while_in_its_hours() -> None:
    play = one_window(roster=(MORNING,))
    play.staff("1")
    play.key("1", KeyAction.PAUSE)
    assert told(play)[0] == 600


def test_a_row_for_some_services_counts_for_these() -> None:
    rows = (
        Shift(("mon",), ((510, 720),), ("2",), ("tax",)),
        Shift(("mon",), ((720, 1020),), ("2",), ("land",)),
    )
    play = hall_of(roster=rows)
    play.staff("2")
    assert told(play, "tax")[0] < 60
    fact = play.take("land")
    assert fact.rejection, "not to be taken before noon at all"


def test_without_a_clock_the_roster_does_not_count() -> None:
    play = one_window(roster=(MORNING,))
    play.staff("1")
    play.at(NINE + timedelta(hours=12))
    play.clock_ok = False
    assert told(play)[0] <= TURN_S


# --- what the day teaches ---
def served(play: Play, seconds: float, times: int, service: str = "tax") -> None:
    for _ in range(times):
        play.join(service)
        play.key("1" if service == "tax" else "2", KeyAction.CALL)
        play.passes(seconds)
        play.key("1" if service == "tax" else "2", KeyAction.FINISH)


def test_a_service_without_acts_goes_by_its_usual_time() -> None:
    play = hall_of()
    assert speed(play.state, play.hall).act_s == pytest.approx({"tax": 600, "land": 300, "permit": 480})


def test_thirty_acts_tell_more_than_the_usual_time_and_few_less() -> None:
    play = hall_of()
    play.staff("1")
    served(play, 1200, 2)
    few = speed(play.state, play.hall)
    served(play, 1200, 28)
    many = speed(play.state, play.hall)
    assert TAX_S < few.act_s["tax"] < 900
    assert many.act_s["tax"] == pytest.approx(1200, rel=0.06)
    assert many.doubt["tax"] < few.doubt["tax"]


def test_by_the_formula() -> None:
    """Ten acts of 20 minutes instead of 10, all alike: r = 2, v = 20·0.5 / (20 + 9)."""
    play = hall_of()
    play.staff("1")
    served(play, 1200, 10)
    v, w = 10 / 29, 1 / (0.06 + 0.5 / 10)
    g = (10 / 0.5 + 2 * w) / (10 / 0.5 + w)
    q = (5 * g + 10 * 2) / (5 + 10)
    own = 10 / (v * q**2)
    a = (4 * 0.06 + max(0.0, (2 - g) ** 2 - 1 / own)) / (4 + 1)
    f = (g / a + 2 * own) / (1 / a + own)
    known = speed(play.state, play.hall)
    assert known.act_s["tax"] == pytest.approx(600 * f)
    assert known.act_s["land"] == pytest.approx(300 * g), "the hall is slow today"
    assert known.spread == pytest.approx(v)
    assert known.doubt["tax"] == pytest.approx(1 / (1 / a + own) / f**2)
    assert known.doubt["land"] == pytest.approx(a / g**2)


def test_who_does_not_come_costs_a_window_less() -> None:
    play = one_window()
    play.staff("1")
    before = speed(play.state, play.hall).taken_s("tax")
    for _ in range(10):
        play.join()
        play.key("1", KeyAction.CALL)
        play.passes(60)
        play.key("1", KeyAction.SKIP)
    known = speed(play.state, play.hall)
    assert known.absent == pytest.approx(11 / 30)
    assert known.missed_s == pytest.approx((5 * 90 + 600) / 15)
    assert known.taken_s("tax") < before


def test_the_pause_between_two_tickets_is_learnt_where_others_waited() -> None:
    play = one_window()
    play.staff("1")
    for _ in range(4):
        play.join()
    served(play, 600, 1)
    play.passes(60)
    served(play, 600, 1)
    assert speed(play.state, play.hall).turn_s == pytest.approx((5 * TURN_S + 60) / 6)


def put_by(play: Play) -> None:
    """And called by its number."""
    play.key("1", KeyAction.HOLD, "15")
    play.passes(400)
    play.key("1", KeyAction.CALL, "001")


def missed(play: Play) -> None:
    play.key("1", KeyAction.SKIP)
    play.passes(400)
    play.do(ComeBack("A001"))
    play.key("1", KeyAction.CALL)


def sent_on(play: Play) -> None:
    served(play, 100, 1, "land")
    play.passes(400)
    play.key("1", KeyAction.TRANSFER, "2")
    play.key("2", KeyAction.CALL)


@pytest.mark.parametrize("again", [put_by, missed, sent_on])
def test_nor_is_it_a_pause_where_somebody_is_called_again_who_was_not_there(
    again: Callable[[Play], None],
) -> None:
    play = hall_of(no_show_calls=1)
    play.staff("1", "2")
    play.join()
    play.key("1", KeyAction.CALL)
    again(play)
    assert play.state.window("2" if again is sent_on else "1").ticket == "A001"
    assert (play.state.pace.turns.n, play.state.pace.reacts.n) == (0, 0)


def test_nor_is_a_step_of_a_project_that_a_window_does_without_a_ticket() -> None:
    play = in_a_lane()
    play.join("permit")
    play.key("3", KeyAction.CALL)
    play.join("permit")
    play.passes(300)
    play.key("3", KeyAction.FINISH)
    play.passes(200)
    play.do(StepDone("3", PROJECT, "2"))
    play.passes(10)
    play.key("3", KeyAction.CALL)
    turns = play.state.pace.turns
    assert (turns.n, turns.total_s) == (1, 10)


def test_nor_where_an_appointment_has_its_place_from_an_hour_before() -> None:
    play = one_window()
    play.staff("1")
    play.do(Book("ref-0001", "tax", TODAY, 10 * 60))
    served(play, 600, 1)
    play.passes(2400)
    ticket = str(play.do(CheckIn("ref-0001", "s1")).answer["ticket"])
    play.printed(ticket)
    play.passes(40)
    play.key("1", KeyAction.CALL)
    assert play.state.tickets[ticket].joined_s < play.state.clock.s - 1800
    assert (play.state.pace.turns.n, play.state.pace.reacts.n) == (0, 0)


def test_how_soon_idle_windows_call_is_learnt_and_told() -> None:
    play = one_window()
    play.staff("1")
    served(play, 600, 1)
    for _ in range(20):
        play.passes(300)
        play.join()
        play.passes(60)
        served_one(play, 100)
    known = speed(play.state, play.hall)
    assert known.react_s == pytest.approx((5 * REACT_S + 20 * 60) / 25)
    assert known.turn_s == TURN_S, "nobody waited when the window was free"
    assert told(play)[0] == pytest.approx(known.react_s, rel=0.2)


def test_whose_staff_are_away_once_is_no_slow_window() -> None:
    play = one_window()
    play.staff("1")
    play.join()
    served(play, 600, 1)
    play.passes(7200)
    served(play, 600, 1)
    assert speed(play.state, play.hall).turn_s == pytest.approx((5 * TURN_S + AWAY_S) / 6)


def test_a_restart_knows_it_all_again() -> None:
    play = one_window()
    play.staff("1")
    served(play, 700, 3)
    play.join()
    play.restart()
    assert play.state.pace == play.folded().pace
    assert play.state.pace.acts["tax", ""].n == 3


def test_a_call_that_was_taken_back_teaches_nothing() -> None:
    play = one_window()
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)
    play.passes(500)
    play.key("1", KeyAction.CANCEL)
    assert (play.state.pace.acts, play.state.pace.missed.n, play.state.pace.busy) == ({}, 0, {})


# --- what is told ---
@pytest.mark.parametrize(
    ("waits", "minutes"),
    [((0, 0), (0, 0)), ((1, 299), (5, 5)), ((300, 301), (5, 10)), ((780, 1400), (15, 25))],
)
def test_minutes_are_rounded_up_to_five(waits: tuple[int, int], minutes: tuple[int, int]) -> None:
    assert told_min(*waits) == minutes


def test_who_takes_a_ticket_is_told_and_it_is_kept_with_the_ticket() -> None:
    play = one_window()
    play.staff("1")
    play.join()
    play.join()
    decision = play.take()
    fact = decision.facts[0]
    assert isinstance(fact, TicketReserved)
    assert fact.wait_p50_s
    assert fact.wait_p90_s
    low, high = told_min(fact.wait_p50_s, fact.wait_p90_s)
    assert (decision.answer["wait_from_min"], decision.answer["wait_to_min"]) == (low, high)


def test_the_published_error_can_be_reckoned_from_the_events() -> None:
    play = one_window()
    play.staff("1")
    for _ in range(8):
        play.join()
        play.passes(45)
    for seconds in (500, 900, 300, 1500, 200, 700, 800, 100):
        served_one(play, seconds)
    told_s: dict[str, tuple[float, int, int]] = {}
    errors, within, waits = 0.0, 0, []
    for fact, at in play.kept:
        flat: dict[str, Any] = fact.model_dump()
        if flat["kind"] == "ticket.reserved" and flat["wait_p50_s"] is not None:
            told_s[flat["ticket"]] = at.mono_s, flat["wait_p50_s"], flat["wait_p90_s"]
        if flat["kind"] == "ticket.called" and flat["times"] == 1 and flat["ticket"] in told_s:
            began_s, p50, p90 = told_s.pop(flat["ticket"])
            waits.append(at.mono_s - began_s)
            errors, within = errors + abs(p50 - waits[-1]), within + (waits[-1] <= p90)
    kept = play.state.pace.errors
    assert kept.n == len(waits) == 8
    assert (kept.wait_s, kept.error_s, kept.within) == pytest.approx((sum(waits), errors, within))


def served_one(play: Play, seconds: float) -> None:
    play.key("1", KeyAction.CALL)
    play.passes(seconds)
    play.key("1", KeyAction.FINISH)
