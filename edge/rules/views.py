"""What others see of the state: the retained topics of windows and queue, and how many are ahead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from edge.rules import even
from edge.rules.model import Hall, Now, State, Ticket
from edge.rules.priority import rank
from edge.rules.telling import clock_of, expected, seconds, with_errors
from edge.rules.waits import Wait
from edge.wire import QueueStatus, ServiceQueue, WindowStatus


def waiting_in(state: State, services: Iterable[str]) -> int:
    return sum(len(state.waiting.get(service, ())) for service in services)


def waiting_ahead(state: State, hall: Hall, service: str, ticket: Ticket | None = None) -> int:
    """How many of those who wait may be called before `ticket`, or before a new one of `service`.

    Counts whoever waits for any service of a window that serves this one, and joined before it or goes before
    it by class, whoever is put by there, and whoever has an appointment and may still come: never too few, so
    that nobody is promised less than the wait. Who joined before a ticket of a class counts, though it may
    well go first: there is a bound on how often.
    """
    all_of = rivals(hall, service)
    held = sum(state.tickets[id_].service in all_of for id_ in state.held if id_ != (ticket and ticket.id))
    held += _expected(state, hall, all_of, ticket)
    if ticket is None or not ticket.order:
        return waiting_in(state, all_of) + held
    if ticket.after or ticket.ready_s > state.clock.s:  # until his turn any number of others may be called
        return waiting_in(state, all_of) + held - 1
    own = rank(ticket, hall)
    others = (state.tickets[id_] for rival in all_of for _, id_ in state.waiting.get(rival, ()))
    return held + sum(other.place < ticket.place or rank(other, hall) < own for other in others)


def _expected(state: State, hall: Hall, services: set[str], ticket: Ticket | None) -> int:
    """Who may still check in today, and then has a place before `ticket`, or before a new one: by the wall
    clock of the last fact."""
    if not state.bookings or state.clock.at is None:
        return 0
    now = _minute(state.clock.at.wall_s, hall)
    joins = _minute(ticket.reserved_at, hall) if ticket and not ticket.appointment else now
    rules = hall.appointing
    return sum(
        not each.ticket
        and each.service in services
        and each.day == state.day
        and each.minute + rules.late_min >= now
        and each.minute - rules.place_min <= joins
        for each in state.bookings.values()
    )


def _minute(wall_s: float, hall: Hall) -> int:
    local = datetime.fromtimestamp(wall_s, hall.zone)
    return 60 * local.hour + local.minute


def rivals(hall: Hall, service: str) -> set[str]:
    """All that the windows of this service can be wanted for."""
    windows = (window for window in hall.windows.values() if service in window.services)
    return {service}.union(*(window.services for window in windows))


def window_status(state: State, hall: Hall, window: str) -> WindowStatus:
    """The `window/<window>` topic. Raises KeyError for a window that is not of the hall."""
    seat = state.window(window)
    ticket = state.tickets.get(seat.ticket)
    status = WindowStatus(
        window=window,
        staff=seat.staff,
        state="paused" if seat.paused else "open",
        ticket=seat.ticket,
        rating=seat.rating.act if seat.rating else "",
        last_called=seat.last_called,
        waiting=waiting_in(state, hall.windows[window].services),
    )
    if hall.login_required and not seat.staff:
        return status.model_copy(update={"state": "closed"})
    if ticket is not None:
        return status.model_copy(update={"phase": ticket.phase})
    return status.model_copy(update={"phase": "rating"}) if seat.rating else status


def queue_status(state: State, hall: Hall, now: Now) -> QueueStatus:
    """The `queue` topic: every service of the hall, in its order."""
    clock = clock_of(now, even.seconds(state.clock, now.moment), hall)
    waits = expected(state, hall, clock)
    queues = (_service_queue(state, service, now.instant.wall_s, wait) for service, wait in waits.items())
    return with_errors(QueueStatus(day=state.day, services=tuple(queues)), state.pace.errors)


def _service_queue(state: State, service: str, at: float, wait: Wait | None) -> ServiceQueue:
    p50_s, p90_s = seconds(wait)
    waiting = state.waiting.get(service, ())
    since = min((state.tickets[id_].reserved_at for _, id_ in waiting), default=at)
    return ServiceQueue(
        service=service,
        waiting=len(waiting),
        issued=state.issued.get(service, 0),
        oldest_wait_s=max(0.0, round(at - since, 1)),  # a clock may have been set back meanwhile
        wait_p50_s=p50_s,
        wait_p90_s=p90_s,
        held=sum(state.tickets[id_].service == service for id_ in state.held),
        booked=sum(
            not each.ticket and (each.service, each.day) == (service, state.day)
            for each in state.bookings.values()
        ),
    )
