"""What others see of the state: the retained topics of windows and queue, and how many are ahead."""

from __future__ import annotations

from collections.abc import Iterable

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
    it by class, and whoever is put by there: never too few, so that nobody is promised less than the wait.
    Who joined before a ticket of a class counts, though it may well go first: there is a bound on how often.
    """
    rivals = {service}
    for window in hall.windows.values():
        if service in window.services:
            rivals.update(window.services)
    held = sum(state.tickets[id_].service in rivals for id_ in state.held if id_ != (ticket and ticket.id))
    if ticket is None or not ticket.order:
        return waiting_in(state, rivals) + held
    if ticket.after:  # with the calls of his service that he lets pass any number of others may be called
        return waiting_in(state, rivals) + held - 1
    own = rank(ticket, hall)
    others = (state.tickets[id_] for rival in rivals for _, id_ in state.waiting.get(rival, ()))
    return held + sum(other.order < ticket.order or rank(other, hall) < own for other in others)


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
    waiting = state.waiting.get(service)
    since = state.tickets[waiting[0][1]].reserved_at if waiting else at
    return ServiceQueue(
        service=service,
        waiting=len(waiting or ()),
        issued=state.issued.get(service, 0),
        oldest_wait_s=max(0.0, round(at - since, 1)),  # a clock may have been set back meanwhile
        wait_p50_s=p50_s,
        wait_p90_s=p90_s,
    )
