"""Who waits, in the order in which they will be called, and who would take a ticket now, at his place.

Whoever cannot be called yet stands in a queue of his service's own, by the time from when he can: who is put
by for some minutes, who has an appointment, be it that he has checked in or that he may still come, and who
has further steps of an express lane before him.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from edge.rules.coming import Coming
from edge.rules.items import Kind
from edge.rules.model import Hall, Place, State, Ticket
from edge.rules.priority import is_due, rank
from edge.rules.roster import When

Rank = tuple[int, Place]
FIRST = -1  # before all others, by the order of joining
NOBODY: Rank = (99, (inf, 0))  # after all others: the end of each queue
MINUTE_S = 60.0


class Ask(NamedTuple):
    """Who would take a ticket of `service`; `priority` "" is ordinary. Or who has `ticket`, and waits."""

    service: str
    priority: str = ""
    ticket: str = ""


class Clock(NamedTuple):
    """The moment of an estimate: even time, and the hall's local time with what has passed of its minute."""

    now_s: float
    when: When | None = None
    late_s: float = 0.0


# What a ticket waits for, or the place of an ask; seconds until he is ready
Row = tuple[Rank, Kind | int, float]
NOTHING: Kind = ("", "")


@dataclass(slots=True, eq=False, repr=False)  # which cost memory that a node does not have
class Queue:
    """In turn, with NOBODY at the end."""

    rows: list[Row]
    head: int = 0


def only(window: str) -> str:
    """The queue of those who were sent to this window: no service has such a name."""
    return f"@{window}"


def later(service: str) -> str:
    """The queue of those who cannot be called yet."""
    return f"~{service}"


def lineup(
    state: State,
    hall: Hall,
    services: set[str],
    asks: Sequence[Ask],
    at: Clock,
    *,
    steps: Iterable[Coming] = (),
) -> dict[str, Queue]:
    """By name of the service, or as `only` and `later` say."""
    rows: dict[str, list[Row]] = {service: [] for service in services}
    waiting = [state.tickets[id_] for each in services for _, id_ in state.waiting.get(each, ())]
    asked = {ask.ticket: place for place, ask in enumerate(asks) if ask.ticket}
    for ticket in waiting:
        if ticket.ready_s > at.now_s:
            rows.setdefault(later(ticket.service), []).append(_row(ticket, hall, at, asked, ticket.ready_s))
        elif not ticket.after:
            queue = only(ticket.only) if ticket.only in hall.windows else ticket.service
            rows.setdefault(queue, []).append(_row(ticket, hall, at, asked))
    for ticket in (state.tickets[id_] for id_ in state.held):
        if ticket.service in services:
            rows.setdefault(later(ticket.service), []).append(
                _row(ticket, hall, at, asked, ticket.held_until_s)
            )
    for service, row in _booked(state, hall, at):
        if service in services:
            rows.setdefault(later(service), []).append(row)
    for ticket, service, ready_s in steps:
        if service in services:
            rows.setdefault(later(service), []).append((rank(ticket, hall), (service, ""), ready_s))
    for place, ask in enumerate(asks):
        if ask.ticket:
            continue
        rows[ask.service].append((_newcomer(ask, hall, state, at.now_s), place, 0.0))
    back = [ticket for ticket in waiting if ticket.after and ticket.ready_s <= at.now_s]
    for name, queue_rows in rows.items():
        queue_rows.sort(
            key=lambda row: (row[2], row[0])
        )  # all are ready now where it is not of those who are not
        _let_back_in(queue_rows, [ticket for ticket in back if ticket.service == name], asked)
        queue_rows.append((NOBODY, NOTHING, 0.0))
    return {name: Queue(queue_rows) for name, queue_rows in rows.items()}


def _row(ticket: Ticket, hall: Hall, at: Clock, asked: Mapping[str, int], ready_s: float = 0.0) -> Row:
    """Who may not be overtaken any more goes first; who is put by resumes before all."""
    first = ticket.phase == "held" or is_due(ticket, hall, at.now_s)
    own = (FIRST, (0.0, ticket.order)) if first else rank(ticket, hall)
    return own, asked.get(ticket.id, ticket.kind), max(0.0, ready_s - at.now_s)


def _booked(state: State, hall: Hall, at: Clock) -> Iterator[tuple[str, Row]]:
    """Those of today who may still check in, where anybody knows the time."""
    if at.when is None or at.when.day.isoformat() != state.day:
        return
    rules, passed_s = hall.appointing, MINUTE_S * at.when.minute + at.late_s
    for number, booking in enumerate(state.bookings.values()):
        if (
            not booking.ticket
            and booking.day == state.day
            and booking.minute + rules.late_min >= at.when.minute
        ):
            place_s = at.now_s + MINUTE_S * (booking.minute - rules.place_min) - passed_s
            ready_s = max(0.0, MINUTE_S * (booking.minute - rules.lead_min) - passed_s)
            yield (
                booking.service,
                (rank(_one_of(booking.service, place_s, number), hall), (booking.service, ""), ready_s),
            )


def _newcomer(ask: Ask, hall: Hall, state: State, now_s: float) -> Rank:
    return rank(_one_of(ask.service, now_s, state.joined + 1, ask.priority), hall)


def _one_of(service: str, joined_s: float, order: int, priority: str = "") -> Ticket:
    """A ticket that there is not, for its rank."""
    ticket = Ticket("", "", service, 0, "", can_show=False, reserved_at=0.0, priority=priority)
    ticket.order, ticket.joined_s = order, joined_s
    return ticket


def _let_back_in(rows: list[Row], back: Sequence[Ticket], asked: Mapping[str, int]) -> None:
    """Who came back has his turn once so many of his service have been called."""
    for ticket in sorted(back, key=lambda each: each.after):
        who = asked.get(ticket.id, ticket.kind)
        rows.insert(min(ticket.after, len(rows)), ((FIRST, (0.0, ticket.order)), who, 0.0))
