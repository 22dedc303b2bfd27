"""One who reads the facts of a hall and nothing else, with books of his own, and objects to what cannot be.

He shares no code with the rules: what he holds is what a hub could hold.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date

import pytest

from edge import wire

# Of a hall with a roster: what is open when, in minutes of any day, written out by hand.
OPEN = {
    "tax": ((540, 720), (810, 1050)),
    "land": ((810, 1050),),
    "permit": ((480, 1200),),
    "marriage": ((0, 1440),),  # no window serves it
}
WINDOWS_OPEN = {"1": ((540, 720), (810, 1050)), "2": ((810, 1050),), "3": ((480, 1200),)}


FORGOTTEN = 0.3  # act, of all kinds together: so few are not worth a row each


def is_open(spans: tuple[tuple[int, int], ...], minute: int) -> bool:
    return any(begin <= minute < end for begin, end in spans)


def opens_later(spans: tuple[tuple[int, int], ...], minute: int) -> bool:
    return not is_open(spans, minute) and any(begin > minute for begin, _ in spans)


@dataclass
class Book:
    """What is known of one ticket."""

    service: str
    session: str
    can_show: bool
    phase: str = "reserved"
    doubt: bool = False
    window: str = ""
    calls: int = 0
    priority: str = ""
    passed: int = 0  # how often somebody who joined later was called before it for his class
    misses: int = 0
    begun: bool = False  # an act that has not ended
    resumes: bool = False
    only: str = ""  # the window that it was sent to
    back: tuple[str, str] | None = None  # window and service that it is to go back to
    origin: str = ""  # the service that it was taken for
    lets: int = 0  # how many of its service it still lets pass, having come back
    came_s: float | None = None  # when its place began; an appointment says it before it joins
    ready_s: float = 0.0  # from when its appointment has it called there


@dataclass
class Witness:
    day: str = ""
    books: dict[str, Book] = field(default_factory=dict)  # of the day
    fees: dict[str, int] = field(default_factory=dict)  # of the day, by receipt: what is left of each
    queue: list[str] = field(default_factory=list)  # everybody who has joined today, by place
    staff: dict[str, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    numbers: set[tuple[str, str]] = field(default_factory=set)  # of all days
    notice: str = ""  # of the day
    at_s: float = 0.0  # even time of the facts that are read, which their stamps tell
    booked: dict[str, tuple[str, str]] = field(default_factory=dict)  # reference → day and service
    owed: dict[str, tuple[str, str]] = field(default_factory=dict)  # the same, to be said again
    used: dict[str, str] = field(default_factory=dict)  # reference → ticket
    projects: dict[str, list[str]] = field(default_factory=dict)  # open ones → steps that are done
    pending: dict[str, list[str]] = field(default_factory=dict)  # the same, to be said again
    opened: set[str] = field(default_factory=set)  # projects of all days
    acts: dict[str, str] = field(default_factory=dict)  # act → "open" | "given" | "missed", of all days
    taught: float = 0.0  # acts that the day has shown the end of, and those of earlier days as they weigh
    untold: float = 0.0  # the same of yesterday, to be said again

    def at(self, window: str) -> list[str]:
        return [
            id_
            for id_, book in self.books.items()
            if book.window == window and book.phase in {"called", "serving"}
        ]

    def waiting(self, services: tuple[str, ...]) -> list[str]:
        """In the order of their places."""
        return [
            id_
            for id_ in self.queue
            if self.books[id_].phase == "waiting" and self.books[id_].service in services
        ]

    def in_turn(self, services: tuple[str, ...], window: str) -> list[str]:
        """At this window, in the order of joining: of each service those who let nobody pass, or else the one
        who lets the fewest."""
        found = []
        for service in services:
            here = [
                id_
                for id_ in self.waiting((service,))
                if self.books[id_].only in {"", window} and self.books[id_].ready_s <= self.at_s
            ]
            free = [id_ for id_ in here if not self.books[id_].lets]
            found += free or sorted(here, key=lambda id_: self.books[id_].lets)[:1]
        return sorted(found, key=self.queue.index)

    def callable(self, services: tuple[str, ...], window: str) -> list[str]:
        """Where nobody is in turn, the one whose appointment is next."""
        early = [id_ for id_ in self.waiting(services) if self.books[id_].only in {"", window}]
        early.sort(key=lambda id_: self.books[id_].ready_s)
        return self.in_turn(services, window) or early[:1]

    def living(self, session: str) -> list[str]:
        return [id_ for id_, book in self.books.items() if book.session == session and book.phase != "voided"]

    def reads(self, fact: wire.Fact) -> None:
        carried = wire.AppointmentsCarried | wire.ProjectsCarried | wire.PaceCarried
        carrying = isinstance(fact, wire.DayOpened | wire.NoticeSet | carried)
        swallowed = self.owed or self.pending or self.untold > FORGOTTEN
        assert carrying or not swallowed, "what the night has swallowed"
        if fact.kind.startswith("appointment"):
            self._appointment(fact)
            return
        if fact.kind.startswith("project"):
            self._project(fact)
            return
        if isinstance(fact, wire.FeeCharged | wire.FeeRefunded):
            self._fee(fact)
            return
        match fact:
            case wire.DayOpened():
                self._day(fact)
            case wire.TicketReserved():
                self._reserved(fact)
            case wire.TicketInDoubt():
                self._in(fact.ticket, "reserved").doubt = True
            case wire.TicketPrinted() | wire.TicketShown() | wire.TicketAssumed():
                self._joined(fact)
            case wire.TicketVoided():
                book = self._in(fact.ticket, "reserved")
                assert not book.doubt, "someone may hold a slip of this number"
                assert not book.can_show
                book.phase = "voided"
                self.used = {ref: ticket for ref, ticket in self.used.items() if ticket != fact.ticket}
            case wire.StaffLoggedIn():
                assert not self.at(fact.window) and not self.staff.get(fact.window)
                self.staff[fact.window] = fact.staff
                self.paused.discard(fact.window)
            case wire.StaffLoggedOut():
                assert self.staff.pop(fact.window) == fact.staff
                for book in self.books.values():
                    book.only = "" if book.only == fact.window else book.only
                self.paused.discard(fact.window)
            case wire.NoticeSet():
                assert fact.text != self.notice, "nothing new"
                self.notice = fact.text
            case wire.PaceCarried():
                self.taught = sum(each.n for each in fact.acts)
                assert self.taught == pytest.approx(self.untold, abs=FORGOTTEN)
                self.untold = 0.0
            case _:
                self._at_window(fact)

    def _at_window(self, fact: wire.Fact) -> None:
        if isinstance(fact, wire.TicketHeld | wire.TicketTransferred):
            self.taught += 1
        if isinstance(fact, wire.ServiceFinished) and fact.rating_asked:
            self.taught += 1
        match fact:
            case wire.TicketCalled():
                self._called(fact)
            case wire.TicketNoShow() | wire.CallCancelled():
                book = self._in(fact.ticket, "called", fact.window)
                book.phase = "no_show" if isinstance(fact, wire.TicketNoShow) else "waiting"
                book.calls = 0
                book.misses += isinstance(fact, wire.TicketNoShow)
            case wire.TicketExpired():
                self._in(fact.ticket, "no_show").phase = "expired"
            case wire.TicketCameBack():
                book = self._in(fact.ticket, "no_show")
                book.phase, book.lets = "waiting", fact.after
            case wire.TicketHeld():
                assert self.at(fact.window) == [fact.ticket] and fact.minutes > 0
                self.books[fact.ticket].phase = "held"
            case wire.TicketHoldEnded():
                book = self._in(fact.ticket, "held")
                book.phase, book.calls, book.resumes = "waiting", 0, True
            case wire.TicketTransferred():
                self._transferred(fact)
            case wire.ServiceStarted():
                book = self._in(fact.ticket, "called", fact.window)
                book.phase, book.begun = "serving", True
            case wire.ServiceFinished():
                book = self.books[fact.ticket]
                assert book.begun and book.window == fact.window
                assert book.phase == "serving" or not fact.rating_asked, "asked to rate, and not there"
                book.phase, book.begun = "done", False
                assert fact.act == f"{self.day}/{fact.ticket}" and fact.act not in self.acts
                self.acts[fact.act] = "open"
            case wire.RatingGiven() | wire.RatingMissed():
                outcome = self.acts.get(fact.act)
                late = outcome == "missed" and fact.act.startswith(self.day) and fact.kind == "rating.given"
                assert outcome == "open" or late, "a rating without an act, or a second one"
                self.acts[fact.act] = "given" if isinstance(fact, wire.RatingGiven) else "missed"
                if isinstance(fact, wire.RatingGiven):
                    assert all(code // 100 == fact.level for code in fact.reasons), "of another level"
                    assert len(set(fact.reasons)) == len(fact.reasons)
            case wire.WindowPaused():
                assert not self.at(fact.window) and fact.window not in self.paused
                self.paused.add(fact.window)
            case wire.WindowResumed():
                self.paused.remove(fact.window)
            case _:
                raise AssertionError(f"nobody should say {fact!r} here")

    def _in(self, ticket: str, phase: str, window: str | None = None) -> Book:
        book = self.books[ticket]
        assert book.phase == phase, f"{ticket} is {book.phase}, not {phase}"
        assert window is None or book.window == window
        return book

    def _day(self, fact: wire.DayOpened) -> None:
        assert fact.day > self.day
        assert "open" not in self.acts.values(), "an act of the old day has neither a rating nor none"
        assert not [book for book in self.books.values() if book.phase in {"called", "serving"} or book.begun]
        assert not self.staff
        passed = date.fromisoformat(fact.day) - date.fromisoformat(self.day or fact.day)
        self.taught, self.untold = 0.0, self.taught * 0.5 ** (passed.days / 28)
        self.day = fact.day
        self.books, self.queue, self.paused, self.notice = {}, [], set(), ""
        self.fees = {}
        self.owed = {ref: known for ref, known in self.booked.items() if known[0] >= fact.day}
        self.booked, self.used = {}, {}
        self.pending, self.projects = self.projects, {}

    def _fee(self, fact: wire.FeeCharged | wire.FeeRefunded) -> None:
        assert fact.amount_fen > 0 and fact.staff == self.staff.get(fact.window, "")
        if isinstance(fact, wire.FeeRefunded):
            self.fees[fact.receipt] -= fact.amount_fen
            assert self.fees[fact.receipt] >= 0, "more given back than was charged"
            return
        assert fact.receipt not in self.fees, "a receipt kept twice"
        self.fees[fact.receipt] = fact.amount_fen
        day, _, ticket = fact.act.partition("/")
        assert not fact.act or (day == self.day and self.books[ticket].window), "of an act that nobody called"
        here = self.at(fact.window)
        assert fact.act or not here, "there was one"

    def _project(self, fact: wire.Fact) -> None:
        """Of the machine's one lane: "first", then "left" and "right" in any order."""
        match fact:
            case wire.ProjectOpened():
                assert fact.project not in self.opened and not fact.done
                assert self.at(fact.window) == [fact.project.partition("/")[2]]
                self.opened.add(fact.project)
                self.projects[fact.project] = []
            case wire.ProjectStepDone():
                done = self.projects[fact.project]
                assert fact.step not in done and (fact.step == "first") == (not done)
                assert fact.window in {"first": {"1", "2"}, "left": {"2"}, "right": {"3"}}[fact.step]
                done.append(fact.step)
            case wire.ProjectClosed():
                done = self.projects.pop(fact.project)
                assert (len(done) == 3) == (fact.reason == "done")
            case wire.ProjectsCarried():
                for each in fact.projects:
                    assert self.pending.pop(each.project) == list(each.done)
                    self.projects[each.project] = list(each.done)

    def _appointment(self, fact: wire.Fact) -> None:
        match fact:
            case wire.AppointmentBooked():
                assert fact.ref not in self.booked and fact.day >= self.day
                self.booked[fact.ref] = fact.day, fact.service
            case wire.AppointmentCancelled():
                assert fact.ref not in self.used
                del self.booked[fact.ref]
            case wire.AppointmentsCarried():
                for each in fact.appointments:
                    assert self.owed.pop(each.ref) == (each.day, each.service)
                    self.booked[each.ref] = each.day, each.service
            case wire.AppointmentCheckedIn():
                book = self._in(fact.ticket, "reserved")
                assert self.booked[fact.ref] == (self.day, book.service) and fact.ref not in self.used
                assert fact.since_s >= 0 and fact.ready_in_s >= 0 and not book.priority
                self.used[fact.ref] = fact.ticket
                book.came_s, book.ready_s = self.at_s - fact.since_s, self.at_s + fact.ready_in_s

    def _reserved(self, fact: wire.TicketReserved) -> None:
        assert (self.day, fact.ticket) not in self.numbers, "a number given twice"
        assert self.living(fact.session) == [], "two tickets for one touch"
        self.numbers.add((self.day, fact.ticket))
        self.books[fact.ticket] = Book(
            fact.service, fact.session, fact.can_show, priority=fact.priority, origin=fact.service
        )

    def _joined(self, fact: wire.TicketPrinted | wire.TicketShown | wire.TicketAssumed) -> None:
        book = self._in(fact.ticket, "reserved")
        assert book.doubt or not isinstance(fact, wire.TicketAssumed)
        assert book.can_show or not isinstance(fact, wire.TicketShown)
        book.phase = "waiting"
        book.came_s = self.at_s if book.came_s is None else book.came_s
        places = [self.books[id_].came_s or 0.0 for id_ in self.queue]
        self.queue.insert(bisect_right(places, book.came_s), fact.ticket)

    def _transferred(self, fact: wire.TicketTransferred) -> None:
        book = self._in(fact.ticket, "serving", fact.window)
        assert fact.to != fact.window
        if fact.way == "back":
            assert book.back is not None and fact.service == book.back[1] and fact.to
            book.back, book.resumes = None, True
        elif fact.way == "there_and_back":
            book.back = fact.window, book.service
        book.phase, book.service, book.only, book.calls = "waiting", fact.service, fact.to, 0

    def _called(self, fact: wire.TicketCalled) -> None:
        book = self.books[fact.ticket]
        assert fact.window not in self.paused
        assert fact.staff == self.staff.get(fact.window, "")
        if fact.times == 1:
            assert book.phase in {"waiting", "no_show"} and self.at(fact.window) == []
        else:
            assert self.at(fact.window) == [fact.ticket] and book.phase == "called"
            assert fact.times == book.calls + 1
        book.resumes, book.only = False, ""
        if book.back and book.back[0] == fact.window:
            book.back = None
        place = self.queue.index(fact.ticket)
        earlier = [id_ for id_ in self.in_turn(fact.overtook, fact.window) if self.queue.index(id_) < place]
        assert {self.books[id_].service for id_ in earlier} == set(fact.overtook), (
            "nobody was overtaken there"
        )
        for id_ in earlier:
            self.books[id_].passed += 1
        book.phase, book.window, book.calls, book.lets = "called", fact.window, fact.times, 0
        if fact.times == 1:
            for id_ in self.waiting((book.service,)):
                self.books[id_].lets = max(0, self.books[id_].lets - 1)
