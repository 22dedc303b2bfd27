"""Two-phase tickets: what a touch and the printer's answers lead to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.messages import KeyAction, Result
from edge.rules.effects import CancelTimer, Print, SetTimer
from edge.rules.model import Service
from edge.rules.tickets import MAX_NUMBER, MAX_SLIPS, PRINT_LIMIT_S, PRINT_RETRY_S
from edge.wire import TicketAssumed, TicketInDoubt, TicketPrinted, TicketReserved, TicketShown, TicketVoided
from tests.unit.rules_kit import TODAY, Play, a_hall, kinds, prints, refusal

ACT = f"{TODAY}/A001"
RETRY, LIMIT = f"print:{ACT}", f"print_limit:{ACT}"


@pytest.fixture
def play() -> Play:
    return Play()


# --- taking ---
def test_a_touch_reserves_a_number_and_prints_it(play: Play) -> None:
    decision = play.take("tax", "s1")

    assert decision.facts[-1] == TicketReserved(
        ticket="A001", service="tax", number=1, session="s1", can_show=False
    )
    assert prints(decision) == [Print("A001", TODAY)]
    assert decision.answer == {"ticket": "A001", "service": "tax", "phase": "reserved", "ahead": 0}
    assert play.phase("A001") == "reserved"


def test_a_reserved_ticket_cannot_be_called(play: Play) -> None:
    play.staff("1")
    play.take()

    assert refusal(play.key("1", KeyAction.CALL)) == "queue_empty"
    assert refusal(play.key("1", KeyAction.CALL, "1")) == "no_such_ticket"


def test_every_service_has_a_series_of_its_own(play: Play) -> None:
    assert [play.join("tax"), play.join("land"), play.join("tax")] == ["A001", "B001", "A002"]
    assert play.state.next_number == {"tax": 3, "land": 2}


def test_numbers_go_on_beyond_999(play: Play) -> None:
    play.join()
    play.state.next_number["tax"] = 999

    assert [play.join(), play.join()] == ["A999", "A1000"]


def test_the_series_ends_where_displays_end(play: Play) -> None:
    play.join()
    play.state.next_number["tax"] = MAX_NUMBER + 1

    assert refusal(play.take("tax")) == "numbers_spent"


def test_services_that_came_to_share_a_prefix_still_share_no_number(play: Play) -> None:
    play.join("tax")
    services = play.hall.services | {"land": Service("land", "不动产登记", "A")}
    play.hall = replace(play.hall, services=services)

    assert [play.join("land"), play.join("tax")] == ["A002", "A003"]


def test_an_unknown_service_is_refused(play: Play) -> None:
    play.join()
    assert refusal(play.take("marriage")) == "unknown_service"


def test_the_answer_tells_how_many_may_be_called_before(play: Play) -> None:
    play.join("tax")
    play.join("land")
    play.join("permit")

    assert play.take("tax").answer["ahead"] == 2  # window 2 calls land as well
    assert play.take("permit").answer["ahead"] == 1


# --- one touch, one ticket ---
def test_the_same_session_gets_the_same_ticket_while_it_is_reserved(play: Play) -> None:
    first = play.take("tax", "s1")
    again = play.take("tax", "s1")

    assert (again.facts, again.effects) == ((), ())
    assert again.answer == first.answer


def test_the_same_session_gets_the_same_ticket_later_too_and_for_whatever_it_asks(play: Play) -> None:
    play.join()
    play.take("tax", "s1")
    play.printed("A002")
    again = play.take("land", "s1")

    assert (again.facts, again.effects) == ((), ())
    assert again.answer == {"ticket": "A002", "service": "tax", "phase": "waiting", "ahead": 1}


def test_a_ticket_that_was_called_has_nobody_ahead_to_tell_of(play: Play) -> None:
    play.staff("1")
    play.take("tax", "s1")
    play.printed("A001")
    play.key("1", KeyAction.CALL)

    assert play.take("tax", "s1").answer == {"ticket": "A001", "service": "tax", "phase": "called"}


def test_a_session_whose_ticket_was_voided_may_try_again(play: Play) -> None:
    play.take("tax", "s1")
    play.printed("A001", Result.FAILED, "paper_end")

    assert play.take("tax", "s1").answer["ticket"] == "A002"


# --- a printer that is known to be unable ---
def test_without_a_printer_and_a_screen_no_number_is_spent(play: Play) -> None:
    play.join()

    assert refusal(play.take("tax", printer_problem="paper_end")) == "cannot_print"
    assert play.join() == "A002"


def test_a_screen_shows_the_number_at_once_where_nothing_can_be_printed(play: Play) -> None:
    decision = play.take("tax", can_show=True, printer_problem="paper_end")

    assert kinds(decision)[-2:] == ["ticket.reserved", "ticket.shown"]
    assert decision.facts[-1] == TicketShown(ticket="A001", reason="paper_end")
    assert prints(decision) == []
    assert decision.answer["phase"] == play.phase("A001") == "waiting"


def test_a_hall_without_a_printer_is_like_one_whose_printer_is_broken() -> None:
    play = Play(a_hall(printer=""))

    assert play.take(can_show=True).facts[-1] == TicketShown(ticket="A001", reason="no_printer")
    assert refusal(play.take()) == "cannot_print"


# --- the printer's answer ---
def test_a_printed_ticket_waits(play: Play) -> None:
    play.take()
    decision = play.printed("A001")

    assert decision.facts == (TicketPrinted(ticket="A001", copies=1),)
    assert decision.effects == ()
    assert (play.phase("A001"), play.state.tickets["A001"].copies) == ("waiting", 1)


@pytest.mark.parametrize("result", [Result.FAILED, Result.REJECTED])
def test_a_failed_print_leaves_no_ghost_in_the_queue(play: Play, result: Result) -> None:
    play.staff("1")
    play.take()
    decision = play.printed("A001", result, "paper_end")

    assert decision.facts == (TicketVoided(ticket="A001", reason="paper_end"),)
    assert play.phase("A001") == "voided"
    assert refusal(play.key("1", KeyAction.CALL)) == "queue_empty"
    assert refusal(play.key("1", KeyAction.CALL, "001")) == "no_such_ticket"
    assert play.join() == "A002"  # a number is not given twice, not even a voided one


@pytest.mark.parametrize("result", [Result.FAILED, Result.REJECTED])
def test_a_failed_print_is_shown_where_there_is_a_screen(play: Play, result: Result) -> None:
    play.take(can_show=True)
    decision = play.printed("A001", result, "cover_open")

    assert decision.facts == (TicketShown(ticket="A001", reason="cover_open"),)
    assert play.phase("A001") == "waiting"


@pytest.mark.parametrize("result", list(Result))
def test_an_answer_that_comes_late_changes_nothing(play: Play, result: Result) -> None:
    play.join()
    play.take()
    play.printed("A002", Result.FAILED)

    for ticket in ("A001", "A002", "A999"):
        decision = play.printed(ticket, result)
        assert (decision.facts, decision.effects) == ((), ())


def test_an_answer_of_yesterdays_ticket_does_not_touch_todays(play: Play) -> None:
    play.take()
    decision = play.printed("A001", Result.FAILED, day="2024-05-05")

    assert decision.facts == ()
    assert play.phase("A001") == "reserved"


# --- a printer that did not say ---
def test_an_unknown_outcome_is_tried_again_as_a_copy(play: Play) -> None:
    play.take()
    decision = play.printed("A001", Result.UNKNOWN, "silent")

    assert decision.facts == (TicketInDoubt(ticket="A001", slips=1, reason="silent"),)
    assert decision.effects == (SetTimer(LIMIT, PRINT_LIMIT_S), SetTimer(RETRY, PRINT_RETRY_S))
    assert prints(play.fire(RETRY)) == [Print("A001", TODAY, copy=True)]


def test_a_copy_that_came_out_is_counted_and_ends_the_trying(play: Play) -> None:
    play.take()
    play.printed("A001", Result.UNKNOWN)
    play.fire(RETRY)
    decision = play.printed("A001")

    assert decision.facts == (TicketPrinted(ticket="A001", copies=2),)
    assert set(decision.effects) == {CancelTimer(RETRY), CancelTimer(LIMIT)}
    assert play.fire(RETRY).effects == ()
    assert play.fire(LIMIT).facts == ()


@pytest.mark.parametrize("result", [Result.FAILED, Result.REJECTED])
def test_a_ticket_in_doubt_is_never_voided(play: Play, result: Result) -> None:
    play.take()
    play.printed("A001", Result.UNKNOWN)
    for _ in range(20):
        play.fire(RETRY)
        decision = play.printed("A001", result, "paper_end")
        assert (decision.facts, decision.effects) == ((), (SetTimer(RETRY, PRINT_RETRY_S),))

    assert play.fire(LIMIT).facts == (TicketAssumed(ticket="A001", reason="time_limit"),)
    assert play.phase("A001") == "waiting"


def test_a_ticket_in_doubt_is_shown_once_that_is_all_that_is_left(play: Play) -> None:
    play.take(can_show=True)
    play.printed("A001", Result.UNKNOWN)
    play.fire(RETRY)
    decision = play.printed("A001", Result.REJECTED, "paper_end")

    assert decision.facts == (TicketShown(ticket="A001", reason="paper_end"),)
    assert set(decision.effects) == {CancelTimer(RETRY), CancelTimer(LIMIT)}


def test_nobody_gets_a_handful_of_copies_from_a_printer_that_never_answers(play: Play) -> None:
    printed = len(prints(play.take()))
    decision = play.printed("A001", Result.UNKNOWN, "silent")
    while play.phase("A001") == "reserved":
        printed += len(prints(play.fire(RETRY)))
        decision = play.printed("A001", Result.UNKNOWN, "silent")

    assert printed == MAX_SLIPS
    assert decision.facts == (
        TicketInDoubt(ticket="A001", slips=MAX_SLIPS, reason="silent"),
        TicketAssumed(ticket="A001", reason="silent"),
    )
    assert set(decision.effects) == {CancelTimer(RETRY), CancelTimer(LIMIT)}


def test_the_limit_is_set_once_and_not_moved_by_further_doubts(play: Play) -> None:
    play.take()
    play.printed("A001", Result.UNKNOWN)
    play.fire(RETRY)

    assert play.printed("A001", Result.UNKNOWN).effects == (SetTimer(RETRY, PRINT_RETRY_S),)


# --- a restart ---
def test_a_restart_prints_what_was_under_way_as_a_copy(play: Play) -> None:
    play.join()
    play.take()
    decision = play.restart()

    assert decision.facts == (TicketInDoubt(ticket="A002", slips=1, reason="restart"),)
    assert prints(decision) == [Print("A002", TODAY, copy=True)]
    assert SetTimer(f"print_limit:{TODAY}/A002", PRINT_LIMIT_S) in decision.effects


def test_a_ticket_that_was_under_way_at_a_restart_is_never_voided(play: Play) -> None:
    play.take()
    play.restart()
    decision = play.printed("A001", Result.FAILED, "paper_end")

    assert (decision.facts, decision.effects) == ((), (SetTimer(RETRY, PRINT_RETRY_S),))


def test_restarts_without_end_do_not_print_without_end(play: Play) -> None:
    printed = len(prints(play.take()))
    for _ in range(10):
        printed += len(prints(play.restart()))

    assert printed == MAX_SLIPS
    assert play.phase("A001") == "waiting"


def test_a_restart_without_the_printer_takes_the_slip_as_out(play: Play) -> None:
    play.take()
    play.hall = replace(play.hall, printer="")
    decision = play.restart()

    assert decision.facts == (TicketAssumed(ticket="A001", reason="no_printer"),)
    assert prints(decision) == []


# --- joining ---
def test_the_queue_is_in_order_of_joining_not_of_touching(play: Play) -> None:
    play.staff("1")
    for session in ("s1", "s2"):
        play.take("tax", session)
    play.printed("A002")
    play.printed("A001")

    assert [play.key("1", KeyAction.CALL).answer["ticket"] for _ in range(2)] == ["A002", "A001"]
