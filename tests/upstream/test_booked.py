"""Appointments that the services have accepted, in the hall's own queue."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.api import NotKept
from edge.bus import Bus
from edge.hall import HallAtWork
from edge.rules.bookings import Book, Booking, CancelBooking
from edge.rules.model import Decision, Rejection
from edge.upstream.booked import Booked
from edge.upstream.messages import Appointment

REF = "ab" * 16
MADE = Appointment(ref=REF, service="tax", day="2026-12-01", time="09:30")
WISH = Book(REF, "tax", "2026-12-01", 9 * 60 + 30)


class Queue:
    """The hall's, as far as it is asked."""

    def __init__(self, *known: Booking, answer: Decision | Exception | None = None) -> None:
        self.asked: list[Any] = []
        self._answer = answer or Decision()
        self.state = SimpleNamespace(bookings={each.ref: each for each in known})

    async def ask(self, wish: object, _by: str) -> Decision:
        self.asked.append(wish)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def booked(self) -> Booked:
        return Booked(cast(HallAtWork, self), cast(Bus, self), by_calendar=True)


async def test_what_is_booked_there_is_booked_here() -> None:
    queue = Queue()
    await queue.booked().keep(MADE, "kiosk")
    assert queue.asked == [WISH]


async def test_another_time_takes_the_place_of_the_one_before() -> None:
    queue = Queue(Booking(REF, "tax", "2026-12-01", 600))
    await queue.booked().keep(MADE, "kiosk")
    assert queue.asked == [CancelBooking(REF), WISH]


async def test_the_same_again_changes_nothing() -> None:
    queue = Queue(Booking(REF, "tax", "2026-12-01", 9 * 60 + 30))
    await queue.booked().keep(MADE, "kiosk")
    assert queue.asked == [WISH], "which the rule answers as before"


async def test_on_a_day_off_the_hall_is_told_that_it_is_one() -> None:
    queue = Queue()
    await queue.booked().keep(MADE.model_copy(update={"day": "2026-12-05"}), "kiosk")
    assert queue.asked == [replace(WISH, day="2026-12-05", workday=False)]


async def test_what_is_cancelled_there_is_cancelled_here_where_it_is_known() -> None:
    queue = Queue(Booking(REF, "tax", "2026-12-01", 600))
    await queue.booked().drop(REF, "kiosk")
    await queue.booked().drop("cd" * 16, "kiosk")
    assert queue.asked == [CancelBooking(REF)]


@pytest.mark.parametrize(
    "answer", [Decision(rejection=Rejection("appointment_slot", "满", "full")), NotKept("full")]
)
async def test_what_the_hall_cannot_keep_is_told_to_technicians_without_its_code(
    caplog: pytest.LogCaptureFixture, answer: Decision | Exception
) -> None:
    await Queue(answer=answer).booked().keep(MADE, "kiosk")
    assert "full" in caplog.text
    assert REF not in caplog.text
