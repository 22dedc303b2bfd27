"""People who come, and windows that serve them, by our own rules on a clock of its own: what the oracles of
queueing theory are held against."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean, stdev

from drivers.messages import Instant, KeyAction
from edge.rules import decide, evolve, roster
from edge.rules.bookings import Book, CheckIn
from edge.rules.model import Hall, Input, Key, Now, State, TakeTicket
from tests.unit.rules_kit import NINE, TODAY

ERRORS = 3  # standard errors, within which what is the same may differ


@dataclass(frozen=True)
class Person:
    at_s: float  # since the simulation began
    service_s: float
    priority: str = ""
    service: str = "tax"
    ref: str = ""  # of an appointment
    slot_s: float = 0.0  # its time


@dataclass(frozen=True)
class Wait:
    person: Person
    wait_s: float
    window: str
    ticket: str


@dataclass
class Simulation:
    """One day, be it as long as it will. Staff call whenever their window is free and the roster has it open,
    and end what they have begun when it closes. Whoever finds the hall closed is sent away.
    `begin_s`: wall time."""

    hall: Hall
    begin_s: float = NINE.timestamp()
    state: State = field(default_factory=State)
    waits: list[Wait] = field(default_factory=list)
    sent_away: int = 0
    _busy: list[tuple[float, str]] = field(default_factory=list)  # until when
    _came: dict[str, Person] = field(default_factory=dict)

    def run(self, people: Iterable[Person]) -> list[Wait]:
        """Everybody's wait, in the order of being called. `people`: in the order of coming."""
        coming = deque(people)
        changes = deque(self._changes())
        while coming or self._busy or (self._waiting() and changes):
            at_s = min(self._times(coming, changes))
            if changes and changes[0] <= at_s:
                changes.popleft()
            elif self._busy and self._busy[0][0] <= at_s:
                self._do(Key(heapq.heappop(self._busy)[1], KeyAction.FINISH), at_s)
            else:
                self._comes(coming.popleft(), at_s)
            self._call_all(at_s)
        return self.waits

    def _times(self, coming: deque[Person], changes: deque[float]) -> list[float]:
        """Of the next of each kind."""
        times = [self._busy[0][0]] if self._busy else []
        times += [coming[0].at_s] if coming else []
        return times + ([changes[0]] if changes else [])

    def _changes(self) -> list[float]:
        """When the roster opens or closes something, in seconds from the beginning."""
        minute = self._now(0.0)[1]
        edges = {edge for shift in self.hall.roster for span in shift.hours for edge in span}
        return [60.0 * (edge - minute) for edge in sorted(edges) if edge > minute]

    def _comes(self, person: Person, at_s: float) -> None:
        ticket = self._do(self._wish(person, str(len(self._came) + self.sent_away)), at_s)
        if ticket:
            self._came[ticket] = person
        else:
            self.sent_away += 1

    def book(self, person: Person) -> bool:
        """Before anybody comes; False where there is no room."""
        minute = self._now(person.slot_s)[1]
        book = Book(person.ref, person.service, TODAY, minute)
        now, _ = self._now(0.0)
        decision = decide(self.state, book, now, self.hall)
        for fact in decision.facts:
            evolve(self.state, fact, now.moment)
        return decision.rejection is None

    def _wish(self, person: Person, session: str) -> Input:
        if person.ref:
            return CheckIn(person.ref, session, True)
        return TakeTicket(person.service, session, True, person.priority)

    def _call_all(self, at_s: float) -> None:
        """Every free window calls, while anybody waits."""
        busy = {window for _, window in self._busy}
        for window in self.hall.windows:
            if not self._waiting():
                return
            if window not in busy and self._is_open(window, at_s):
                self._call(window, at_s)

    def _call(self, window: str, at_s: float) -> None:
        ticket = self._do(Key(window, KeyAction.CALL), at_s)
        if ticket:
            self._do(Key(window, KeyAction.START), at_s)
            person = self._came[ticket]
            self.waits.append(Wait(person, at_s - person.at_s, window, ticket))
            heapq.heappush(self._busy, (at_s + person.service_s, window))

    def _waiting(self) -> int:
        return sum(len(queue) for queue in self.state.waiting.values())

    def _is_open(self, window: str, at_s: float) -> bool:
        return roster.window_hours(self.hall, window, roster.when(self._now(at_s)[0], self.hall)).is_open

    def _now(self, at_s: float) -> tuple[Now, int]:
        """With the minute of the day."""
        instant = Instant(self.begin_s + at_s, at_s, True)
        now = Now(instant, TODAY)
        when = roster.when(now, self.hall)
        assert when
        return now, when.minute

    def _do(self, given: Input, at_s: float) -> str:
        now, _ = self._now(at_s)
        decision = decide(self.state, given, now, self.hall)
        for fact in decision.facts:
            evolve(self.state, fact, now.moment)
        return str(decision.answer.get("ticket", ""))


@dataclass(frozen=True)
class Estimate:
    """A mean over independent runs, with its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, runs: Sequence[float]) -> Estimate:
        return cls(fmean(runs), stdev(runs) / sqrt(len(runs)))

    def agrees(self, other: Estimate | float) -> bool:
        """Within three standard errors of the difference."""
        known = other if isinstance(other, Estimate) else Estimate(other, 0.0)
        return abs(self.mean - known.mean) <= ERRORS * sqrt(self.error**2 + known.error**2)
