"""From the facts of a day to what it was made of: each one's service time, and each window's own pace.

A window's turn, from one ticket to the next, belongs to the act before it where somebody waited all along;
where nobody did, the window was idle, and what passed from the next one's joining to his call belongs to him.
So with the same staffing the same calls follow, unless staff chose whom to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from math import inf
from typing import Any

from drivers.messages import KeyAction
from edge import wire
from edge.replay.model import Act, Day, Ending, Leg, Person, Waited
from edge.rules import evolve
from edge.rules.even import seconds
from edge.rules.model import Hall, Moment, State, Ticket
from edge.rules.priority import next_ticket, overtaken
from edge.rules.roster import clock

AFTER_S = 1e-6  # ready after somebody else's call, or after who is called has joined, not at the same moment
END_S = 0.001  # after the last fact: of that moment all is played that was kept
NEVER_S = 86_400.0  # a window that did not call although somebody waited to the end
ACTIONS: dict[type[wire.Fact], KeyAction] = {
    wire.StaffLoggedIn: KeyAction.LOGIN,
    wire.StaffLoggedOut: KeyAction.LOGOUT,
    wire.WindowPaused: KeyAction.PAUSE,
    wire.WindowResumed: KeyAction.RESUME,
}
ENDINGS: dict[type[wire.Fact], Ending] = {
    wire.ServiceFinished: "finished",
    wire.TicketNoShow: "no_show",
    wire.TicketHeld: "held",
    wire.TicketTransferred: "transferred",
    wire.CallCancelled: "cancelled",
}
Kept = tuple[wire.Fact, Moment]


@dataclass(frozen=True, slots=True)
class Record:
    """A day as it was. `by_choice`: calls of who was not the next; `unended`: acts without an end; `ends_s`:
    when the record stops, where there are such or somebody waits, else never."""

    day: Day
    waits: tuple[Waited, ...]
    by_choice: int
    unended: int
    ends_s: float = inf


@dataclass(slots=True)
class _Case:
    """A ticket. `legs` are the fields of its `Leg`s."""

    told: wire.TicketReserved
    at_s: float
    booked: str = ""
    print_s: float | None = None  # while there is no slip
    since_s: float = 0.0  # when it joined the queue last
    called_s: float | None = None
    legs: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Window:
    """`last`: the fields of the leg, or of the act of its staff, after which it may call again; `name`: of
    its pause among them, counted from `ended_s`. `free_s`: since when it has done nothing. `passed_s`: when
    somebody was called elsewhere whom it could have called."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] | None = None
    name: str = ""
    ended_s: float = 0.0
    free_s: float = 0.0
    began_s: float = 0.0
    passed_s: float = 0.0

    def release(self, last: dict[str, Any], name: str, at_s: float) -> None:
        self.last, self.name = last, name
        self.ended_s = self.free_s = self.passed_s = at_s

    def ready(self, at_s: float) -> None:
        if self.last is not None:
            self.last[self.name] = at_s - self.ended_s
        self.last = None


def recorded(day: str, kept: Sequence[Kept], hall: Hall) -> Record:
    """`kept`: the facts of that day, from its DayOpened on, without those that the next one closed it by."""
    reader = _Reader(hall)
    times = _times(kept, day, hall)
    for (fact, moment), at_s in zip(kept, times, strict=True):
        reader.take(fact, moment, at_s)
    return reader.record(day)


def _times(kept: Sequence[Kept], day: str, hall: Hall) -> list[float]:
    """Even time, counted from the day's midnight by what the clock said at last."""
    state, even = State(), []
    for fact, moment in kept:
        if isinstance(fact, wire.DayOpened) or state.day:
            evolve(state, fact, moment)
        even.append(state.clock.s)
    midnight_s = datetime.combine(date.fromisoformat(day), time(), hall.zone).timestamp()
    offset_s = kept[-1][1].wall_s - midnight_s - even[-1] if kept else 0.0
    return [offset_s + each for each in even]


