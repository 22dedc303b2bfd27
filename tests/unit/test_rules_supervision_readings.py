"""What supervision measures, told by playing a hall."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from drivers.messages import KeyAction
from edge.rules.bookings import Book, CheckIn
from edge.rules.model import Hall, Service, Shift, Transfer
from edge.rules.supervision_kinds import Kind
from edge.rules.supervision_limits import DEFAULTS
from edge.rules.supervision_model import Watch
from edge.rules.supervision_readings import Device, Seen, readings
from edge.rules.supervision_watch import observe
from tests.unit.rules_kit import CHINA, NINE, TODAY, Play, a_hall

MORNING = Shift(("workdays",), ((8 * 60 + 30, 12 * 60),))


def a_play(**changes: object) -> Play:
    services = {
        "tax": Service("tax", "税务", "A", promise_min=20.0),
        "land": Service("land", "不动产登记", "B"),
        "permit": Service("permit", "行政许可", "C", promise_min=10.0),
    }
    return Play(a_hall(services=services, **changes))


def watch_of(play: Play) -> Watch:
    watch = Watch()
    for seq, (fact, at) in enumerate(play.kept, 1):
        observe(watch, fact, at, seq)
    return watch


def measured(play: Play, kind: Kind, *devices: Device, **rule: object) -> dict[str, float | bool]:
    """By what each is about; those where nothing is wrong left out."""
    seen = Seen.of(play.state, play.hall, watch_of(play), devices, play.now())
    found = readings(seen, [replace(DEFAULTS[kind], **rule)])  # type: ignore[arg-type] # a test names fields
    assert len({each.key for each in found}) == len(found), "one of each key"
    return {each.about: each.value for each in found if each.value}


# --- waits ---
def test_the_wait_is_that_of_who_waits_longest() -> None:
    play = a_play()
    play.staff("1", "2")
    play.join("tax")
    play.passes(600)
    play.join("tax")
    play.join("land")
    play.passes(300)
    assert measured(play, "wait") == {"tax": 15.0, "land": 5.0}
    assert measured(play, "wait", services=("land",)) == {"land": 5.0}
    play.key("1", KeyAction.CALL)
    assert measured(play, "wait") == {"tax": 5.0, "land": 5.0}


def test_who_was_called_before_has_not_waited_all_that_time() -> None:
    """A citizen who missed his call and came back, one who was sent on."""
    play = a_play()
    play.staff("1", "2")
    play.join("tax")
    play.key("2", KeyAction.CALL)
    play.key("2", KeyAction.START)
    play.passes(1200)
    play.do(Transfer("2", service="land"))
    assert play.state.waiting["land"]
    assert measured(play, "wait") == {}


def test_an_appointment_is_late_by_the_time_that_was_promised() -> None:
    play = a_play()
    play.staff("1", "2")
    play.do(Book("k7Qx-0001", "tax", TODAY, 9 * 60 + 25))
    play.passes(600)
    ticket = str(play.do(CheckIn("k7Qx-0001", "kiosk")).answer["ticket"])
    play.printed(ticket)
    play.passes(600)
    assert measured(play, "appointment") == {}, "it is 9:20"
    assert measured(play, "wait") == {}, "his place is not the time at which he came"
    play.passes(900)
    assert measured(play, "appointment") == {"tax": 10.0}
    assert measured(play, "appointment", services=("land",)) == {}
    play.join("tax")
    play.passes(300)
    assert measured(play, "wait") == {"tax": 5.0}
    play.key("1", KeyAction.CALL)
    assert play.phase(ticket) == "called"
    assert measured(play, "appointment") == {}


def test_where_nobody_serves_nobody_waits() -> None:
    play = a_play(roster=(MORNING,))
    play.staff("1")
    play.join("tax")
    play.passes(1800)
    assert measured(play, "wait") == {"tax": 30.0}
    play.key("1", KeyAction.LOGOUT)
    assert measured(play, "wait") == {"tax": 30.0}, "the roster has it open"
    play.passes(3 * 3600)
    assert measured(play, "wait") == {}, "it is afternoon: who is left has gone"
    play.key("1", KeyAction.LOGIN, "1001")
    assert measured(play, "wait") == {"tax": 210.0}, "somebody stays longer"


# --- acts ---
def test_an_act_is_measured_by_the_promise_of_its_service() -> None:
    play = a_play()
    play.staff("1", "2", "3")
    for service, window in (("tax", "1"), ("land", "2"), ("permit", "3")):
        play.join(service)
        play.key(window, KeyAction.CALL)
    play.passes(600)
    assert measured(play, "service") == {}, "they are called, and have not come"
    for window in ("1", "2", "3"):
        play.key(window, KeyAction.START)
    play.passes(300)
    assert measured(play, "service") == {"1": 25.0, "3": 50.0}, "land has no promise"
    assert measured(play, "service", services=("tax",)) == {"1": 25.0}
    assert measured(play, "service", windows=("3",)) == {"3": 50.0}
    play.key("1", KeyAction.FINISH)
    assert measured(play, "service") == {"3": 50.0}


def test_a_restart_does_not_shorten_an_act() -> None:
    play = a_play()
    play.staff("1")
    play.join("tax")
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    play.passes(300)
    play.boot, play.mono_s = "boot2", 5.0
    play.restart()
    play.passes(300)
    assert measured(play, "service") == {"1": 50.0}


# --- windows ---
def test_a_window_is_idle_while_somebody_waits_whom_it_could_call() -> None:
    play = a_play()
    play.staff("1", "3")
    assert measured(play, "idle") == {}
    play.join("tax")
    assert measured(play, "idle") == {"1": True}, "3 has no such service, at 2 there is nobody"
    play.key("1", KeyAction.PAUSE)
    assert measured(play, "idle") == {}
    play.key("1", KeyAction.RESUME)
    play.key("1", KeyAction.CALL)
    play.join("tax")
    assert measured(play, "idle") == {}, "it has called one"


def test_who_was_sent_to_another_window_keeps_nobody_waiting() -> None:
    play = a_play()
    play.staff("1", "2")
    play.join("tax")
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    play.do(Transfer("1", to="2"))
    assert measured(play, "idle") == {"2": True}


def test_a_window_of_the_roster_without_anybody_is_missed_while_people_wait() -> None:
    play = a_play(roster=(MORNING,))
    play.staff("1")
    assert measured(play, "unstaffed") == {}
    play.join("tax")
    assert measured(play, "unstaffed") == {"2": True}, "1 is there, 3 has no such service"
    play.key("1", KeyAction.PAUSE)
    assert measured(play, "unstaffed") == {"1": True, "2": True}
    play.at(NINE + timedelta(hours=3))
    assert measured(play, "unstaffed") == {}, "it is noon"


@pytest.mark.parametrize(("roster", "clock_ok"), [((), True), ((MORNING,), False)])
def test_where_nobody_knows_the_hours_nobody_is_missed(roster: tuple[Shift, ...], clock_ok: bool) -> None:
    play = a_play(roster=roster)
    play.clock_ok = clock_ok
    play.join("tax")
    assert measured(play, "unstaffed") == {}


# --- calls ---
def call(play: Play, window: str, seconds: float) -> None:
    play.join("tax")
    play.key(window, KeyAction.CALL)
    play.passes(seconds)
    play.key(window, KeyAction.FINISH)


def test_calls_in_a_row_without_service_are_counted() -> None:
    play = a_play()
    play.staff("1")
    for _ in range(3):
        call(play, "1", 5)
    assert measured(play, "unserved") == {"1": 3.0}
    for _ in range(3):  # and one that nobody came to
        play.join("tax")
        play.key("1", KeyAction.CALL)
        for _ in range(2):
            play.key("1", KeyAction.RECALL)
        play.key("1", KeyAction.SKIP)
    assert measured(play, "unserved") == {"1": 6.0}
    call(play, "1", 19.9)
    assert measured(play, "unserved") == {"1": 7.0}
    assert measured(play, "unserved", quick_s=19.0) == {}
    call(play, "1", 20)
    assert measured(play, "unserved") == {}, "one that was served begins the row anew"


def test_an_act_that_took_its_time_from_call_to_end_is_service_whatever_keys_were_pressed() -> None:
    play = a_play()
    play.staff("1")
    play.join("tax")
    play.key("1", KeyAction.CALL)
    play.passes(300)
    play.key("1", KeyAction.START)
    play.key("1", KeyAction.FINISH)
    assert measured(play, "unserved") == {}


def test_a_colleague_does_not_inherit_the_count() -> None:
    play = a_play()
    play.staff("1")
    call(play, "1", 5)
    play.key("1", KeyAction.LOGOUT)
    assert measured(play, "unserved") == {}
    play.key("1", KeyAction.LOGIN, "2002")
    assert measured(play, "unserved") == {}


# --- devices ---
def test_a_device_stops_something_only_while_it_is_needed() -> None:
    play = a_play(roster=(MORNING,))
    devices = (
        Device("printer1", "tickets", "", broken=True),
        Device("caller-1", "calls", "1", broken=True),
        Device("pad-2", "ratings", "2", broken=True),
        Device("pad-3", "ratings", "3", broken=False),
        Device("terminal", "users", "", broken=True),
    )
    play.staff("1", "3")
    assert measured(play, "stopped", *devices) == {"printer1": True, "caller-1": True, "terminal": True}
    assert measured(play, "stopped", *devices, windows=("1",)) == {"caller-1": True}
    play.key("1", KeyAction.LOGOUT)
    play.at(datetime(2024, 5, 6, 20, 0, tzinfo=CHINA))
    assert measured(play, "stopped", *devices) == {"terminal": True}, "terminals are there day and night"


# --- ratings ---
def test_ratings_are_those_of_the_hall_whatever_the_rule_watches() -> None:
    play = a_play()
    play.staff("1", "2")
    play.join("tax")
    play.serve("1")
    play.rate("1", 4)
    watch = watch_of(play)
    assert watch.ratings == {"1": (4,)}
    watch.ratings |= {"1": (5,) * 80, "2": (5, 4) * 50, "3": (4, 5) * 50, "gone": (5,) * 200}
    seen = Seen.of(play.state, play.hall, watch, (), play.now())
    for windows in ((), ("1",)):
        rule = replace(DEFAULTS["uniform"], windows=windows, last=80)
        found = {each.about: each.value for each in readings(seen, [rule])}
        assert found["1"] == 0.0, "160 ratings of two windows are too few to compare with"
    watch.ratings |= {"2": (5, 4) * 100, "3": (4, 5) * 100}
    rule = replace(DEFAULTS["uniform"], last=20)
    assert {each.about for each in readings(replace(seen, watch=watch), [rule])} == {"1", "2", "3"}


# --- days ---
def test_a_new_day_by_the_clock_ends_the_queue_of_yesterday() -> None:
    play = a_play()
    play.staff("1", "2")
    play.join("tax")
    play.passes(3600)
    assert measured(play, "wait")
    assert measured(play, "idle")
    for days in (1, 3):
        play.at(NINE + timedelta(days=days))
        assert measured(play, "wait") == measured(play, "idle") == measured(play, "unserved") == {}
    play.clock_ok = False
    assert measured(play, "wait"), "a clock that has not been set begins no day"


def test_a_hall_without_log_in_is_attended_by_its_roster() -> None:
    hall: Hall = a_hall(login_required=False, roster=(MORNING,))
    play = Play(hall)
    play.join("tax")
    assert measured(play, "idle") == {"1": True, "2": True}
    play.at(NINE + timedelta(hours=3))
    assert measured(play, "idle") == {}
