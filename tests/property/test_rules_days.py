"""Whole days of a busy hall, by a seeded dice: deeper into a day than the shrinking machine goes."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from drivers.messages import KeyAction, Result
from edge.rules.model import Key
from tests.property.test_rules_machine import HallMachine

STEPS = 700
# What happens, and how often in a hundred.
HABITS = {
    "come": 18,
    "call": 16,
    "end": 14,
    "rate": 10,
    "print": 20,
    "timer": 10,
    "key": 9,
    "transfer": 4,
    "away": 6,
    "book": 6,
    "restart": 2,
    "midnight": 1,
}
OUTCOMES = [Result.DONE] * 6 + [Result.UNKNOWN, Result.FAILED, Result.REJECTED]


class Day:
    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.machine = HallMachine()
        self.machine.open(login_required=seed % 2 == 0, printer="printer1", most=seed % 3)

    def step(self) -> None:
        dice, machine = self.dice, self.machine
        window = dice.choice("123")
        match dice.choices(list(HABITS), list(HABITS.values()))[0]:
            case "come":
                service = dice.choice(["tax", "tax", "land", "permit"])
                machine.take(
                    service, dice.randrange(1000), dice.random() < 0.3, dice.choice(["", "", "paper_end"])
                )
            case "call":
                self.staffed(window)
                machine.key(window, KeyAction.CALL, dice.choice(["", "", "", str(dice.randrange(1, 40))]))
            case "end":
                usual = [
                    KeyAction.START,
                    KeyAction.FINISH,
                    KeyAction.EVALUATE,
                    KeyAction.SKIP,
                    KeyAction.CANCEL,
                ]
                machine.key(window, dice.choice(usual), "")
            case "rate":
                machine.rate(window, dice.randrange(1, 6))
            case "print" if machine.prints:
                machine.printer_answers(dice.randrange(100), dice.choice(OUTCOMES))
            case "timer" if machine.timers:
                machine.timer_fires(dice.randrange(100))
            case "key":
                machine.key(window, dice.choice(list(KeyAction)), dice.choice(["", "1", "1001"]))
            case "transfer":
                machine.transfer(
                    window, dice.choice("123"), dice.choice(["", "", "tax"]), dice.random() < 0.5
                )
            case "away":
                machine.key(window, KeyAction.HOLD, "")
                machine.come_back(dice.randrange(100))
            case "book":
                ref = f"reference-{dice.randrange(12)}"
                machine.book(ref, dice.choice(["tax", "land"]), dice.choice([0, 10, 20, 60]), 0)
                machine.check_in(ref, dice.randrange(1000), dice.random() < 0.3)
                machine.time_passes(dice.choice([5.0, 60.0]))
            case "restart":
                machine.restart()
            case "midnight":
                machine.clock_is_set(dice.choice([86400.0, -86400.0, 90.0, -90.0]), dice.random() < 0.5)

    def staffed(self, window: str) -> None:
        """Windows are staffed and open for most of the day."""
        if not self.machine.play.state.window(window).staff:
            self.machine.do(Key(window, KeyAction.LOGIN, f"100{window}"))
        self.machine.do(Key(window, KeyAction.RESUME))

    def holds(self) -> None:
        self.machine.the_state_is_what_the_facts_say()
        self.machine.nothing_is_in_limbo()
        self.machine.strips_and_displays_are_true()
        self.machine.the_topics_count_right()
        self.machine.nobody_is_overtaken_too_often()
        self.machine.who_was_missed_too_often_has_expired()


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(2, 8))])
def test_whatever_a_day_brings_the_books_are_right(seed: int) -> None:
    day = Day(seed)
    for _ in range(STEPS):
        day.step()
        day.holds()
    day.machine.teardown()

    happened = Counter(fact.kind for fact, _ in day.machine.play.kept)
    usual = {"ticket.printed", "ticket.called", "ticket.no_show", "ticket.in_doubt", "service.finished"}
    rarer = {"appointment.booked", "appointment.checked_in"} | {
        "ticket.transferred",
        "ticket.held",
        "ticket.hold_ended",
        "ticket.came_back",
    }
    assert min(happened[kind] for kind in rarer) >= 1
    assert min(happened[kind] for kind in usual) >= 10, "a day on which nothing happens proves nothing"
    assert happened["rating.given"] + happened["rating.missed"] >= 10
