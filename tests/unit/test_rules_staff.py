"""Who is at a window: logging in and out, and pausing."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules.effects import Display, Refuse, Show
from edge.wire import StaffLoggedIn, StaffLoggedOut, TicketCalled, WindowPaused, WindowResumed
from tests.unit.rules_kit import Play, a_hall, kinds, refusal


@pytest.fixture
def play() -> Play:
    """All three windows are staffed."""
    play = Play()
    play.staff("1", "2", "3")
    return play


# --- logging in and out ---
def test_a_window_must_be_logged_in() -> None:
    play = Play()
    play.join()
    for action in set(KeyAction) - {KeyAction.LOGIN}:
        decision = play.key("1", action)
        assert refusal(decision) == "not_logged_in"
        assert decision.effects == (Refuse("1"),)


def test_a_hall_may_do_without_logging_in() -> None:
    play = Play(a_hall(login_required=False))
    play.join()
    decision = play.key("1", KeyAction.CALL)
    assert decision.facts == (TicketCalled(ticket="A001", window="1", staff="", times=1),)
    assert refusal(play.key("2", KeyAction.LOGOUT)) == "not_logged_in"


def test_a_pending_rating_outlives_a_first_login_where_none_is_needed() -> None:
    play = Play(a_hall(login_required=False))
    play.join()
    play.serve("1")
    decision = play.key("1", KeyAction.LOGIN, "7")
    assert kinds(decision) == ["staff.logged_in"]
    assert decision.effects[0] == Show("1", "正在办理 A001", "green")


def test_login_opens_the_window() -> None:
    play = Play()
    play.join()
    decision = play.key("1", KeyAction.LOGIN, "0042")
    assert decision.facts == (StaffLoggedIn(window="1", staff="0042"),)
    assert decision.effects == (Show("1", "空闲", "green"), Display("1", ""))
    assert decision.answer == {"staff": "0042"}


@pytest.mark.parametrize("digits", ["", "1" * 17, "12a", "１２"])
def test_a_staff_number_is_some_digits(play: Play, digits: str) -> None:
    assert refusal(play.key("1", KeyAction.LOGIN, digits)) == "staff_number"
    assert play.state.windows["1"].staff == "1001"


def test_logging_in_again_changes_nothing_even_with_a_ticket_open(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.LOGIN, "1001")
    assert (decision.facts, decision.rejection) == ((), None)


def test_a_colleague_may_take_over_a_window_left_logged_in(play: Play) -> None:
    play.join()
    play.serve("1")
    decision = play.key("1", KeyAction.LOGIN, "2002")
    assert kinds(decision) == ["rating.missed", "staff.logged_out", "staff.logged_in"]
    assert play.state.windows["1"].staff == "2002"
    assert play.rate("1", 5).rejection  # nobody is rated for another's act


def test_logout_closes_the_window(play: Play) -> None:
    decision = play.key("1", KeyAction.LOGOUT)
    assert decision.facts == (StaffLoggedOut(window="1", staff="1001", reason="key"),)
    assert decision.effects == (Show("1", "窗口关闭", "yellow"), Display("1", ""))
    assert refusal(play.key("1", KeyAction.CALL)) == "not_logged_in"


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("action", [KeyAction.LOGOUT, KeyAction.PAUSE, KeyAction.LOGIN])
def test_nobody_leaves_an_open_ticket(play: Play, action: KeyAction, started: bool) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    if started:
        play.key("1", KeyAction.START)
    assert refusal(play.key("1", action, "2002")) == "ticket_open"


# --- pause ---
def test_a_paused_window_cannot_call(play: Play) -> None:
    play.join()
    decision = play.key("1", KeyAction.PAUSE)
    assert decision.facts == (WindowPaused(window="1", staff="1001"),)
    assert Show("1", "暂停服务", "yellow") in decision.effects
    assert refusal(play.key("1", KeyAction.CALL)) == "paused"


def test_resume_opens_it_again(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.PAUSE)
    decision = play.key("1", KeyAction.RESUME)
    assert decision.facts == (WindowResumed(window="1", staff="1001"),)
    assert Show("1", "空闲", "green") in decision.effects
    assert play.key("1", KeyAction.CALL).answer["ticket"] == "A001"


def test_pausing_twice_or_resuming_nothing_says_nothing_new(play: Play) -> None:
    assert play.key("1", KeyAction.RESUME).facts == ()
    play.key("1", KeyAction.PAUSE)
    again = play.key("1", KeyAction.PAUSE)
    assert (again.facts, again.rejection) == ((), None)


def test_resuming_with_a_ticket_open_leaves_its_strip(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    assert play.key("1", KeyAction.RESUME).effects == (Show("1", "请 A001 号", "red"),)


def test_a_login_ends_a_pause(play: Play) -> None:
    play.key("1", KeyAction.PAUSE)
    play.key("1", KeyAction.LOGIN, "2002")
    assert play.state.windows["1"].paused is False
