"""From the events of one node, in their order, to counts: a fold that keeps a day's tickets and nothing else.

A day is the one that `day.opened` names: the hall's own. An act that the end of the day ended has no time:
nobody knows when it was over.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from edge.console.pairing import Seats, Span, Ticket
from edge.console.reports.counts import Cell, Counts
from edge.console.reports.fees import Fees, Place
from edge.console.reports.lines import READ, Match, Values, kind_of, matcher, plainly
from edge.rules.rates import BAD
from edge.wire import (
    Fact,
    FeeCharged,
    FeeRefunded,
    RatingGiven,
    ServiceFinished,
    ServiceStarted,
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


def _minutes(text: str) -> float:
    """0 for what is no promise: what a node says beside its stamp nobody has checked yet."""
    try:
        minutes = float(text)
    except ValueError:
        return 0.0
    return minutes if 0 < minutes < math.inf else 0.0


@dataclass(slots=True)
class _Ticket(Ticket):
    counted: Counts | None = None  # where its act is counted, once


@dataclass(slots=True)
class Node:
    """Of one node: fed with `take` and `open_day`; `cells`, `seats` and `days` come of it."""

    hall: str
    node: str
    withdrawn: frozenset[str] = frozenset()  # ids of ratings against which an appeal was granted
    cells: dict[Cell, Counts] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    seats: Seats = field(default_factory=Seats)
    fees: dict[Place, Fees] = field(default_factory=dict)
    _receipts: set[str] = field(default_factory=set)  # of the day
    _tickets: defaultdict[str, _Ticket] = field(default_factory=lambda: defaultdict(_Ticket))
    _units: dict[str, str] = field(default_factory=dict)  # of each window, as last told
    _known: dict[tuple[str, str, str], Counts] = field(default_factory=dict)  # by window, staff and service

    @property
    def open(self) -> list[Span]:
        """When somebody was logged in."""
        return self.seats.open

    @property
    def windows(self) -> set[str]:
        """Where somebody was."""
        return set(self.seats.staffed_s)

    def open_day(self, day: str, at: float) -> None:
        self.seats.close()
        self._tickets.clear()
        self._receipts.clear()
        self.days.add(day)
        self.seats.heard(at)

    def take(self, kind: str, at: float, body: str) -> None:
        """An event as the record keeps it; one that nobody counts by is passed over. Raises RecordError."""
        line = _LINES.get(kind)
        if line is None:
            return
        self.seats.heard(at)
        match, wanted, happens = line
        found = match(body)
        happens(self, at, found.groups() if found else plainly(wanted, body))

    def end(self) -> None:
        """No more comes. What says nothing of a window's unit belongs to the first that its acts name."""
        self.seats.close()
        unit: dict[str, str] = {}
        for cell in self.cells:
            if cell.unit:
                unit.setdefault(cell.window, cell.unit)
        for cell in [cell for cell in self.cells if not cell.unit and cell.window in unit]:
            told = Cell(cell.hall, cell.node, unit[cell.window], cell.window, cell.staff, cell.service)
            self._at(told).add(self.cells.pop(cell))
        for counts in self.cells.values():
            counts.settle()
        self._known.clear()

    def _at(self, cell: Cell) -> Counts:
        counts = self.cells.get(cell)
        if counts is None:
            counts = self.cells[cell] = Counts()
        return counts

    def _counts(self, window: str, staff: str, service: str) -> Counts:
        at = window, staff, service
        counts = self._known.get(at)
        if counts is None:
            unit = self._units.get(window, "")
            counts = self._known[at] = self._at(Cell(self.hall, self.node, unit, *at))
        return counts

    # --- what happens; the values are as READ says ---
    def _reserved(self, _at: float, values: Values) -> None:
        name, service = values
        self._tickets[name] = _Ticket(service)

    def _joined(self, at: float, values: Values) -> None:
        boot, mono, name = values
        self._tickets[name].join((at, boot, mono))

    def _called(self, at: float, values: Values) -> None:
        boot, mono, name, window, staff = values
        ticket = self._tickets[name]
        waited = ticket.call((at, boot, mono))
        if waited is not None:
            self._counts(window, staff, ticket.service).waits.append(waited)

    def _no_show(self, _at: float, values: Values) -> None:
        name, window, staff = values
        self._counts(window, staff, self._tickets[name].service).no_shows += 1

    def _sent_on(self, _at: float, values: Values) -> None:
        name, window, staff, service = values
        ticket = self._tickets[name]
        self._counts(window, staff, ticket.service).transfers += 1
        ticket.send_on(service)

    def _started(self, at: float, values: Values) -> None:
        boot, mono, name = values
        self._tickets[name].start((at, boot, mono))

    def _finished(self, at: float, values: Values) -> None:
        boot, mono, name, window, staff, asked, unit, promise_min = values
        if self._units.get(window, "") != unit:
            self._units[window] = unit
            self._known.clear()
        ticket = self._tickets[name]
        if ticket.counted:
            return
        counts = ticket.counted = self._counts(window, staff, ticket.service)
        counts.acts += 1
        if asked == "false":
            counts.cut += 1
            return
        took = ticket.took((at, boot, mono))
        if took is None:
            return
        counts.served.append(took)
        if promise_s := 60 * _minutes(promise_min):
            counts.promised += 1
            counts.on_time += took <= promise_s

    def _rated(self, _at: float, values: Values) -> None:
        """It goes where its act is counted. One that the record lacks was there, as the rating shows."""
        id_, name, window, staff, level = values
        ticket = self._tickets[name]
        if not ticket.rate(level):
            return
        counts = ticket.counted
        if counts is None:
            counts = ticket.counted = self._counts(window, staff, ticket.service)
            counts.acts += 1
        counts.levels[int(level)] += 1
        counts.withdrawn += id_ in self.withdrawn and int(level) in BAD

    def _charged(self, _at: float, values: Values) -> None:
        """Once a receipt, as the node itself keeps it."""
        receipt, amount, window, unit, act, configured = values
        if receipt not in self._receipts:
            self._receipts.add(receipt)
            self._fees(unit, window).charge(amount, act, configured)

    def _refunded(self, _at: float, values: Values) -> None:
        amount, window, unit = values
        self._fees(unit, window).refund(amount)

    def _fees(self, unit: str, window: str) -> Fees:
        return self.fees.setdefault(Place(self.hall, self.node, unit, window), Fees())

    def _logged_in(self, at: float, values: Values) -> None:
        (window,) = values
        self.seats.log_in(window, at)

    def _logged_out(self, at: float, values: Values) -> None:
        window, reason = values
        self.seats.log_out(window, at, reason)


Happens: TypeAlias = Callable[[Node, float, Values], None]
_HAPPENS: dict[type[Fact], Happens] = {
    TicketReserved: Node._reserved,
    TicketPrinted: Node._joined,
    TicketShown: Node._joined,
    TicketAssumed: Node._joined,
    TicketCalled: Node._called,
    TicketNoShow: Node._no_show,
    TicketTransferred: Node._sent_on,
    ServiceStarted: Node._started,
    ServiceFinished: Node._finished,
    FeeCharged: Node._charged,
    FeeRefunded: Node._refunded,
    RatingGiven: Node._rated,
    StaffLoggedIn: Node._logged_in,
    StaffLoggedOut: Node._logged_out,
}
_LINES: dict[str, tuple[Match, tuple[str, ...], Happens]] = {
    kind_of(fact): (matcher(fact, wanted), wanted, _HAPPENS[fact]) for fact, wanted in READ.items()
}
