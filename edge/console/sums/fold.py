"""From the events of one opened day of a node, in their order, to its sum: pure, and always the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TypeAlias

from edge.console.pairing import Seats, Ticket
from edge.console.reports.lines import Match, Values, kind_of, matcher, plainly
from edge.console.sums.model import UNKNOWN_HOUR as UNKNOWN
from edge.console.sums.model import DaySum, Desk, Flow, within
from edge.wire import (
    Fact,
    RatingGiven,
    RatingMissed,
    ServiceFinished,
    StaffLoggedIn,
    StaffLoggedOut,
    TicketAssumed,
    TicketCalled,
    TicketNoShow,
    TicketPrinted,
    TicketReserved,
    TicketShown,
    TicketTransferred,
)

MAX_TICKETS = 20_000  # of a day; the busiest centre gives 4,000. Of more only the newest are known
MAX_REASONS = 16  # of a rating; the tables have at most nine codes a level


@dataclass(slots=True)
class DayFold:
    """Of the day that a node has opened: fed with `take`, told by `sum`."""

    day: str  # ISO date
    zone: tzinfo
    _told: DaySum = field(default_factory=DaySum)
    _seats: Seats = field(default_factory=Seats)
    _tickets: dict[str, Ticket] = field(default_factory=dict)
    _expected: dict[str, float] = field(
        default_factory=dict
    )  # of each ticket: the P50 that was told, seconds

    def take(self, kind: str, at: float, body: str) -> None:
        """An event as the record keeps it; one that nobody counts is passed over. Raises RecordError."""
        line = _LINES.get(kind)
        if line is None:
            return
        self._seats.heard(at)
        match, wanted, happens = line
        found = match(body)
        happens(self, at, found.groups() if found else plainly(wanted, body))

    def sum(self) -> DaySum:
        """So far. Whoever takes it may not change it."""
        open_, staffed_s = self._seats.so_far()
        self._told.open = open_
        for window, seconds in staffed_s.items():
            self._told.desk(window).staffed_s = seconds
        return self._told

    def _flow(self, at: float, service: str) -> Flow:
        return self._told.flow(self._hour(at), service)

    def _hour(self, at: float) -> int:
        try:
            local = datetime.fromtimestamp(at, self.zone)
        except (ValueError, OverflowError, OSError):
            return UNKNOWN  # no clock says that
        return local.hour if local.date().isoformat() == self.day else UNKNOWN

    def _desk(self, window: str) -> Desk:
        return self._told.desk(window)

    def _ticket(self, name: str) -> Ticket:
        ticket = self._tickets.get(name)
        if ticket is None:
            ticket = self._tickets[name] = Ticket()
            if len(self._tickets) > MAX_TICKETS:
                oldest = next(iter(self._tickets))
                del self._tickets[oldest]
                self._expected.pop(oldest, None)
        return ticket

    # --- what happens; the values are as WANTED says ---
    def _reserved(self, _at: float, values: Values) -> None:
        name, service, p50_s = values
        self._tickets.pop(name, None)
        self._ticket(name).service = service
        if p50_s.isdigit():
            self._expected[name] = float(p50_s)

    def _printed(self, at: float, values: Values) -> None:
        if flow := self._joined(at, values):
            flow.printed += 1

    def _shown(self, at: float, values: Values) -> None:
        if flow := self._joined(at, values):
            flow.shown += 1

    def _assumed(self, at: float, values: Values) -> None:
        if flow := self._joined(at, values):
            flow.assumed += 1

    def _joined(self, at: float, values: Values) -> Flow | None:
        """Once a ticket: a further slip is the same person."""
        boot, mono, name = values
        ticket = self._ticket(name)
        if ticket.joined:
            return None
        ticket.join((at, boot, mono))
        return self._flow(at, ticket.service)

    def _called(self, at: float, values: Values) -> None:
        boot, mono, name, window = values
        ticket = self._ticket(name)
        first = ticket.called is None
        waited_s = ticket.call((at, boot, mono))
        if not first:
            return
        flow = self._flow(at, ticket.service)
        flow.called += 1
        self._desk(window).called += 1
        if waited_s is None:
            return
        flow.wait_n += 1
        flow.wait_s += waited_s
        flow.wait_max_s = max(flow.wait_max_s, waited_s)
        expected_s = self._expected.get(name)
        if expected_s is not None:
            flow.told_n += 1
            flow.told_err_s += abs(expected_s - waited_s)

    def _no_show(self, at: float, values: Values) -> None:
        name, window = values
        self._flow(at, self._ticket(name).service).no_show += 1
        self._desk(window).no_show += 1

    def _sent_on(self, _at: float, values: Values) -> None:
        name, service = values
        self._ticket(name).send_on(service)

    def _finished(self, at: float, values: Values) -> None:
        name, window = values
        self._flow(at, self._ticket(name).service).served += 1
        self._desk(window).served += 1

    def _rated(self, _at: float, values: Values) -> None:
        name, window, level, reasons = values
        if not self._ticket(name).rate(level):
            return
        desk = self._desk(window)
        desk.levels[int(level)] = desk.levels.get(int(level), 0) + 1
        for code in _codes(reasons):
            _count(desk.reasons, f"{level}/{code}")

    def _missed(self, _at: float, values: Values) -> None:
        window, reason = values
        _count(self._desk(window).missed, reason)

    def _logged_in(self, at: float, values: Values) -> None:
        (window,) = values
        self._seats.log_in(window, at)

    def _logged_out(self, at: float, values: Values) -> None:
        window, reason = values
        self._seats.log_out(window, at, reason)


def _codes(text: str) -> list[int]:
    """Each once; what is no list of numbers is none: nobody has checked what stands beside the stamp."""
    try:
        codes = json.loads(text) if text else []
    except ValueError:
        codes = []
    found = codes if isinstance(codes, list) else []
    return list(dict.fromkeys(code for code in found if type(code) is int))[:MAX_REASONS]


def _count(counts: dict[str, int], name: str) -> None:
    name = within(counts, name)
    counts[name] = counts.get(name, 0) + 1


_MOMENT = ("boot", "mono")
Happens: TypeAlias = Callable[[DayFold, float, Values], None]
WANTED: Mapping[type[Fact], tuple[tuple[str, ...], Happens]] = {
    TicketReserved: (("ticket", "service", "wait_p50_s"), DayFold._reserved),
    TicketPrinted: ((*_MOMENT, "ticket"), DayFold._printed),
    TicketShown: ((*_MOMENT, "ticket"), DayFold._shown),
    TicketAssumed: ((*_MOMENT, "ticket"), DayFold._assumed),
    TicketCalled: ((*_MOMENT, "ticket", "window"), DayFold._called),
    TicketNoShow: (("ticket", "window"), DayFold._no_show),
    TicketTransferred: (("ticket", "service"), DayFold._sent_on),
    ServiceFinished: (("ticket", "window"), DayFold._finished),
    RatingGiven: (("ticket", "window", "level", "reasons"), DayFold._rated),
    RatingMissed: (("window", "reason"), DayFold._missed),
    StaffLoggedIn: (("window",), DayFold._logged_in),
    StaffLoggedOut: (("window", "reason"), DayFold._logged_out),
}
_LINES: dict[str, tuple[Match, tuple[str, ...], Happens]] = {
    kind_of(fact): (matcher(fact, wanted), wanted, happens) for fact, (wanted, happens) in WANTED.items()
}
