"""A ticket put by for some minutes: it comes back in time, at its place, and its act is rated once."""

from __future__ import annotations

from datetime import datetime

import pytest

from drivers.messages import KeyAction
from edge.rules import waiting_ahead
from edge.rules.effects import CallOff, CancelTimer, SetTimer, Show
from edge.rules.model import ComeBack, Decision
from edge.wire import RatingMissed, ServiceFinished, TicketHeld, TicketHoldEnded
from tests.unit.rules_kit import CHINA, PRIORITIES, TODAY, Play, a_hall, effects, kinds, refusal

TIMER = f"hold:{TODAY}/A001"
MINUTE_S = 60.0


@pytest.fixture
def play() -> Play:
    play = Play(a_hall(priorities=PRIORITIES))
    play.staff("1", "2", "3")
    for _ in range(3):
        play.join()
    return play


def held(play: Play, digits: str = "5", *, begun: bool = True) -> Decision:
    play.key("1", KeyAction.CALL)
    if begun:
        play.key("1", KeyAction.START)
    return play.key("1", KeyAction.HOLD, digits)


def test_a_hold_frees_the_window_and_sets_the_time(play: Play) -> None:
    decision = held(play, "5")
    assert decision.facts == (TicketHeld(ticket="A001", window="1", staff="1001", minutes=5),)
    assert effects(decision, SetTimer) == [SetTimer(TIMER, 300.0)]
    assert effects(decision, Show) == [Show("1", "空闲", "green")]
    assert effects(decision, CallOff) == [CallOff("A001", taken_back=True)]
    assert decision.answer == {"ticket": "A001", "minutes": 5}
    assert play.phase("A001") == "held"
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A002"


def test_without_minutes_it_is_as_the_hall_has_it(play: Play) -> None:
    assert held(play, "").answer["minutes"] == play.hall.hold_min


@pytest.mark.parametrize("digits", ["0", "121", "9999", "００５", "-1"])
def test_minutes_out_of_reach_are_refused(play: Play, digits: str) -> None:
    assert refusal(held(play, digits)) == "hold_minutes"
    assert play.phase("A001") == "serving"


def test_nothing_can_be_held_where_nobody_is(play: Play) -> None:
    assert refusal(play.key("1", KeyAction.HOLD, "5")) == "nothing_to_hold"


def test_when_the_time_is_over_it_is_the_next_of_its_service_at_any_window(play: Play) -> None:
    held(play)
    play.join(priority="soldier")
    assert play.fire(TIMER).facts == (TicketHoldEnded(ticket="A001", reason="time"),)
    assert play.key("2", KeyAction.CALL).answer["ticket"] == "A001"


def test_nobody_is_called_twice_when_the_timer_comes_too_late(play: Play) -> None:
    held(play)
    decision = play.key("1", KeyAction.CALL, "1")
    assert kinds(decision) == ["ticket.hold_ended", "ticket.called"]
    assert effects(decision, CancelTimer) == [CancelTimer(TIMER)]
    assert play.fire(TIMER) == Decision()


def test_a_number_means_the_one_that_was_put_by_here(play: Play) -> None:
    play.join("land")
    play.join("land")
    for _ in range(3):
        play.key("2", KeyAction.CALL)
        play.key("2", KeyAction.SKIP)
    assert play.key("2", KeyAction.CALL).answer["ticket"] == "B001"
    play.join("tax")
    play.key("2", KeyAction.HOLD, "5")
    assert play.key("2", KeyAction.CALL, "1").answer["ticket"] == "B001", "and not A001, who came first"


def test_who_is_there_sooner_waits_at_once(play: Play) -> None:
    held(play)
    decision = play.do(ComeBack("A001"))
    assert decision.facts == (TicketHoldEnded(ticket="A001", reason="came_back"),)
    assert decision.answer["ahead"] == 0
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A001"


def test_an_act_that_was_put_by_ends_once_and_is_rated_once(play: Play) -> None:
    held(play)
    play.fire(TIMER)
    play.serve("1")
    play.rate("1", 5)
    told = [fact.kind for fact, _ in play.kept if getattr(fact, "ticket", "") == "A001"]
    assert told.count("service.finished") == told.count("rating.given") == 1
    assert told.count("service.started") == 2


def test_who_never_comes_back_has_an_act_that_ends_unrated_with_the_day(play: Play) -> None:
    held(play)
    held(play, begun=False)
    play.at(datetime(2024, 5, 7, 8, 0, tzinfo=CHINA))
    decision = play.fire("day")
    ended = [fact for fact in decision.facts if isinstance(fact, (ServiceFinished, RatingMissed))]
    act = f"{TODAY}/A001"
    assert ended == [
        ServiceFinished(act=act, ticket="A001", window="1", staff="1001", rating_asked=False),
        RatingMissed(act=act, ticket="A001", window="1", staff="1001", reason="day_end"),
    ]
    assert set(effects(decision, CancelTimer)) >= {CancelTimer(TIMER), CancelTimer(f"hold:{TODAY}/A002")}


def test_an_act_that_began_and_was_called_in_vain_ends_with_the_day_too(play: Play) -> None:
    held(play)
    play.fire(TIMER)
    play.key("2", KeyAction.CALL)
    play.at(datetime(2024, 5, 7, 8, 0, tzinfo=CHINA))
    told = [fact.kind for fact in play.fire("day").facts if getattr(fact, "ticket", "") == "A001"]
    assert told == ["ticket.no_show", "service.finished", "rating.missed"]


@pytest.mark.parametrize("step_s", [0.0, 3600.0, -3600.0])
def test_a_restart_takes_the_hold_up_by_the_time_left(play: Play, step_s: float) -> None:
    held(play)
    play.passes(2 * MINUTE_S)
    play.wall_s += step_s
    assert effects(play.restart(), SetTimer) == [SetTimer(TIMER, 180.0)]


def test_a_hold_that_ended_while_the_machine_was_off_ends_at_once(play: Play) -> None:
    held(play)
    play.passes(30 * MINUTE_S)
    play.boot, play.mono_s = "boot2", 9.0
    assert effects(play.restart(), SetTimer) == [SetTimer(TIMER, 0.0)]


def test_who_is_put_by_counts_as_ahead(play: Play) -> None:
    held(play)
    assert waiting_ahead(play.state, play.hall, "tax", play.state.tickets["A002"]) == 1
    assert waiting_ahead(play.state, play.hall, "tax") == 3
