"""Appointments: booked, cancelled, checked in; and what place in the queue they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from drivers.messages import KeyAction, Result, SlipLine
from edge.rules import queue_status, slip, waiting_ahead
from edge.rules.appointments import CARRIED, MAX_BOOKINGS, of_person
from edge.rules.bookings import Appointing, Book, Booking, CancelBooking, CheckIn
from edge.rules.model import Decision, Shift
from tests.unit.rules_kit import CHINA, NINE, TODAY, TOMORROW, Play, a_hall, kinds, refusal

REF = "k7Qx-0001"
TEN = 10 * 60


def book(play: Play, minute: int = TEN, ref: str = REF, service: str = "tax", day: str = TODAY) -> Decision:
    return play.do(Book(ref, service, day, minute))


def check_in(play: Play, ref: str = REF, session: str = "kiosk", **more: object) -> Decision:
    return play.do(CheckIn(ref, session, **more))  # type: ignore[arg-type] # a test names the fields


def at(play: Play, hour: int, minute: int = 0) -> None:
    """Time passes until then, by all clocks."""
    moment = NINE.replace(hour=hour, minute=minute)
    play.passes(moment.timestamp() - play.wall_s)


def arrives(play: Play, ref: str = REF) -> str:
    """With a slip in the hand."""
    ticket = str(check_in(play, ref, f"kiosk {ref}").answer["ticket"])
    play.printed(ticket)
    return ticket


# --- booking ---
def test_who_books_again_is_told_the_same_and_may_not_book_another_time() -> None:
    play = Play()
    first = book(play)
    assert kinds(first) == ["day.opened", "appointment.booked"]
    assert first.answer == {"ref": REF, "service": "tax", "day": TODAY, "time": "10:00"}
    again = book(play)
    assert (again.facts, again.answer) == ((), first.answer)
    assert refusal(book(play, TEN + 30)) == "appointment_known"
    assert kinds(play.do(CancelBooking(REF))) == ["appointment.cancelled"]
    assert kinds(book(play, TEN + 30)) == ["appointment.booked"]


WHO = "0123456789abcdef" * 2


def of_card(play: Play, person: str = WHO) -> list[str]:
    return [each.ref for each in of_person(play.state, person)]


def test_who_is_known_by_a_card_has_his_appointments_of_today_by_their_time() -> None:
    play = Play()
    for ref, minute, day, person in (
        ("k7Qx-0001", TEN + 60, TODAY, WHO),
        ("k7Qx-0002", TEN, TODAY, WHO),
        ("k7Qx-0003", TEN, TOMORROW, WHO),
        ("k7Qx-0004", TEN + 90, TODAY, ""),
        ("k7Qx-0005", TEN + 120, TODAY, "f" * 32),
    ):
        assert not play.do(Book(ref, "tax", day, minute, person=person)).rejection
    assert of_card(play) == ["k7Qx-0002", "k7Qx-0001"]
    assert of_card(play, "") == [], "who booked without is found by nobody"
    assert of_card(play, "e" * 32) == []
    play.at(NINE + timedelta(days=1))
    play.join()
    assert of_card(play) == ["k7Qx-0003"], "carried over the night with who it is"


def test_an_appointment_known_with_another_person_is_not_the_same() -> None:
    play = Play()
    first = play.do(Book(REF, "tax", TODAY, TEN, person=WHO))
    assert play.do(Book(REF, "tax", TODAY, TEN, person=WHO)).answer == first.answer
    assert refusal(play.do(Book(REF, "tax", TODAY, TEN))) == "appointment_known"
    assert WHO not in repr(first.answer)


@pytest.mark.parametrize(
    "ref", ["short", "r" * 65, "has space", "中文编号中文编号", "34088119900101123X", "13905591234"]
)
def test_a_reference_that_is_none_or_says_who_it_is_is_not_kept(ref: str) -> None:
    play = Play()
    play.join()
    decision = book(play, ref=ref)
    assert refusal(decision) == "appointment_reference"
    assert ref not in repr(play.kept)


@pytest.mark.parametrize(
    ("service", "day", "minute", "code"),
    [
        ("marriage", TODAY, TEN, "unknown_service"),
        ("tax", TODAY, 8 * 60 + 59, "appointment_past"),
        ("tax", "2024-05-05", TEN, "appointment_past"),
        ("tax", "2024-06-06", TEN, "appointment_far"),
        ("tax", TOMORROW, 12 * 60, "appointment_closed"),
    ],
)
def test_a_time_that_cannot_be_is_refused(service: str, day: str, minute: int, code: str) -> None:
    play = Play(a_hall(roster=(Shift(("workdays",), ((510, 720), (810, 1050))),)))
    play.join()
    assert refusal(book(play, minute, service=service, day=day)) == code


def test_a_day_off_has_no_appointments() -> None:
    play = Play(a_hall(roster=(Shift(("workdays",), ((510, 720),)),)))
    play.join()
    assert refusal(play.do(Book(REF, "tax", TOMORROW, TEN, workday=False))) == "appointment_closed"


def test_a_span_has_room_for_one_at_each_window_that_is_open() -> None:
    morning = Shift(("workdays",), ((510, 720),), windows=("1",))
    play = Play(a_hall(roster=(morning, Shift(("workdays",), ((510, 1050),), windows=("2",)))))
    refs = [f"reference-{n}" for n in range(9)]
    assert [book(play, TEN + n, refs[n]).rejection is None for n in range(2)] == [True, True]
    assert refusal(book(play, TEN + 29, refs[2])) == "appointment_slot"
    assert refusal(book(play, TEN, refs[2], "land")) == "appointment_slot", "window 2 is wanted for taxes"
    assert book(play, TEN + 30, refs[3]).rejection is None, "another span"
    assert book(play, 14 * 60, refs[4]).rejection is None
    assert refusal(book(play, 14 * 60 + 5, refs[5])) == "appointment_slot", "window 1 is closed then"
    play.do(CancelBooking(refs[4]))
    assert book(play, 14 * 60 + 5, refs[5]).rejection is None


def test_there_is_an_end_to_what_is_kept() -> None:
    play = Play(a_hall(appointing=Appointing(per_window=10**6)))
    play.join()
    for n in range(MAX_BOOKINGS):
        play.state.bookings[f"reference-{n}"] = Booking(f"reference-{n}", "tax", TOMORROW, TEN)
    assert refusal(book(play)) == "appointments_full"


# --- checking in ---
def test_who_checks_in_has_a_ticket_and_its_slip_says_why() -> None:
    play = Play()
    book(play)
    at(play, 9, 40)
    decision = check_in(play)
    assert kinds(decision) == ["ticket.reserved", "appointment.checked_in"]
    assert (decision.answer["ticket"], decision.answer["time"]) == ("A001", "10:00")
    texts = [
        line.text
        for line in slip(play.state, play.state.tickets["A001"], play.hall)
        if isinstance(line, SlipLine)
    ]
    assert "预约 10:00 Appointment" in texts
    play.printed("A001")
    assert play.phase("A001") == "waiting"


@pytest.mark.parametrize(
    ("hour", "minute", "code"),
    [(9, 29, "appointment_early"), (9, 30, ""), (10, 15, ""), (10, 16, "appointment_late")],
)
def test_one_can_check_in_within_the_grace(hour: int, minute: int, code: str) -> None:
    play = Play()
    book(play)
    at(play, hour, minute)
    decision = check_in(play)
    assert (decision.rejection.code if decision.rejection else "") == code
    assert bool(decision.facts) == (not code)


def test_each_other_reason_has_its_words_and_changes_nothing() -> None:
    play = Play()
    book(play)
    book(play, ref="reference-2", day=TOMORROW)
    at(play, 9, 50)
    assert refusal(check_in(play, "nobody-knows")) == "unknown_appointment"
    assert refusal(check_in(play, "reference-2")) == "appointment_day"
    arrives(play)
    twice = check_in(play, session="another kiosk")
    assert refusal(twice) == "appointment_used"
    assert twice.rejection and "A001" in twice.rejection.zh and "A001" in twice.rejection.en
    assert refusal(play.do(CancelBooking(REF))) == "appointment_used"
    assert refusal(play.do(CancelBooking("nobody-knows"))) == "unknown_appointment"
    assert check_in(play, session="kiosk k7Qx-0001").answer["ticket"] == "A001", "the same touch again"


def test_who_got_no_slip_may_check_in_again() -> None:
    play = Play()
    book(play)
    at(play, 10)
    check_in(play)
    play.printed("A001", Result.FAILED, "paper_end")
    assert play.phase("A001") == "voided"
    assert check_in(play, session="another").answer["ticket"] == "A002"


def test_a_printer_that_cannot_print_shows_the_number_or_refuses() -> None:
    play = Play()
    book(play)
    at(play, 10)
    assert refusal(check_in(play, printer_problem="paper_end")) == "cannot_print"
    shown = check_in(play, can_show=True, printer_problem="paper_end")
    assert kinds(shown) == ["ticket.reserved", "appointment.checked_in", "ticket.shown"]
    assert play.phase("A001") == "waiting"


def test_a_service_that_is_closed_now_is_told_with_its_next_hours() -> None:
    roster = (Shift(("workdays",), ((510, 720), (810, 1050))),)
    play = Play(a_hall(roster=roster))
    at(play, 8, 10)
    book(play, 510)
    assert check_in(play).rejection is None, "before the hall opens, for the time at which it does"
    book(play, 719, "reference-2")
    at(play, 12, 5)
    late = check_in(play, "reference-2", "later")
    assert refusal(late) == "closed_until" and late.rejection and "13:30" in late.rejection.en


def test_where_nobody_knows_the_time_nobody_is_early_or_late() -> None:
    play = Play()
    book(play)
    play.clock_ok = False
    assert check_in(play).rejection is None


# --- the place ---
def test_an_appointment_overtakes_nobody_who_came_an_hour_before_it() -> None:
    play = Play()
    play.staff("1")
    early = play.join()
    book(play, 10 * 60 + 20)
    at(play, 9, 30)
    late = [play.join(), play.join()]
    at(play, 9, 55)
    held = arrives(play)
    assert waiting_ahead(play.state, play.hall, "tax", play.state.tickets[held]) == 3, "until he is called"
    at(play, 10, 10)
    calls = [play.serve("1") for _ in range(4)]
    assert calls == [early, held, *late]
    assert [play.state.tickets[id_].overtaken for id_ in calls] == [0, 0, 0, 0]


def test_before_his_time_he_is_called_only_where_nobody_else_waits() -> None:
    play = Play()
    play.staff("2")
    book(play)
    at(play, 9, 40)
    held = arrives(play)
    ordinary, other = play.join(), play.join("land")
    assert [play.serve("2"), play.serve("2"), play.serve("2")] == [ordinary, other, held]
    assert {ticket.overtaken for ticket in play.state.tickets.values()} == {0}


def test_who_has_an_appointment_and_may_still_come_is_counted() -> None:
    play = Play()
    book(play, 9 * 60 + 50)
    book(play, 11 * 60, "reference-2")
    first = play.state.tickets[play.join()]
    assert waiting_ahead(play.state, play.hall, "tax", first) == 1, "eleven has a later place"
    at(play, 10, 6)
    second = play.state.tickets[play.join()]
    assert waiting_ahead(play.state, play.hall, "tax", first) == 0, "nine fifty is too late"
    assert waiting_ahead(play.state, play.hall, "tax", second) == 2


def test_the_oldest_wait_is_that_of_the_one_who_came_first() -> None:
    play = Play()
    play.join()
    book(play, 9 * 60 + 30)
    at(play, 9, 20)
    arrives(play)
    at(play, 9, 25)
    assert queue_status(play.state, play.hall, play.now()).services[0].oldest_wait_s == 1500.0


# --- the day ---
def test_appointments_outlive_the_days_before_them() -> None:
    play = Play()
    book(play, ref="reference-0")
    refs = [f"reference-{n}" for n in range(1, CARRIED + 2)]
    play.hall = replace(play.hall, appointing=Appointing(per_window=1000))
    for ref in refs:
        book(play, ref=ref, day="2024-05-08")
    play.at(datetime(2024, 5, 7, 9, 0, tzinfo=CHINA))
    opened = play.join("land")
    assert opened == "B001"
    carried = [fact for fact, _ in play.kept if fact.kind == "appointments.carried"]
    assert len(carried) == 2
    assert sorted(play.state.bookings) == sorted(refs)
    assert play.folded() == play.state
    play.at(datetime(2024, 5, 8, 10, 0, tzinfo=CHINA) - timedelta(minutes=5))
    assert arrives(play, refs[-1]) == "A001"
    assert play.folded() == play.state


def test_over_a_restart_the_place_stays() -> None:
    play = Play()
    play.staff("1")
    book(play, 9 * 60 + 50)
    at(play, 9, 20)
    late = play.join()
    at(play, 9, 25)
    held = arrives(play)
    play.restart()
    assert str(play.key("1", KeyAction.CALL).answer["ticket"]) == late
    at(play, 9, 41)
    assert str(play.key("1", KeyAction.CALL).answer["ticket"]) == held
