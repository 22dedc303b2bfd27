"""Who was overtaken how often, from the recorded acts alone: it shares no code with the rules that called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Event = Mapping[str, Any]
_OUT = frozenset({"ticket.printed", "ticket.shown", "ticket.assumed"})
_BACK = frozenset({"ticket.came_back", "ticket.hold_ended", "ticket.call_cancelled", "ticket.transferred"})
_GONE = frozenset({"ticket.no_show", "ticket.held", "ticket.voided", "ticket.expired"})


class Fairness(BaseModel):
    """Overtaken is who could have been called by a window that called somebody who joined after him."""

    overtakings: int
    overtaken: int  # tickets
    most: int  # times that one ticket was
    most_allowed: int
    longest_min: float  # from a ticket's first time to its last
    longest_allowed_min: float

    @property
    def holds(self) -> bool:
        return self.most <= self.most_allowed and self.longest_min <= self.longest_allowed_min


@dataclass(slots=True)
class _Ticket:
    service: str
    order: int
    came_s: float | None = None  # that his place in the queue counts from
    ready_s: float = 0.0  # before it, his appointment is not due
    waits: bool = False
    lets: int = 0  # how many of his service he still lets pass, having come back
    times: int = 0
    first_s: float = 0.0
    last_s: float = 0.0


def fairness(
    events: Iterable[Event], windows: Mapping[str, Sequence[str]], *, most: int, most_min: float
) -> Fairness:
    """`windows`: what each can call. `most`, `most_min`: the bound, as configured."""
    book = _Book(windows)
    for event in events:
        book.read(event)
    overtaken = [each for each in book.tickets.values() if each.times]
    return Fairness(
        overtakings=sum(each.times for each in overtaken),
        overtaken=len(overtaken),
        most=max((each.times for each in overtaken), default=0),
        most_allowed=most,
        longest_min=round(max((each.last_s - each.first_s for each in overtaken), default=0.0) / 60, 2),
        longest_allowed_min=most_min,
    )


class _Book:
    """Of one day and one boot."""

    def __init__(self, windows: Mapping[str, Sequence[str]]) -> None:
        self._windows = windows
        self.tickets: dict[str, _Ticket] = {}

    def read(self, event: Event) -> None:
        kind, name, now_s = event["kind"], event.get("ticket", ""), float(event["mono"])
        if kind == "ticket.reserved":
            self.tickets[name] = _Ticket(event["service"], len(self.tickets))
            return
        ticket = self.tickets.get(name)
        if ticket is None:
            return
        if kind == "appointment.checked_in":
            ticket.came_s, ticket.ready_s = now_s - event["since_s"], now_s + event["ready_in_s"]
        elif kind in _OUT or kind in _BACK:
            ticket.came_s = now_s if ticket.came_s is None else ticket.came_s
            ticket.waits, ticket.lets = True, int(event.get("after", 0))
            ticket.service = str(event.get("service", ticket.service))
        elif kind in _GONE:
            ticket.waits = False
        elif kind == "ticket.called" and event["times"] == 1:
            self._called(ticket, self._windows[event["window"]], now_s)

    def _called(self, called: _Ticket, services: Sequence[str], now_s: float) -> None:
        called.waits, called.lets = False, 0
        for other in self.tickets.values():
            is_in_turn = other.waits and not other.lets and other.ready_s <= now_s
            if is_in_turn and other.service in services and _place(other) < _place(called):
                other.first_s = other.first_s if other.times else now_s
                other.times, other.last_s = other.times + 1, now_s
            if other.waits and other.service == called.service:
                other.lets = max(0, other.lets - 1)


def _place(ticket: _Ticket) -> tuple[float, int]:
    return ticket.came_s or 0.0, ticket.order
