"""Who was called in vain: back in after some calls, a few times, then expired."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules import waiting_ahead
from edge.rules.effects import CallOff
from edge.rules.model import ComeBack, Decision
from tests.unit.rules_kit import PRIORITIES, Play, a_hall, effects, kinds, refusal


def a_play(**changes: object) -> Play:
    play = Play(a_hall(**changes))
    play.staff("1", "2", "3")
    return play


def miss(play: Play, ticket: str = "A001", window: str = "1") -> Decision:
    play.key(window, KeyAction.CALL, ticket[1:])
    return play.key(window, KeyAction.SKIP)


def back(play: Play, ticket: str = "A001") -> Decision:
    return play.do(ComeBack(ticket))


def next_at(play: Play, window: str = "1") -> str:
    ticket = str(play.key(window, KeyAction.CALL).answer["ticket"])
    play.key(window, KeyAction.START)
    return ticket


@pytest.mark.parametrize("after", [0, 1, 3])
def test_who_comes_back_has_his_turn_after_so_many_calls(after: int) -> None:
    play = a_play(no_show_back_after=after)
    for _ in range(6):
        play.join()
    miss(play)
    decision = back(play)
    assert kinds(decision) == ["ticket.came_back"]
    assert decision.answer == {"ticket": "A001", "service": "tax", "phase": "waiting", "ahead": 5}
    order = [next_at(play) for _ in range(6)]
    assert order.index("A001") == after
    assert sorted(order) == order[after : after + 1] + order[:after] + order[after + 1 :]


def test_who_comes_back_to_a_queue_of_nobody_is_called_at_once() -> None:
    play = a_play(no_show_back_after=3)
    play.join()
    miss(play)
    back(play)
    assert next_at(play) == "A001"


def test_he_waits_for_calls_of_his_own_service_at_whichever_window() -> None:
    play = a_play(no_show_back_after=2)
    for service in ("tax", "tax", "tax", "tax", "land", "land"):
        play.join(service)
    miss(play)
    back(play)
    assert [next_at(play, "2"), next_at(play, "1")] == ["A002", "A003"]
    assert next_at(play, "2") == "A001"


def test_other_services_calls_do_not_count() -> None:
    play = a_play(no_show_back_after=1)
    for service in ("tax", "permit", "permit", "tax", "tax"):
        play.join(service)
    miss(play)
    back(play)
    assert [next_at(play, "3"), next_at(play, "3")] == ["C001", "C002"]
    assert [next_at(play), next_at(play)] == ["A002", "A001"]


def test_a_recall_is_no_further_call() -> None:
    play = a_play(no_show_back_after=2)
    for _ in range(4):
        play.join()
    miss(play)
    back(play)
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.RECALL)
    play.key("1", KeyAction.RECALL)
    assert [next_at(play), next_at(play)] == ["A003", "A001"]


def test_letting_others_pass_is_not_being_overtaken() -> None:
    play = a_play(no_show_back_after=2, priorities=PRIORITIES, overtake_most=1)
    for _ in range(3):
        play.join()
    miss(play)
    back(play)
    next_at(play)
    assert play.state.tickets["A001"].overtaken == 0
    play.join(priority="soldier")
    assert next_at(play) == "A004"
    assert [next_at(play), next_at(play)] == ["A001", "A003"]


def test_ahead_of_who_lets_others_pass_is_everybody() -> None:
    play = a_play()
    for _ in range(3):
        play.join()
    miss(play)
    back(play)
    assert waiting_ahead(play.state, play.hall, "tax", play.state.tickets["A001"]) == 2


def test_a_ticket_missed_too_often_expires_and_says_so() -> None:
    play = a_play(no_show_times=1)
    play.join()
    assert kinds(miss(play)) == ["ticket.no_show"]
    back(play)
    assert kinds(miss(play)) == ["ticket.no_show", "ticket.expired"]
    assert play.phase("A001") == "expired"
    assert refusal(back(play)) == "ticket_expired"
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "ticket_expired_here"


def test_the_call_of_the_next_misses_him_too() -> None:
    play = a_play(no_show_times=0)
    play.join()
    play.join()
    play.key("1", KeyAction.CALL)
    assert kinds(play.key("1", KeyAction.CALL)) == ["ticket.no_show", "ticket.expired", "ticket.called"]


def test_who_comes_back_leaves_the_boards() -> None:
    play = a_play()
    play.join()
    miss(play)
    decision = back(play)
    assert effects(decision, CallOff) == [CallOff("A001", taken_back=True)]
    assert play.state.called == ()


def test_who_waits_is_told_so_again() -> None:
    play = a_play()
    play.join()
    play.join()
    decision = back(play, "A002")
    assert (decision.facts, decision.effects) == ((), ())
    assert decision.answer == {"ticket": "A002", "service": "tax", "phase": "waiting", "ahead": 1}


def test_whose_number_cannot_come_back_is_told_why() -> None:
    play = a_play()
    play.join()
    assert refusal(back(play, "A077")) == "unknown_ticket"
    play.key("1", KeyAction.CALL)
    assert refusal(back(play)) == "called_now"
    play.key("1", KeyAction.START)
    assert refusal(back(play)) == "called_now"
    play.key("1", KeyAction.FINISH)
    assert refusal(back(play)) == "ticket_done"
    play.take()
    assert refusal(back(play, "A002")) == "unknown_ticket"


def test_a_restart_forgets_nobody_who_came_back() -> None:
    play = a_play(no_show_back_after=2)
    for _ in range(4):
        play.join()
    miss(play)
    back(play)
    next_at(play)
    play.restart()
    assert [next_at(play), next_at(play)] == ["A003", "A001"]
