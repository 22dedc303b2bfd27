"""Days with appointments, made up by a seeded dice: who checks in by his time is called within ten minutes of
it, nine times in ten and more, and nobody who just came is overtaken beyond the bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from statistics import fmean

import pytest

from edge.rules.bookings import Appointing
from edge.rules.model import Hall, Window
from tests.property.queue_sim import Person, Simulation, Wait
from tests.unit.rules_kit import PRIORITIES, a_hall

DAYS = 144
OPEN_S = 4 * 3600.0
WITHIN_S = 600.0
COMES, ON_TIME, LATEST_S = 0.88, 0.85, 15 * 60.0
CLASSES = {"": 0.87, "elder": 0.1, "soldier": 0.03}


def a_hall_of(windows: int) -> Hall:
    return a_hall(
        printer="",
        login_required=False,
        priorities=PRIORITIES,
        windows={str(n): Window(str(n), f"{n}号窗口", ("tax",)) for n in range(windows)},
    )


def service_s(dice: Random, mean_s: float) -> float:
    """Half of what varies is as memoryless as theory has it, half is not: acts have a least length."""
    return mean_s * (0.4 + 0.6 * dice.expovariate(1.0))


def booked(dice: Random, simulation: Simulation, mean_s: float) -> Iterator[Person]:
    """As many as there is room for; those who come."""
    for n in range(200):
        slot_s = 60.0 * 10 * dice.randrange(int(OPEN_S / 600))
        at_s = slot_s + (dice.uniform(-1500, 0) if dice.random() < ON_TIME else dice.uniform(0, LATEST_S))
        person = Person(max(0.0, at_s), service_s(dice, mean_s), ref=f"reference-{n}", slot_s=slot_s)
        if simulation.book(person) and dice.random() < COMES:
            yield person


def walk_ins(dice: Random, rate: float, mean_s: float) -> Iterator[Person]:
    at_s = 0.0
    while (at_s := at_s + dice.expovariate(rate)) < OPEN_S:
        priority = dice.choices(list(CLASSES), list(CLASSES.values()))[0]
        yield Person(at_s, service_s(dice, mean_s), priority)


def a_day(seed: int, hall: Hall, load: float) -> Simulation:
    """`load`: of what the windows can do, the appointments counted."""
    dice = Random(seed)
    mean_s, windows = dice.uniform(240, 540), len(hall.windows)
    simulation = Simulation(hall)
    people = list(booked(dice, simulation, mean_s))
    rate = max(0.0001, load * windows / mean_s - len(people) / OPEN_S)
    simulation.run(sorted([*people, *walk_ins(dice, rate, mean_s)], key=lambda person: person.at_s))
    return simulation


def is_kept(wait: Wait) -> bool:
    return wait.person.at_s + wait.wait_s <= wait.person.slot_s + WITHIN_S


def in_time(waits: list[Wait]) -> list[Wait]:
    return [wait for wait in waits if wait.person.ref and wait.person.at_s <= wait.person.slot_s]


LOADS = (0.7, 0.9, 1.0, 1.1)
of_each_load = pytest.mark.parametrize(
    "load",
    [
        pytest.param(0.7, marks=pytest.mark.thorough),
        0.9,
        pytest.param(1.0, marks=pytest.mark.thorough),
        1.1,
    ],
)


@cache
def days(load: float) -> list[tuple[int, Simulation]]:
    """Of halls with one to six windows."""
    seeds = [seed for seed in range(DAYS) if LOADS[seed // 6 % 4] == load]
    return [(1 + seed % 6, a_day(seed, a_hall_of(1 + seed % 6), load)) for seed in seeds]


@of_each_load
def test_who_checks_in_by_his_time_is_called_within_ten_minutes(load: float) -> None:
    by_windows: defaultdict[int, list[bool]] = defaultdict(list)
    for windows, day in days(load):
        by_windows[windows] += map(is_kept, in_time(day.waits))
    for windows, kept in by_windows.items():
        assert len(kept) > 25, "too few to say anything"
        assert fmean(kept) >= 0.9, f"{windows} windows"


def test_without_the_place_it_would_not_hold() -> None:
    """In a full hall the same people with an ordinary place are called too late: so the test can tell."""
    plain = Appointing(place_min=0, lead_min=0)
    kept: list[bool] = []
    for seed in range(24):
        kept += map(is_kept, in_time(a_day(seed, replace(a_hall_of(3), appointing=plain), 1.1).waits))
    assert fmean(kept) < 0.8


@of_each_load
def test_an_appointment_is_called_before_nobody_who_came_an_hour_before_it(load: float) -> None:
    """Told by who came when and was called when, and by nothing that the rules count."""
    for _, day in days(load):
        called_s = [(wait, wait.person.at_s + wait.wait_s) for wait in day.waits]
        for held, at_s in called_s:
            if not held.person.ref:
                continue
            place_s = min(held.person.at_s, held.person.slot_s - 60.0 * day.hall.appointing.place_min)
            passed = [
                wait
                for wait, late_s in called_s
                if wait.person.at_s < place_s and late_s > at_s and not wait.person.ref
            ]
            assert not passed


@of_each_load
def test_the_bound_holds_on_such_days(load: float) -> None:
    for _, day in days(load):
        tickets = day.state.tickets.values()
        assert max(ticket.overtaken for ticket in tickets) <= day.hall.overtake_most
    assert any(ticket.overtaken for _, day in days(load) for ticket in day.state.tickets.values())