class _Reader:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._state = State()
        self._cases: dict[str, _Case] = {}
        self._windows: dict[str, _Window] = {window: _Window() for window in hall.windows}
        self._by_choice = 0
        self._by_number = ""  # the ticket that was put by and is called so now
        self._end_s = 0.0

    def take(self, fact: wire.Fact, moment: Moment, at_s: float) -> None:
        self._end_s = at_s
        window = self._windows.get(getattr(fact, "window", ""))
        match fact:
            case wire.TicketReserved():
                self._cases[fact.ticket] = _Case(fact, at_s)
            case wire.AppointmentCheckedIn():
                self._cases[fact.ticket].booked = clock(self._state.bookings[fact.ref].minute)
            case wire.TicketPrinted() | wire.TicketShown() | wire.TicketAssumed():
                case = self._cases[fact.ticket]
                case.print_s, case.since_s = at_s - case.at_s, at_s
            case wire.TicketVoided():
                del self._cases[fact.ticket]
            case wire.TicketCalled() if window:
                self._called(fact, window, at_s, seconds(self._state.clock, moment))
            case wire.ServiceStarted() if window:
                self._cases[fact.ticket].legs[-1]["walk_s"] = at_s - window.began_s
            case wire.TicketHoldEnded(reason="called"):
                self._cases[fact.ticket].since_s = at_s
                self._by_number = fact.ticket
            case wire.TicketCameBack() | wire.TicketHoldEnded():
                self._back(fact, at_s)
            case wire.ProjectStepDone() if window and window.last is not None:
                self._stepped(fact, window, at_s)
            case _ if type(fact) in ENDINGS and window:
                self._ended(fact, window, at_s)
            case _ if type(fact) in ACTIONS and window:
                self._acted(fact, window, at_s)
        evolve(self._state, fact, moment)

    def record(self, day: str) -> Record:
        for id_, window in self._windows.items():
            window.ready(window.ended_s + NEVER_S if self._callable(id_) else window.passed_s)
        people = tuple(_person(case, self._end_s) for case in self._cases.values())
        waits = tuple(
            Waited(
                person,
                case.told.ticket,
                None if case.called_s is None else case.called_s - case.at_s,
                case.told.wait_p50_s,
                case.told.wait_p90_s,
            )
            for person, case in zip(people, self._cases.values(), strict=True)
        )
        unended = sum("ending" not in leg for case in self._cases.values() for leg in case.legs)
        posts = {id_: self._post(window) for id_, window in self._windows.items()}
        is_cut = unended or any(self._state.waiting.values())
        ends_s = self._end_s + END_S if is_cut else inf
        return Record(Day(day, people, posts), waits, self._by_choice, unended, ends_s)

    def _post(self, window: _Window) -> tuple[Act, ...]:
        return tuple(Act(**act) for act in window.acts)

    # --- windows ---
    def _called(self, fact: wire.TicketCalled, window: _Window, at_s: float, even_s: float) -> None:
        case = self._cases[fact.ticket]
        if fact.times > 1:
            case.legs[-1]["calls"] = fact.times
            return
        leg: dict[str, Any] = {"began_s": at_s, "at": fact.window}
        by_number = self._is_by_number(fact, even_s)
        if not self._hall.login_required and not window.acts and window.last is None:
            window.acts.append({"at_s": 0.0, "action": KeyAction.LOGIN})
            window.release(window.acts[-1], "settle_s", 0.0)
        if window.last is not None and by_number:
            window.last["then"] = case.told.session
            window.ready(at_s)
            self._pass(fact, at_s)
        elif self._found_idle(fact, window):
            leg |= {"idle": True, "react_s": at_s - case.since_s}
            window.ready(window.passed_s)
            self._pass(fact, at_s, case.since_s)
        else:
            window.ready(at_s + AFTER_S * (case.since_s == at_s))
            self._pass(fact, at_s)
        self._by_number = ""
        window.began_s = at_s
        case.called_s = at_s if case.called_s is None else case.called_s
        case.legs.append(leg)

    def _is_by_number(self, fact: wire.TicketCalled, even_s: float) -> bool:
        """Who is called so is not the next, or was put by until then, or at least overtakes nobody by it."""
        window = self._hall.windows[fact.window]
        wanted = next_ticket(self._state, window, self._hall, even_s)
        if wanted is None or wanted.id != fact.ticket:
            self._by_choice += 1
            return True
        overtook = (overtaken(self._state, each, wanted, window.id, even_s) for each in window.services)
        return self._by_number == fact.ticket or (not fact.overtook and any(overtook))

    def _found_idle(self, fact: wire.TicketCalled, window: _Window) -> bool:
        """Whether nobody waited for that window from when it was free until this one joined."""
        since_s = self._cases[fact.ticket].since_s
        first_s = min((self._cases[each.id].since_s for each in self._callable(fact.window)), default=since_s)
        return first_s == since_s > window.passed_s

    def _pass(self, fact: wire.TicketCalled, at_s: float, since_s: float = 0.0) -> None:
        """He waited until now: no other window has been ready to call him that has been free since then."""
        service = self._state.tickets[fact.ticket].service
        for id_, other in self._windows.items():
            able = id_ != fact.window and service in self._hall.windows[id_].services
            if able and other.last is not None and other.passed_s >= since_s:
                other.passed_s = max(other.passed_s, at_s + 2 * AFTER_S)

    def _callable(self, window: str) -> list[Ticket]:
        """All whom it might have called by now, also those who came back and let others pass."""
        services = self._hall.windows[window].services
        waiting = (
            self._state.tickets[id_] for each in services for _, id_ in self._state.waiting.get(each, ())
        )
        return [ticket for ticket in waiting if ticket.only in ("", window)]

    def _ended(self, fact: Any, window: _Window, at_s: float) -> None:
        case = self._cases[fact.ticket]
        leg = case.legs[-1]
        leg |= {"act_s": at_s - leg["began_s"], "ending": ENDINGS[type(fact)], "ended_s": at_s}
        match fact:
            case wire.TicketHeld():
                leg["minutes"] = fact.minutes
            case wire.TicketTransferred():
                leg |= {"service": fact.service, "to": fact.to, "way": fact.way}
        case.since_s = at_s  # where it waits again
        window.release(leg, "turn_s", at_s)

    def _back(self, fact: wire.TicketCameBack | wire.TicketHoldEnded, at_s: float) -> None:
        case = self._cases[fact.ticket]
        if isinstance(fact, wire.TicketCameBack) or fact.reason != "time":
            case.legs[-1]["back_s"] = at_s - case.legs[-1]["ended_s"]
        case.since_s = at_s

    def _acted(self, fact: Any, window: _Window, at_s: float) -> None:
        action = ACTIONS[type(fact)]
        if not self._hall.login_required and action in (KeyAction.LOGIN, KeyAction.LOGOUT):
            return
        if window.last is not None:
            window.ready(at_s if self._callable(fact.window) else window.passed_s)
        window.acts.append({"at_s": at_s, "action": action})
        if action in (KeyAction.LOGIN, KeyAction.RESUME):
            window.release(window.acts[-1], "settle_s", at_s)

    def _stepped(self, fact: wire.ProjectStepDone, window: _Window, at_s: float) -> None:
        """What the window did without a ticket, and called nobody: since it was free, where somebody waited
        all along, or else for as long as such an act takes."""
        lane = self._hall.express.get(self._state.projects[fact.project].lane)
        service = next((step.service for step in lane.steps if step.id == fact.step), "") if lane else ""
        if not service:
            return
        first_s = min((self._cases[each.id].since_s for each in self._callable(fact.window)), default=at_s)
        if window.passed_s > window.free_s:  # it let somebody pass
            first_s = window.free_s
        usual_s = self._hall.services[service].usual_s
        began_s = max(window.free_s, min(first_s, at_s - usual_s))
        window.ready(began_s + AFTER_S)
        window.acts.append({"at_s": began_s, "action": None, "service": service})
        window.release(window.acts[-1], "settle_s", began_s)
        window.free_s = window.passed_s = at_s


def _person(case: _Case, end_s: float) -> Person:
    told = case.told
    return Person(
        told.session,
        case.at_s,
        told.service,
        told.priority,
        end_s + 2 * END_S - case.at_s if case.print_s is None else case.print_s,
        tuple(_legs(case.legs, end_s)),
        case.booked,
        told.item,
    )


def _legs(legs: Iterable[dict[str, Any]], end_s: float) -> Iterable[Leg]:
    for leg in legs:
        unended = {"act_s": end_s + 2 * END_S - leg["began_s"], "ending": "unended"}
        known = leg if "ending" in leg else leg | unended
        yield Leg(**{name: value for name, value in known.items() if name not in ("began_s", "ended_s")})
