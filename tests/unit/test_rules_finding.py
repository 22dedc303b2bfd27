"""Where in the queue a ticket is, told to who holds its slip."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules import position
from edge.rules.finding import Position
from edge.rules.model import Rejection
from edge.wire import TicketReserved
from tests.unit.rules_kit import TODAY, Play, a_hall


def find(play: Play, slip: str) -> Position | Rejection:
    return position(play.state, slip, play.hall, play.now())


def found(play: Play, slip: str) -> Position:
    at = find(play, slip)
    assert isinstance(at, Position), at
    return at


@pytest.fixture
def play() -> Play:
    play = Play(a_hall())
    play.staff("1", "2")
    for _ in range(3):
        play.join()
    return play


@pytest.mark.parametrize("slip", ["A003", "a003", " A003 ", f"{TODAY}/A003", f"test/{TODAY}/A003"])
def test_a_number_or_its_code_names_a_ticket_of_today(play: Play, slip: str) -> None:
    slip = slip.replace("test/", f"{play.hall.id}/")
    at = found(play, slip)
    assert (at.ticket.id, at.ahead) == ("A003", 2)


@pytest.mark.parametrize(
    "slip", ["", "A004", "A00", f"other/{TODAY}/A003", "2024-06-03/A003", "x" * 160, "\0"]
)
def test_another_days_or_halls_or_none_is_not_found(play: Play, slip: str) -> None:
    refused = find(play, slip)
    assert isinstance(refused, Rejection) and refused.code == "unknown_ticket"


def test_its_place_moves_up_until_it_is_called(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    assert found(play, "A003").ahead == 1
    called = found(play, "A001")
    assert (called.ticket.phase, called.ticket.window, called.ahead, called.wait) == (
        "called",
        "1",
        None,
        None,
    )


def test_who_has_just_taken_a_ticket_finds_the_wait_that_he_was_told(play: Play) -> None:
    """The same reckoning, from his own place: not that of one who takes a ticket now."""
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    play.join()
    told = [fact for fact, _ in play.kept if isinstance(fact, TicketReserved)][-1]
    at = found(play, told.ticket)
    assert at.wait is not None and told.wait_p50_s is not None and told.wait_p90_s is not None
    assert at.wait.p50_s == pytest.approx(told.wait_p50_s, abs=2)
    assert at.wait.p90_s == pytest.approx(told.wait_p90_s, abs=2)
    for _ in range(3):
        play.join()
    assert found(play, told.ticket).wait == pytest.approx(at.wait, abs=2), "who comes later changes nothing"


def test_who_waits_longer_has_less_to_wait(play: Play) -> None:
    waits = [found(play, ticket).wait for ticket in ("A001", "A002", "A003")]
    assert all(waits)
    assert [each.p50_s for each in waits if each] == sorted(each.p50_s for each in waits if each)


def test_a_hall_that_tells_no_waits_tells_the_place_alone() -> None:
    play = Play(a_hall(tells_waits=False))
    play.join()
    at = found(play, "A001")
    assert (at.ahead, at.wait) == (0, None)
