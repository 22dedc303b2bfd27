"""The keys at a window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.messages import KeyAction, Result
from edge.rules.effects import CallOff, CallOut, Display, InviteRating, Refuse, Show
from edge.rules.model import Service, Window
from edge.wire import (
    CallCancelled,
    ServiceFinished,
    ServiceStarted,
    TicketCalled,
    TicketNoShow,
)
from tests.unit.rules_kit import TODAY, Play, a_hall, kinds, refusal


@pytest.fixture
def play() -> Play:
    """All three windows are staffed."""
    play = Play()
    play.staff("1", "2", "3")
    return play


# --- calling the next ---
def test_call_takes_the_first_and_says_so_on_strip_and_caller(play: Play) -> None:
    play.join()
    decision = play.key("1", KeyAction.CALL)

    assert decision.facts == (TicketCalled(ticket="A001", window="1", staff="1001", times=1),)
    assert decision.effects == (Show("1", "请 A001 号", "red"), Display("1", "001"), CallOut("A001", "1"))
    assert decision.answer == {"ticket": "A001", "times": 1}


def test_call_is_in_order_of_joining_across_all_services_of_the_window(play: Play) -> None:
    joined = [play.join(service) for service in ("land", "tax", "tax", "land", "permit")]

    called = [play.key("2", KeyAction.CALL).answer["ticket"] for _ in range(4)]
    assert called == joined[:4]
    assert refusal(play.key("2", KeyAction.CALL)) == "queue_empty"  # permits are not called here


def test_two_windows_never_call_the_same_ticket(play: Play) -> None:
    play.join()
    play.join()

    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A001"
    assert play.key("2", KeyAction.CALL).answer["ticket"] == "A002"


def test_an_empty_queue_is_refused_with_a_beep_and_the_strip_stays_true(play: Play) -> None:
    decision = play.key("1", KeyAction.CALL)

    assert refusal(decision) == "queue_empty"
    assert decision.effects == (Refuse("1"), Show("1", "空闲", "green"))


def test_an_empty_queue_does_not_end_the_act_that_is_on(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    decision = play.key("1", KeyAction.CALL)

    assert refusal(decision) == "queue_empty"
    assert Show("1", "正在办理 A001", "green") in decision.effects
    assert play.phase("A001") == "serving"


def test_calling_the_next_finishes_the_act_and_invites_its_rating(play: Play) -> None:
    play.join()
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    decision = play.key("1", KeyAction.CALL)

    assert kinds(decision) == ["service.finished", "ticket.called"]
    assert InviteRating("1") in decision.effects
    assert (play.phase("A001"), play.phase("A002")) == ("done", "called")


def test_calling_the_next_makes_a_no_show_of_who_did_not_come(play: Play) -> None:
    play.join()
    play.join()
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.CALL)

    assert kinds(decision) == ["ticket.no_show", "ticket.called"]
    assert InviteRating("1") not in decision.effects
    assert (play.phase("A001"), play.phase("A002")) == ("no_show", "called")


# --- calling a number ---
@pytest.mark.parametrize("digits", ["2", "02", "002", "0002"])
def test_a_number_is_called_out_of_turn(play: Play, digits: str) -> None:
    for _ in range(3):
        play.join()
    assert play.key("1", KeyAction.CALL, digits).answer["ticket"] == "A002"
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A001"
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A003"


@pytest.mark.parametrize("digits", ["9", "00001", "9" * 5000, "A001", "-1", "１", "²", " 1", "0"])
def test_a_number_that_does_not_wait_here_is_refused(play: Play, digits: str) -> None:
    play.join()
    assert refusal(play.key("1", KeyAction.CALL, digits)) == "no_such_ticket"
    assert play.phase("A001") == "waiting"


def test_a_number_of_another_windows_service_is_refused(play: Play) -> None:
    play.join("permit")
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "no_such_ticket"


def test_a_number_of_another_windows_service_is_refused_even_where_both_share_a_prefix(play: Play) -> None:
    services = play.hall.services | {"permit": Service("permit", "行政许可", "A")}
    play.hall = replace(play.hall, services=services)
    play.join("permit")
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "no_such_ticket"
    assert play.key("3", KeyAction.CALL, "1").answer["ticket"] == "A001"


def test_a_refused_number_ends_nothing(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "no_such_ticket"
    assert play.phase("A001") == "called"


def test_an_ambiguous_number_means_the_one_that_has_waited_longest(play: Play) -> None:
    play.join("land")
    play.join("tax")

    assert play.key("2", KeyAction.CALL, "1").answer["ticket"] == "B001"
    assert play.key("2", KeyAction.CALL, "1").answer["ticket"] == "A001"


def test_an_ambiguous_number_means_a_waiting_one_before_a_no_show(play: Play) -> None:
    play.join("land")
    play.join("tax")
    play.key("2", KeyAction.CALL)
    play.key("2", KeyAction.SKIP)

    assert play.key("2", KeyAction.CALL, "1").answer["ticket"] == "A001"


def test_a_no_show_comes_back_by_its_number_and_by_nothing_else(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.RECALL)
    play.key("1", KeyAction.SKIP)

    assert refusal(play.key("1", KeyAction.CALL)) == "queue_empty"
    assert play.key("2", KeyAction.CALL, "1").answer == {"ticket": "A001", "times": 1}
    assert play.state.tickets["A001"].window == "2"


@pytest.mark.parametrize("phase", ["voided", "done"])
def test_a_ticket_whose_story_is_over_cannot_be_called(play: Play, phase: str) -> None:
    play.take()
    if phase == "voided":
        play.printed("A001", Result.FAILED)
    else:
        play.printed("A001")
        play.serve("1")
    assert play.phase("A001") == phase
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "no_such_ticket"


# --- recall, start, skip, cancel ---
def test_recall_counts_and_is_refused_beyond_the_halls_limit(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    second = play.key("1", KeyAction.RECALL)

    assert second.facts == (TicketCalled(ticket="A001", window="1", staff="1001", times=2),)
    assert second.effects == (
        Show("1", "再请 A001 号", "red"),
        Display("1", "001"),
        CallOut("A001", "1", again=True),
    )
    assert play.key("1", KeyAction.RECALL).answer["times"] == 3
    assert refusal(play.key("1", KeyAction.RECALL)) == "called_enough"


def test_start_begins_the_service(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.START)

    assert decision.facts == (ServiceStarted(ticket="A001", window="1", staff="1001"),)
    assert decision.effects == (Show("1", "正在办理 A001", "green"), CallOff("A001", taken_back=False))


def test_skip_is_a_no_show_and_frees_the_window(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.SKIP)

    assert decision.facts == (TicketNoShow(ticket="A001", window="1", staff="1001"),)
    assert decision.effects == (Show("1", "空闲", "green"), Display("1", ""))


def test_cancel_takes_the_call_back_to_the_old_place_in_the_queue(play: Play) -> None:
    for _ in range(4):
        play.join()
    play.key("1", KeyAction.CALL, "3")
    decision = play.key("1", KeyAction.CANCEL)

    assert decision.facts == (CallCancelled(ticket="A003", window="1", staff="1001"),)
    off = CallOff("A003", taken_back=True)
    assert decision.effects == (off, Show("1", "空闲", "green"), Display("1", ""))
    called = [play.key("1", KeyAction.CALL).answer["ticket"] for _ in range(4)]
    assert called == ["A001", "A002", "A003", "A004"]


@pytest.mark.parametrize("action", [KeyAction.RECALL, KeyAction.START, KeyAction.SKIP, KeyAction.CANCEL])
def test_keys_for_a_called_ticket_need_one(play: Play, action: KeyAction) -> None:
    decision = play.key("1", action)
    assert refusal(decision) == "nothing_called"
    assert decision.effects == (Refuse("1"),)


@pytest.mark.parametrize("action", [KeyAction.RECALL, KeyAction.START, KeyAction.SKIP, KeyAction.CANCEL])
def test_an_act_that_has_begun_can_only_be_finished(play: Play, action: KeyAction) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    assert refusal(play.key("1", action)) == "already_serving"
    assert play.phase("A001") == "serving"


# --- finishing ---
@pytest.mark.parametrize("action", [KeyAction.FINISH, KeyAction.EVALUATE])
def test_finish_and_evaluate_end_the_act_and_invite_a_rating(play: Play, action: KeyAction) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    decision = play.key("1", action)

    finished = ServiceFinished(
        act=f"{TODAY}/A001", ticket="A001", window="1", staff="1001", rating_asked=True
    )
    assert decision.facts == (finished,)
    assert InviteRating("1") in decision.effects
    assert Display("1", "") in decision.effects
    assert not [effect for effect in decision.effects if isinstance(effect, Show)]  # "serving" stands


def test_start_is_implied_by_finish(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.FINISH)
    assert kinds(decision) == ["service.started", "service.finished"]
    assert Show("1", "正在办理 A001", "green") in decision.effects  # the strip must call nobody any more


@pytest.mark.parametrize("action", [KeyAction.FINISH, KeyAction.EVALUATE])
def test_there_must_be_something_to_finish(play: Play, action: KeyAction) -> None:
    assert refusal(play.key("1", action)) == "nothing_to_finish"


def test_a_window_that_is_not_configured_is_refused_without_a_beep_at_any(play: Play) -> None:
    decision = play.key("77", KeyAction.CALL)
    assert refusal(decision) == "unknown_window"
    assert decision.effects == ()


# --- a restart ---
def test_a_restart_knows_a_second_call_from_a_first(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.RECALL)
    assert Show("1", "再请 A001 号", "red") in play.restart().effects


def test_a_restart_tells_every_strip_display_and_pad_again(play: Play) -> None:
    play.join()
    play.join()
    play.serve("1")
    play.key("2", KeyAction.CALL)
    shown = play.restart().effects

    assert {
        Show("1", "正在办理 A001", "green"),
        Show("2", "请 A002 号", "red"),
        Show("3", "空闲", "green"),
    } <= set(shown)
    assert {Display("1", ""), Display("2", "002"), Display("3", "")} <= set(shown)
    assert [effect for effect in shown if isinstance(effect, InviteRating)] == [InviteRating("1")]


def test_an_act_says_whose_window_it_was_and_what_was_promised() -> None:
    hall = a_hall(
        services={"tax": Service("tax", "税务", "A", promise_min=20.0)},
        windows={"1": Window("1", "1号窗口", ("tax",), unit="税务局")},
    )
    play = Play(hall)
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)
    finished = play.key("1", KeyAction.FINISH).facts[-1]
    assert isinstance(finished, ServiceFinished)
    assert (finished.unit, finished.promise_min) == ("税务局", 20.0)
