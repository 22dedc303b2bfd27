"""A hall's day by the rules alone, with staff who look up when they like: nothing of it is the replay's own.

Everybody here is a generator that yields how long he waits. Staff call, serve, put by, send on, take back,
pause, and do steps of projects between two tickets; citizens come, miss their calls and are back.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from drivers.messages import Instant, KeyAction, Result
from edge.replay.record import Kept
from edge.rules import decide, evolve
from edge.rules.bookings import Book, CheckIn
from edge.rules.effects import CancelTimer, Print, SetTimer
from edge.rules.express import standings
from edge.rules.model import (
    ComeBack,
    Decision,
    Hall,
    Input,
    Key,
    Now,
    Printed,
    State,
    TakeTicket,
    TimerFired,
    Transfer,
)
from edge.rules.projects import Lane, OpenProject, Step, StepDone
from tests.unit.rules_kit import NINE, PRIORITIES, TODAY, a_hall

HOUR, MINUTE = 3600.0, 60.0
BEGINS_S, LUNCH_S, BACK_S, LAST_S = 8.5 * HOUR, 12 * HOUR, 13.5 * HOUR, 16.5 * HOUR
MIDNIGHT_S = NINE.timestamp() - 9 * HOUR
LANE = Lane(
    "big",
    "重大项目",
    (Step("a", "税务", "tax"), Step("b", "用地", "land"), Step("c", "许可", "permit", after=("b",))),
    limit_days=8,
    amber_days=6,
)
Life = Iterator[float]


class StaffedDay:
    """`run` it; then `kept` is what a node has of it."""

    def __init__(self, seed: int, *, people: int = 130, hall: Hall | None = None) -> None:
        self.dice = Random(seed)
        self.hall = hall or a_hall(priorities=PRIORITIES, express={"big": LANE})
        self.state, self.kept = State(), list[Kept]()
        self._now_s, self._count = 8 * HOUR, 0
        self._due: list[tuple[float, int, Life]] = []
        self._timers: dict[str, int] = {}
        self._people = people

    def run(self) -> None:
        for number in range(self._people):
            self._live(self._citizen(number), self.dice.uniform(BEGINS_S, LAST_S) - self._now_s)
        for window in self.hall.windows:
            self._live(self._clerk(window), self.dice.uniform(20, 40) * MINUTE)
        while self._due:
            self._now_s, _, life = heappop(self._due)
            for wait_s in life:
                self._live(life, wait_s)
                break

    def _live(self, life: Life, after_s: float) -> None:
        self._count += 1
        heappush(self._due, (self._now_s + max(0.0, after_s), self._count, life))

    def do(self, given: Input) -> Decision:
        now = Now(Instant(MIDNIGHT_S + self._now_s, 77.0 + self._now_s, True), TODAY, "boot")
        decision = decide(self.state, given, now, self.hall)
        for fact in decision.facts:
            self.kept.append((fact, now.moment))
            evolve(self.state, fact, now.moment)
        for effect in decision.effects:
            if isinstance(effect, SetTimer):
                self._live(self._timer(effect.timer, self._count + 1), effect.after_s)
                self._timers[effect.timer] = self._count
            elif isinstance(effect, CancelTimer):
                self._timers.pop(effect.timer, None)
            elif isinstance(effect, Print):
                self._live(self._printer(effect.ticket), self.dice.uniform(0.8, 3))
        return decision

    def _timer(self, name: str, number: int) -> Life:
        if self._timers.get(name) == number:
            del self._timers[name]
            self.do(TimerFired(name))
        yield from ()

    def _printer(self, ticket: str) -> Life:
        self.do(Printed(ticket, TODAY, Result.DONE))
        yield from ()

    # --- citizens ---
    def _citizen(self, number: int) -> Life:
        service, chance = self.dice.choice(list(self.hall.services)), self.dice.random()
        if chance < 0.08:
            minute = int(self._now_s / MINUTE) + self.dice.randrange(1, 25)
            self.do(Book(f"ref-{number:04}", service, TODAY, minute))
            self.do(CheckIn(f"ref-{number:04}", f"s{number}"))
        else:
            priority = "" if chance < 0.9 else self.dice.choice(list(self.hall.priorities))
            self.do(TakeTicket(service, f"s{number}", priority=priority))
        yield from ()

    def _comes_back(self, ticket: str) -> Life:
        self.do(ComeBack(ticket))
        yield from ()

    # --- staff ---
    def _key(self, window: str, action: KeyAction, digits: str = "") -> Decision:
        return self.do(Key(window, action, digits))

    def _clerk(self, window: str) -> Life:
        self._key(window, KeyAction.LOGIN, f"10{window}")
        lunch_s, asleep = LUNCH_S + self.dice.uniform(-600, 600), self.dice.random() < 0.3
        while self._now_s < lunch_s:
            yield from self._works(window)
        self._key(window, KeyAction.PAUSE if asleep else KeyAction.LOGOUT)
        yield BACK_S - self._now_s + self.dice.uniform(-300, 900)
        self._key(window, KeyAction.RESUME if asleep else KeyAction.LOGIN, "" if asleep else f"20{window}")
        while self._now_s < 17 * HOUR or (self._anybody(window) and self._now_s < 19 * HOUR):
            yield from self._works(window)
        self._key(window, KeyAction.LOGOUT)

    def _anybody(self, window: str) -> bool:
        return any(self.state.waiting.get(each) for each in self.hall.windows[window].services)

    def _works(self, window: str) -> Life:
        """On whoever is next, on a step of a project, or on nothing."""
        yield self.dice.uniform(1, 40)
        if self.dice.random() < 0.15 and (step := self._step(window)):
            yield self.dice.uniform(60, 500)
            self.do(StepDone(window, *step))
            return
        digits = self._number(window) if self.dice.random() < 0.06 else ""
        ticket = str(self._key(window, KeyAction.CALL, digits).answer.get("ticket", ""))
        while ticket:
            yield from self._attends(window, ticket)
            ticket = ""
            if (
                self.state.window(window).ticket and self.dice.random() < 0.5
            ):  # who calls the next one ends it
                ticket = str(self._key(window, KeyAction.CALL).answer.get("ticket", ""))
            if not ticket and self.state.window(window).ticket:
                self._key(window, KeyAction.FINISH)

    def _number(self, window: str) -> str:
        """Of anybody whom the window may call out of turn: who has waited long, or is there again."""
        services = self.hall.windows[window].services
        there = [
            each.id[1:]
            for each in self.state.tickets.values()
            if each.service in services and each.phase in ("waiting", "no_show", "held")
        ]
        return self.dice.choice(there) if there else ""

    def _step(self, window: str) -> tuple[str, str] | None:
        services = {each.id: each.service for each in LANE.steps}
        for standing in standings(self.state, self.hall, TODAY):
            for step in standing.next:
                if services[step] in self.hall.windows[window].services:
                    return standing.project.id, step
        return None

    def _attends(self, window: str, ticket: str) -> Life:
        """Where it ends with the act under way, that is to be finished."""
        chance = self.dice.random()
        if chance < 0.1:
            yield from self._misses(window, ticket)
            return
        if chance < 0.13:
            yield self.dice.uniform(5, 15)
            self._key(window, KeyAction.CANCEL)
            return
        yield self.dice.uniform(8, 40)
        self._key(window, KeyAction.START)
        yield self.dice.uniform(20, 200)
        if chance < 0.2:
            yield from self._puts_by(window, ticket)
        elif chance < 0.27:
            self._sends_on(window)
        elif chance < 0.35:
            self.do(OpenProject(window, "big", "2024-05-15", "2024-05-13"))
        yield self.dice.uniform(30, 400) if self.state.window(window).ticket else 0.0

    def _misses(self, window: str, ticket: str) -> Life:
        for _ in range(2):
            yield self.dice.uniform(20, 40)
            self._key(window, KeyAction.RECALL)
        yield self.dice.uniform(20, 40)
        self._key(window, KeyAction.SKIP)
        if self.dice.random() < 0.6:
            self._live(self._comes_back(ticket), self.dice.uniform(60, 900))

    def _puts_by(self, window: str, ticket: str) -> Life:
        """Until he reports back, or until the time is over, or until staff see him and call his number."""
        self._key(window, KeyAction.HOLD, str(self.dice.randrange(3, 15)))
        match self.dice.randrange(3):
            case 0:
                self._live(self._comes_back(ticket), self.dice.uniform(60, 700))
            case 1:
                yield self.dice.uniform(30, 400)
                if self.state.tickets[ticket].phase == "held":
                    self._key(window, KeyAction.CALL, ticket[1:])
                    self._key(window, KeyAction.START)

    def _sends_on(self, window: str) -> None:
        there = self.dice.choice([each for each in self.hall.windows if each != window])
        service = self.dice.choice(self.hall.windows[there].services)
        to = there if self.dice.random() < 0.5 else ""
        self.do(Transfer(window, to=to, service=service, back=self.dice.random() < 0.4))
