"""From the events of one node, in their order, to counts: a fold that keeps a day's tickets and nothing else.

Times are taken from the monotonic clock within one boot, so that a clock that was set does not make waits;
over a restart of the machine from the wall clock. A day is the one that `day.opened` names: the hall's own.

Where nobody pressed "start", the rules begin an act when it is finished: its time is then taken from its
call. An act that the end of the day ended has no time: nobody knows when it was over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from edge.console.reports.counts import Cell, Counts

Moment: TypeAlias = tuple[float, str, str]  # wall time, boot, monotonic time as it is written
Span: TypeAlias = tuple[float, float]  # wall time


def seconds(since: Moment | None, until: Moment) -> float | None:
    """None where nobody can know."""
    if since is None:
        return None
    same_boot = since[1] == until[1] and since[1] and since[2] and until[2]
    took = float(until[2]) - float(since[2]) if same_boot else until[0] - since[0]
    return took if took >= 0 else None


def _minutes(text: str) -> float:
    """0 for what is no promise: what a node says beside its stamp nobody has checked yet."""
    try:
        minutes = float(text)
    except ValueError:
        return 0.0
    return minutes if 0 < minutes < math.inf else 0.0


@dataclass(slots=True)
class _Ticket:
    service: str = ""
    joined: Moment | None = None
    called: Moment | None = None
    started: Moment | None = None
    counted: Counts | None = None  # where its act is counted, once
    rated: bool = False


@dataclass(slots=True)
class Node:
    """Of one node: fed with `take` and `open_day`; `cells`, `open`, `days` and `windows` come of it."""

    hall: str
    node: str
    cells: dict[Cell, Counts] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    open: list[Span] = field(default_factory=list)  # when somebody was logged in
    windows: set[str] = field(default_factory=set)  # where anything happened
    _tickets: dict[str, _Ticket] = field(default_factory=dict)
    _units: dict[str, str] = field(default_factory=dict)  # of each window, as last told
    _known: dict[tuple[str, str, str], Counts] = field(default_factory=dict)  # by window, staff and service
    _staffed: set[str] = field(default_factory=set)
    _open_since: float = 0.0
    _last_at: float = 0.0  # wall time of the newest event, and of the newest before that moment
    _before: float = 0.0

    def open_day(self, day: str, at: float) -> None:
        self._close(self._last_at)
        self._tickets.clear()
        self.days.add(day)
        self._seen(at)

    def take(self, kind: str, at: float, values: tuple[str, ...]) -> None:
        """`kind` is one of `edge.console.reports.lines.READ`, the values are as that says."""
        if at != self._last_at:
            self._seen(at)
        _TAKE[kind](self, (at, values[0], values[1]), values)

    def end(self) -> None:
        """No more comes. What says nothing of a window's unit belongs to the first that its acts name."""
        self._close(self._last_at)
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

    def _seen(self, at: float) -> None:
        self._before, self._last_at = self._last_at, at

    def _close(self, at: float) -> None:
        if self._staffed:
            self._staffed.clear()
            self.open.append((self._open_since, max(at, self._open_since)))

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

    def _belongs(self, window: str, unit: str) -> None:
        if self._units.get(window, "") != unit:
            self._units[window] = unit
            self._known.clear()

    def _ticket(self, name: str) -> _Ticket:
        ticket = self._tickets.get(name)
        if ticket is None:
            ticket = self._tickets[name] = _Ticket()
        return ticket

    # --- what happens; values: boot, mono, then as READ says ---
    def _reserved(self, _now: Moment, values: tuple[str, ...]) -> None:
        self._tickets[values[2]] = _Ticket(values[3])

    def _joined(self, now: Moment, values: tuple[str, ...]) -> None:
        ticket = self._ticket(values[2])
        ticket.joined = ticket.joined or now

    def _called(self, now: Moment, values: tuple[str, ...]) -> None:
        ticket = self._ticket(values[2])
        waited = seconds(ticket.joined, now) if ticket.called is None else None
        ticket.called, ticket.started = now, None
        if waited is not None:
            self._counts(values[3], values[4], ticket.service).waits.append(waited)

    def _no_show(self, _now: Moment, values: tuple[str, ...]) -> None:
        self._counts(values[3], values[4], self._ticket(values[2]).service).no_shows += 1

    def _sent_on(self, _now: Moment, values: tuple[str, ...]) -> None:
        ticket = self._ticket(values[2])
        self._counts(values[3], values[4], ticket.service).transfers += 1
        ticket.service, ticket.started = values[5], None

    def _started(self, now: Moment, values: tuple[str, ...]) -> None:
        ticket = self._ticket(values[2])
        ticket.started = ticket.started or now

    def _finished(self, now: Moment, values: tuple[str, ...]) -> None:
        _boot, _mono, name, window, staff, asked, unit, promise_min = values
        self._belongs(window, unit)
        ticket = self._ticket(name)
        if ticket.counted:
            return
        counts = ticket.counted = self._counts(window, staff, ticket.service)
        counts.acts += 1
        if asked == "false":
            counts.cut += 1
            return
        pressed = ticket.started if ticket.started and ticket.started != now else ticket.called
        took = seconds(pressed, now)
        if took is None:
            return
        counts.served.append(took)
        if promise_s := 60 * _minutes(promise_min):
            counts.promised += 1
            counts.on_time += took <= promise_s

    def _rated(self, _now: Moment, values: tuple[str, ...]) -> None:
        """It goes where its act is counted. One that the record lacks was there, as the rating shows."""
        _boot, _mono, name, window, staff, level = values
        ticket = self._ticket(name)
        if ticket.rated or level not in {"1", "2", "3", "4", "5"}:
            return
        ticket.rated = True
        counts = ticket.counted
        if counts is None:
            counts = ticket.counted = self._counts(window, staff, ticket.service)
            counts.acts += 1
        counts.levels[int(level)] += 1

    def _logged_in(self, now: Moment, values: tuple[str, ...]) -> None:
        self.windows.add(values[2])
        if not self._staffed:
            self._open_since = now[0]
        self._staffed.add(values[2])

    def _logged_out(self, now: Moment, values: tuple[str, ...]) -> None:
        """By the end of the day: that is told with the next day's first event, perhaps the next morning."""
        if self._staffed == {values[2]}:
            self._close(self._before if values[4] == "day_end" else now[0])
        self._staffed.discard(values[2])


_TAKE: dict[str, Callable[[Node, Moment, tuple[str, ...]], None]] = {
    "ticket.reserved": Node._reserved,
    "ticket.printed": Node._joined,
    "ticket.shown": Node._joined,
    "ticket.assumed": Node._joined,
    "ticket.called": Node._called,
    "ticket.no_show": Node._no_show,
    "ticket.transferred": Node._sent_on,
    "service.started": Node._started,
    "service.finished": Node._finished,
    "rating.given": Node._rated,
    "staff.logged_in": Node._logged_in,
    "staff.logged_out": Node._logged_out,
}
