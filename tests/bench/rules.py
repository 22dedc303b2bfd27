"""What the rules cost: a day played again, and the wait that somebody is told in a full hall."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from edge.replay.engine import Engine
from edge.replay.model import Day, Leg, Person
from edge.replay.record import Kept, recorded
from edge.rules import evolve
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Hall, State
from edge.rules.waits import waits
from tests.bench.model import Figure, Result, Series
from tests.sim_day.day import CENTRE, Kind, generated

ACTS = 1_200
DAY_BELOW_S = 1.0
WAITING = 300
TOLD_BELOW_MS = 5.0


async def measure(days: int, estimates: int) -> Result:
    hall, kept, record_day = _day(CENTRE)
    again, fold = Series("a day played again"), Series("its facts folded")
    for _ in range(days):
        again.values_s.append(_timed(lambda: Engine(record_day, hall).run()))
        fold.values_s.append(_timed(lambda: _fold(kept)))
    full, state = _full_hall()
    clock = Clock(state.clock.s)
    one, every = Series("wait of one service"), Series("waits of all services")
    asks = [Ask(service) for service in full.services]
    for _ in range(estimates):
        one.values_s.append(_timed(lambda: waits(state, full, asks[:1], clock)))
        every.values_s.append(_timed(lambda: waits(state, full, asks, clock)))
    waiting = sum(map(len, state.waiting.values()))
    return Result(
        "Rules: a day played again, and waits",
        (
            Figure(
                f"a day of {ACTS:,} acts played again",
                "s",
                again.p50 / 1000,
                fold.p50 / 1000,
                "its facts folded",
                below=DAY_BELOW_S,
            ),
            Figure("the wait told at a ticket, p50", "ms", one.p50, below=TOLD_BELOW_MS),
            Figure("the waits of the queue's state, p50", "ms", every.p50, below=TOLD_BELOW_MS),
        ),
        (again, fold, one, every),
        (f"52 windows; the waits with {waiting} waiting, {len(asks)} services, every window at work",),
    )


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _day(kind: Kind) -> tuple[Hall, list[Kept], Day]:
    """One of exactly so many acts, chosen from more people, as read from its facts."""
    hall, day = generated(kind, 1)
    dice = Random(1)
    chosen = sorted(dice.sample(day.people, ACTS), key=lambda person: person.at_s)
    engine = Engine(replace(day, people=tuple(chosen)), hall)
    engine.run()
    return hall, engine.kept, recorded(day.day, engine.kept, hall).day


def _fold(kept: list[Kept]) -> None:
    state = State()
    for fact, at in kept:
        evolve(state, fact, at)


def _full_hall() -> tuple[Hall, State]:
    """Every window has somebody, and so many wait."""
    hall, day = generated(CENTRE, 3)
    services = list(hall.services)
    begin_s = 9 * 3600.0
    people = tuple(
        Person(str(n), begin_s + n / 10, services[n % len(services)], legs=(Leg(3600.0),))
        for n in range(WAITING + len(hall.windows))
    )
    engine = Engine(replace(day, people=people), hall)
    engine.run_until(begin_s + len(people) / 10)
    return hall, engine.state
