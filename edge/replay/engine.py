"""The hall's own rules on a clock of their own: people come, windows call, acts end.

A window calls as soon as it may: when the ticket before has left it and the turn after that is over. Where it
finds nobody it is idle, and the next who joins is called by the window that called him on the recorded day if
that is idle, else by the one that has been idle longest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from heapq import heappop, heappush
from math import inf

from drivers.messages import Instant, KeyAction, Result
from edge.replay.model import Act, Day, Leg, Person, Waited
from edge.rules import decide, evolve
from edge.rules.bookings import CheckIn
from edge.rules.effects import CancelTimer, SetTimer
from edge.rules.model import (
    ComeBack,
    Decision,
    Hall,
    Input,
    Key,
    Moment,
    Now,
    Printed,
    State,
    TakeTicket,
    Ticket,
    TimerFired,
    Transfer,
)
from edge.rules.priority import next_ticket
from edge.wire import AppointmentBooked, Fact, TicketReserved

BOOT = "replay"
STAFF = "1"  # who is at a window makes no difference to waits
PRINTER = "printer"  # that answers after each person's own time
SECOND_S = 1.0


@dataclass(slots=True)
class _Case:
    """A person in the hall with his ticket."""

    person: Person
    ticket: str
    told: TicketReserved
    leg: int = 0
    called_s: float | None = None  # for the first time


@dataclass(slots=True)
class _Seat:
    """`idle_s`: since when it waits for somebody. `due`: what its staff do once the ticket is gone."""

    ready_s: float = 0.0
    idle_s: float | None = None
    due: list[Act] = field(default_factory=list)
    then: str = ""  # the session of whom they call next, by number


class Engine:
    """`usual`: by service, the call of somebody of whom nobody knows how long his act would have taken;
    `state`: as the day before left it."""

    def __init__(
        self,
        day: Day,
        hall: Hall,
        *,
        workday: bool = True,
        tells_waits: bool = False,
        usual: Mapping[str, Leg] | None = None,
        state: State | None = None,
    ) -> None:
        # A window without a post is not manned, whatever the hall says of logging in.
        self.hall = replace(hall, printer=PRINTER, login_required=True, tells_waits=tells_waits)
        self.state = state or State()
        self.kept: list[tuple[Fact, Moment]] = []
        self.refused: list[tuple[Person, str]] = []  # who got no ticket, with the reason's code
        self.amiss = 0  # what the recorded day had and the rules now refuse: a transfer to who is not there
        self._day, self._workday, self._usual = day, workday, usual or {}
        self._midnight_s = datetime.combine(date.fromisoformat(day.day), time(), hall.zone).timestamp()
        self._now_s = 0.0
        self._todo: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self._timers: dict[str, int] = {}  # name → number of its entry in `_todo`
        self._cases: dict[str, _Case] = {}  # by ticket
        self._seats = {window: _Seat() for window in hall.windows}

    def run(self, end_s: float = inf) -> list[Waited]:
        """Everybody who got a ticket, in the order of coming, and what became of him by `end_s`."""
        self.run_until(end_s)
        return [self._waited(case) for case in self._cases.values()]

    def run_until(self, end_s: float) -> None:
        """All that happens before; once only."""
        for person in self._day.people:
            self._at(person.at_s, partial(self._comes, person))
        for window, acts in self._day.posts.items():
            for act in acts:
                self._at(act.at_s, partial(self._acts, window, act))
        while self._todo and self._todo[0][0] < end_s:
            self._now_s, _, work = heappop(self._todo)
            work()

    def _waited(self, case: _Case) -> Waited:
        wait_s = None if case.called_s is None else case.called_s - case.person.at_s
        return Waited(case.person, case.ticket, wait_s, case.told.wait_p50_s, case.told.wait_p90_s)

    # --- the rules ---
    def _at(self, at_s: float, work: Callable[[], object]) -> None:
        self._count += 1
        heappush(self._todo, (at_s, self._count, work))

    def _now(self) -> Now:
        instant = Instant(self._midnight_s + self._now_s, self._now_s, True)
        return Now(instant, self._day.day, BOOT, self._workday)

    def _keep(self, fact: Fact, now: Now) -> None:
        self.kept.append((fact, now.moment))
        evolve(self.state, fact, now.moment)

    def _do(self, given: Input) -> Decision:
        now = self._now()
        decision = decide(self.state, given, now, self.hall)
        for fact in decision.facts:
            self._keep(fact, now)
        for effect in decision.effects:
            if isinstance(effect, SetTimer):
                self._at(self._now_s + effect.after_s, partial(self._fires, effect.timer, self._count + 1))
                self._timers[effect.timer] = self._count
            elif isinstance(effect, CancelTimer):
                self._timers.pop(effect.timer, None)
        return decision

    def _fires(self, timer: str, number: int) -> None:
        if self._timers.get(timer) == number:
            del self._timers[timer]
            self._do(TimerFired(timer))
            if timer.startswith("hold:"):
                self._joined(timer.rpartition("/")[2])

    # --- people ---
    def _comes(self, person: Person) -> None:
        decision = self._do(self._wish(person))
        if decision.rejection:
            self.refused.append((person, decision.rejection.code))
            return
        told = next(fact for fact in decision.facts if isinstance(fact, TicketReserved))
        self._cases[told.ticket] = _Case(person, told.ticket, told)
        self._at(self._now_s + person.print_s, partial(self._has_slip, told.ticket))

    def _wish(self, person: Person) -> Input:
        if not person.booked:
            return TakeTicket(person.service, person.session, priority=person.priority, item=person.item)
        ref = f"replay-{len(self.state.bookings)}"
        booked = AppointmentBooked(ref=ref, service=person.service, day=self._day.day, time=person.booked)
        self._keep(booked, self._now())
        return CheckIn(ref, person.session)

    def _has_slip(self, ticket: str) -> None:
        self._do(Printed(ticket, self._day.day, Result.DONE))
        self._joined(ticket)

    def _comes_back(self, ticket: str) -> None:
        if self.state.tickets[ticket].phase in ("no_show", "held"):
            self._do(ComeBack(ticket))
            self._joined(ticket)

    def _joined(self, ticket: str) -> None:
        """Who waits now may find a window idle."""
        waiting, leg = self.state.tickets[ticket], self._leg(self._cases[ticket])
        able = [
            (not (leg.idle and window == leg.at), seat.idle_s, window)
            for window, seat in self._seats.items()
            if seat.idle_s is not None and self._may_call(window, waiting)
        ]
        if not able:
            return
        window = min(able)[-1]
        self._seats[window].idle_s = None
        self._at(self._now_s + leg.react_s, partial(self._call, window))

    def _may_call(self, window: str, ticket: Ticket) -> bool:
        return ticket.service in self.hall.windows[window].services and ticket.only in ("", window)

    def _leg(self, case: _Case) -> Leg:
        """The call that comes next, as on the recorded day; beyond what was recorded, as acts usually are."""
        usual = self._usual.get(self.state.tickets[case.ticket].service, Leg(SECOND_S))
        if case.leg >= len(case.person.legs):
            return usual
        leg = case.person.legs[case.leg]
        if leg.ending == "unended":
            return replace(
                usual, act_s=max(leg.act_s, usual.act_s), react_s=leg.react_s, at=leg.at, idle=leg.idle
            )
        return leg

    # --- windows ---
    def _acts(self, window: str, act: Act) -> None:
        """While a ticket is open there, it has to wait."""
        seat = self._seats[window]
        if self.state.window(window).ticket or seat.due:
            seat.due.append(act)
            return
        if act.action:
            self._do(Key(window, act.action, STAFF if act.action is KeyAction.LOGIN else ""))
            seat.ready_s = self._now_s
        seat.idle_s, seat.then = None, act.then
        seat.ready_s = max(seat.ready_s, self._now_s + act.settle_s)
        self._at(seat.ready_s, partial(self._call, window))

    def _call(self, window: str) -> None:
        """Whoever is next, where the window may call; nobody, and it is idle."""
        seat, there = self._seats[window], self.state.window(window)
        if there.ticket or there.paused or not there.staff or self._now_s < seat.ready_s:
            return
        called = self._by_number(window) or self._next(window)
        if called is None:
            seat.idle_s = self._now_s if seat.idle_s is None else seat.idle_s
            return
        ticket = str(called.answer["ticket"])
        seat.idle_s, seat.then = None, ""
        case = self._cases[ticket]
        case.called_s = self._now_s if case.called_s is None else case.called_s
        leg = self._leg(case)
        case.leg += 1
        for recall in range(1, leg.calls):
            self._at(self._now_s + leg.act_s * recall / leg.calls, partial(self._recall, window, ticket))
        if leg.ending in ("finished", "transferred"):
            self._at(self._now_s + leg.walk_s, partial(self._press, window, ticket, KeyAction.START))
        self._at(self._now_s + leg.act_s, partial(self._ends, window, ticket, leg))

    def _next(self, window: str) -> Decision | None:
        if next_ticket(self.state, self.hall.windows[window], self.hall, self._now_s) is None:
            return None
        return self._do(Key(window, KeyAction.CALL))

    def _by_number(self, window: str) -> Decision | None:
        """Whom staff called so on the recorded day, if he can be called here."""
        ticket = self.state.tickets.get(self.state.sessions.get(self._seats[window].then, ""))
        if ticket is None or ticket.phase not in ("waiting", "held", "no_show"):
            return None
        decision = self._do(Key(window, KeyAction.CALL, str(ticket.number)))
        return None if decision.rejection else decision

    def _recall(self, window: str, ticket: str) -> None:
        self._press(window, ticket, KeyAction.RECALL)

    def _press(self, window: str, ticket: str, action: KeyAction, digits: str = "") -> Decision:
        assert self.state.window(window).ticket == ticket, "a window has one ticket until its act ends"
        return self._do(Key(window, action, digits))

    def _ends(self, window: str, ticket: str, leg: Leg) -> None:
        seat = self._seats[window]
        self._end(window, ticket, leg)
        seat.ready_s, seat.then = self._now_s + leg.turn_s, leg.then
        if self.state.tickets[ticket].phase == "waiting":
            self._joined(ticket)
        elif leg.back_s is not None:
            self._at(self._now_s + leg.back_s, partial(self._comes_back, ticket))
        due, seat.due = seat.due, []
        for act in due:
            self._acts(window, act)
        if not due:
            self._at(seat.ready_s, partial(self._call, window))

    def _end(self, window: str, ticket: str, leg: Leg) -> None:
        match leg.ending:
            case "no_show":
                self._press(window, ticket, KeyAction.SKIP)
            case "cancelled":
                self._press(window, ticket, KeyAction.CANCEL)
            case "held":
                self._press(window, ticket, KeyAction.HOLD, str(leg.minutes))
            case "transferred" if leg.way != "back":
                sent = self._do(Transfer(window, leg.to, leg.service, leg.way == "there_and_back"))
                if sent.rejection:  # nobody is there with this staffing
                    self.amiss += 1
                    self._press(window, ticket, KeyAction.FINISH)
            case _:  # one that is to go back is sent back by the same key
                self._press(window, ticket, KeyAction.FINISH)
