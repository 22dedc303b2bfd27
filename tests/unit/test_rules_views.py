"""The retained topics, and the fold that stands behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drivers.messages import KeyAction, Result
from edge.rules import evolve, queue_status, waiting_ahead, window_status
from edge.rules.bookings import Book, CheckIn
from edge.rules.model import Even, Moment, State
from edge.wire import FACTS, DeviceChanged, Dropped, QueueStatus, ServiceQueue, WindowStatus
from tests.unit.rules_kit import NINE, TODAY, TOMORROW, Play, a_hall

MOMENT = Moment(0.0, 0.0, "boot1")


@pytest.fixture
def play() -> Play:
    return Play()


# --- windows ---
def test_a_window_through_its_day(play: Play) -> None:
    def status(**changes: object) -> None:
        shown = window_status(play.state, play.hall, "1")
        assert shown == WindowStatus.model_validate({"window": "1", **changes})

    status()
    play.join()
    play.join()
    play.join("land")
    status(waiting=2)
    play.staff("1")
    status(waiting=2, state="open", staff="1001")
    play.key("1", KeyAction.PAUSE)
    status(waiting=2, state="paused", staff="1001")
    play.key("1", KeyAction.RESUME)
    play.key("1", KeyAction.CALL)
    on = {"waiting": 1, "state": "open", "staff": "1001", "last_called": "A001"}
    status(**on, ticket="A001", phase="called")
    play.key("1", KeyAction.START)
    status(**on, ticket="A001", phase="serving")
    play.key("1", KeyAction.FINISH)
    status(**on, phase="rating", rating=f"{TODAY}/A001")
    play.rate("1", 5)
    status(**on)
    play.key("1", KeyAction.LOGOUT)
    status(waiting=1, last_called="A001")


def test_a_window_is_open_without_staff_where_no_login_is_needed() -> None:
    play = Play(a_hall(login_required=False))
    assert window_status(play.state, play.hall, "2").state == "open"


def test_a_window_that_is_not_of_the_hall_has_no_status(play: Play) -> None:
    with pytest.raises(KeyError):
        window_status(play.state, play.hall, "77")


# --- the queue ---
def counts(queue: ServiceQueue) -> ServiceQueue:
    """Without its waits, which have tests of their own."""
    return queue.model_copy(update={"wait_p50_s": None, "wait_p90_s": None})


def test_the_queue_counts_who_waits_and_who_was_given_a_ticket(play: Play) -> None:
    play.staff("1")
    play.join()
    play.at(NINE + timedelta(minutes=2))
    play.join()
    play.join("land")
    play.take()  # still being printed
    play.take()
    play.printed("A004", Result.FAILED)
    play.passes(180)
    play.key("1", KeyAction.CALL)

    shown = queue_status(play.state, play.hall, play.now())
    shown = shown.model_copy(update={"services": tuple(map(counts, shown.services))})
    assert shown == QueueStatus(
        day=TODAY,
        services=(
            ServiceQueue(service="tax", waiting=1, issued=2, oldest_wait_s=180.0),
            ServiceQueue(service="land", waiting=1, issued=1, oldest_wait_s=180.0),
            ServiceQueue(service="permit", waiting=0, issued=0, oldest_wait_s=0.0),
        ),
        told=1,
        mean_wait_s=180.0,
        mae_s=164.0,  # he was told that he was the next
        p90_coverage=0.0,
    )


def test_who_is_put_by_and_who_has_an_appointment_are_counted_apart(play: Play) -> None:
    play.staff("1")
    for minute in (10, 40):
        play.do(Book(f"reference-{minute}", "tax", TODAY, 10 * 60 + minute))
    play.do(Book("reference-later", "tax", TOMORROW, 600))
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.HOLD)
    play.at(NINE + timedelta(hours=1))
    play.do(CheckIn("reference-10", "kiosk"))
    tax, land = queue_status(play.state, play.hall, play.now()).services[:2]
    assert (tax.waiting, tax.held, tax.booked) == (0, 1, 1)
    assert (land.held, land.booked) == (0, 0)


def test_a_clock_set_back_makes_no_negative_wait(play: Play) -> None:
    play.join()
    play.at(NINE - timedelta(hours=1))
    shown = queue_status(play.state, play.hall, play.now())
    assert shown.services[0].oldest_wait_s == 0.0


def test_a_ticket_called_back_into_the_queue_is_counted_once(play: Play) -> None:
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.CANCEL)
    tax = queue_status(play.state, play.hall, play.now()).services[0]
    assert (tax.waiting, tax.issued) == (1, 1)


def test_ahead_counts_all_that_may_be_called_before(play: Play) -> None:
    for service in ("tax", "land", "permit", "tax", "land"):
        play.join(service)
    tickets = play.state.tickets

    assert waiting_ahead(play.state, play.hall, "tax", tickets["A001"]) == 0
    assert waiting_ahead(play.state, play.hall, "tax", tickets["A002"]) == 2
    assert waiting_ahead(play.state, play.hall, "land", tickets["B002"]) == 3
    assert waiting_ahead(play.state, play.hall, "permit") == 1
    assert waiting_ahead(play.state, play.hall, "tax") == 4


def test_ahead_of_a_service_that_no_window_serves_is_its_own_queue() -> None:
    play = Play(a_hall(windows={}))
    play.join()
    assert waiting_ahead(play.state, play.hall, "tax") == 1


# --- the fold ---
def test_facts_of_no_rule_change_nothing(play: Play) -> None:
    play.join()
    before = play.folded()
    for fact in (DeviceChanged(device="printer1", state="online", conditions=()), Dropped()):
        evolve(play.state, fact, MOMENT)
    assert play.state == before


def test_a_fact_of_a_newer_version_is_read_without_what_is_new() -> None:
    state = State()
    evolve(state, FACTS.validate_python({"kind": "day.opened", "day": TODAY, "weather": "fine"}), MOMENT)
    assert state == State(TODAY, Even(MOMENT))


def test_a_day_opened_leaves_nothing_of_what_was(play: Play) -> None:
    play.staff("1", "2")
    for _ in range(3):
        play.join()
    play.take()
    play.serve("1")
    play.key("2", KeyAction.CALL)
    evolve(play.state, FACTS.validate_python({"kind": "day.opened", "day": "2024-05-07"}), MOMENT)
    assert play.state == State("2024-05-07", Even(MOMENT))
