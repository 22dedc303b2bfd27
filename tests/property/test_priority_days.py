"""Ten thousand small days with classes of citizens: the bound on overtaking, how many a citizen is told are
ahead, and FIFO where there are no classes.

The judge keeps books of his own: who came when by the true time, and who was there when somebody else was
called. He reads neither the rules' order nor their counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest

from drivers.messages import Instant, KeyAction
from edge.rules import decide, evolve, waiting_ahead
from edge.rules.model import Hall, Input, Key, Now, Priority, State, TakeTicket
from tests.unit.rules_kit import NINE, TODAY, a_hall

DAYS, BATCHES = 10_000, 20
CITIZENS = 12
STRICT, CREDIT = 0.35, 0.2  # of the citizens: far more than any hall has


def a_hall_of(dice: Random, classes: bool) -> Hall:
    priorities = {
        "soldier": Priority("soldier", "军人", strict=True),
        "elder": Priority("elder", "60 岁以上", credit_s=60.0 * dice.randrange(1, 30)),
    }
    return a_hall(
        printer="",
        login_required=False,
        priorities=priorities if classes else {},
        overtake_most=dice.randrange(1, 5),
        overtake_most_s=60.0 * dice.randrange(1, 15),
    )


@dataclass
class Wait:
    service: str
    ahead: int  # as he was told when he joined
    others: frozenset[str]  # who waited then
    times: int = 0  # overtaken
    first_s: float = 0.0
    gone: int = 0  # of the others, called before him


@dataclass
class Day:
    """`true_s` passes for everybody. On some days the wall clock is set at will, on others the machine is
    started again: where both happen, nobody can know how long it was off."""

    dice: Random
    hall: Hall
    boots: bool
    state: State = field(default_factory=State)
    true_s: float = 0.0
    set_s: float = 0.0  # by how much the wall clock is wrong
    booted_s: float = 0.0
    boot: int = 0
    came: int = 0
    waiting: dict[str, Wait] = field(default_factory=dict)  # in the order of coming

    def do(self, given: Input) -> str:
        instant = Instant(NINE.timestamp() + self.true_s + self.set_s, self.true_s - self.booted_s, True)
        now = Now(instant, TODAY, str(self.boot))
        decision = decide(self.state, given, now, self.hall)
        for fact in decision.facts:
            evolve(self.state, fact, now.moment)
        return str(decision.answer.get("ticket", ""))

    def comes(self) -> None:
        service, chance = self.dice.choice(["tax", "tax", "land"]), self.dice.random()
        priority = ("soldier" if chance < STRICT else "elder") if chance < STRICT + CREDIT else ""
        self.came += 1
        wish = TakeTicket(service, str(self.came), True, priority if self.hall.priorities else "")
        others = frozenset(self.waiting)
        ticket = self.do(wish)
        ahead = waiting_ahead(self.state, self.hall, service, self.state.tickets[ticket])
        self.waiting[ticket] = Wait(service, ahead, others)

    def calls(self, window: str) -> None:
        ticket = self.do(Key(window, KeyAction.CALL))
        if not ticket:
            return
        place = list(self.waiting).index(ticket)
        for wait in list(self.waiting.values())[:place]:
            if wait.service in self.hall.windows[window].services:
                self.passed(wait)
        del self.waiting[ticket]
        for wait in self.waiting.values():
            wait.gone += ticket in wait.others
            assert wait.gone <= wait.ahead, "more went before him than he was told"

    def passed(self, wait: Wait) -> None:
        assert self.hall.priorities, "not first come, first served"
        wait.first_s = wait.first_s if wait.times else self.true_s
        wait.times += 1
        assert wait.times <= self.hall.overtake_most
        assert self.true_s - wait.first_s < self.hall.overtake_most_s

    def disturb(self) -> None:
        if self.boots:
            self.boot, self.booted_s = self.boot + 1, self.true_s
        else:
            self.set_s = self.dice.choice([0.0, 3600.0, -3600.0, 7200.0])

    def run(self) -> None:
        while self.came < CITIZENS or self.waiting:
            self.true_s += self.dice.expovariate(1 / 90)
            match self.dice.randrange(10):
                case 0:
                    self.disturb()
                case 1 | 2 | 3 | 4 | 5 if self.came < CITIZENS:
                    self.comes()
                case _:
                    self.calls(self.dice.choice("12"))


@pytest.mark.parametrize(
    "batch", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, BATCHES))]
)
def test_nobody_is_overtaken_beyond_the_bound(batch: int) -> None:
    dice, overtaken = Random(batch), 0
    for _ in range(DAYS // BATCHES):
        day = Day(dice, a_hall_of(dice, classes=True), boots=dice.random() < 0.5)
        day.run()
        overtaken += any(ticket.overtaken for ticket in day.state.tickets.values())
    assert overtaken > DAYS // BATCHES // 2, "days without overtaking prove nothing"


@pytest.mark.parametrize("batch", [0, pytest.param(1, marks=pytest.mark.thorough)])
def test_without_classes_it_is_first_come_first_served(batch: int) -> None:
    dice = Random(1000 + batch)
    for _ in range(DAYS // BATCHES):
        day = Day(dice, a_hall_of(dice, classes=False), boots=dice.random() < 0.5)
        day.run()
