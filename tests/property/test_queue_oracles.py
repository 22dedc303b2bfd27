"""Our rules, put to work on a clock of its own, against what queueing theory says in closed form (Erlang C,
Cobham) and against ciw, a simulator that shares nothing with them.

ciw knows classes that go strictly before others, without a bound, and servers by shift; there our rules are
held against it. It cannot say what a credit of minutes is, nor a bound on overtaking: its priorities are
ranks, which no time changes. Those are held by `test_priority_days.py` and `test_priority_shape.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import pairwise, takewhile
from math import exp, factorial
from random import Random
from statistics import fmean

import ciw
import pytest

from edge.rules.model import Priority, Shift, Window
from tests.property.queue_sim import ERRORS, Estimate, Person, Simulation, Wait
from tests.unit.rules_kit import CHINA, a_hall

RUNS, PEOPLE, SETTLING = 20, 1000, 200  # of each run's people the first find a hall that is not yet full
NO_BOUND = {"overtake_most": 10**6, "overtake_most_s": 1e12}
ROOM = a_hall(printer="", login_required=False, **NO_BOUND)


def windows(*ids: str) -> dict[str, Window]:
    return {id_: Window(id_, f"{id_}号窗口", ("tax",)) for id_ in ids}


def erlang_c(arrival: float, service: float, servers: int) -> float:
    """The probability that somebody has to wait."""
    load = arrival / service
    full = load**servers / factorial(servers) / (1 - load / servers)
    return full / (sum(load**n / factorial(n) for n in range(servers)) + full)


def people(dice: Random, rates: dict[str, float], service: float, count: int) -> Iterator[Person]:
    """Of several classes, each with its own rate, all served alike."""
    at_s = 0.0
    for _ in range(count):
        at_s += dice.expovariate(sum(rates.values()))
        priority = dice.choices(list(rates), list(rates.values()))[0]
        yield Person(at_s, dice.expovariate(service), priority)


# --- M/M/c in closed form ---
@cache
def settled(arrival: float, service: float, servers: int, seed: int) -> list[float]:
    """The waits of a run, in seconds, without those of the beginning."""
    hall = replace(ROOM, windows=windows(*map(str, range(servers))))
    waits = Simulation(hall).run(people(Random(seed), {"": arrival}, service, PEOPLE))
    return [wait.wait_s for wait in waits[SETTLING:]]


MMC = [(1 / 640, 1 / 480, 1), (1 / 100, 1 / 240, 3), (1 / 90, 1 / 480, 6), (1 / 50, 1 / 540, 12)]
_MORE = pytest.mark.thorough


@pytest.mark.parametrize(
    ("arrival", "service", "servers"),
    [MMC[1], *(pytest.param(*each, marks=_MORE) for each in (MMC[0], *MMC[2:]))],
)
def test_waits_are_those_of_erlang(arrival: float, service: float, servers: int) -> None:
    """How many wait, how long on average, and how many twice as long: the last by order of coming alone."""
    runs = [settled(arrival, service, servers, seed) for seed in range(RUNS)]
    some, spare = erlang_c(arrival, service, servers), servers * service - arrival
    mean_s = some / spare

    def share(longer_s: float) -> Estimate:
        return Estimate.of([fmean(wait > longer_s for wait in run) for run in runs])

    assert Estimate.of([fmean(run) for run in runs]).agrees(mean_s)
    assert share(1e-6).agrees(some)
    assert share(2 * mean_s).agrees(some * exp(-spare * 2 * mean_s))


def test_the_oracle_is_sharp() -> None:
    """The same measure tells a hall with a tenth more or fewer people, or one window more, from this one."""
    arrival, service, servers = MMC[1]
    waits = Estimate.of([fmean(settled(arrival, service, servers, seed)) for seed in range(RUNS)])
    for other, more in ((arrival * 1.1, 0), (arrival / 1.1, 0), (arrival, 1)):
        c = servers + more
        assert not waits.agrees(erlang_c(other, service, c) / (c * service - other))


# --- ranks ---
RATES = {"first": 1 / 900, "second": 1 / 450, "": 1 / 350}
SERVICE, SERVERS = 1 / 280, 2
RANKS = {  # all strict classes are one rank; a credit longer than the run is the next
    "first": Priority("first", "第一", strict=True),
    "second": Priority("second", "第二", credit_s=1e12),
}


def ours_by_rank(seed: int) -> dict[str, float]:
    hall = replace(ROOM, windows=windows(*map(str, range(SERVERS))), priorities=RANKS)
    waits = Simulation(hall).run(people(Random(seed), RATES, SERVICE, PEOPLE))
    return _means((wait.person.priority, wait.wait_s) for wait in sorted(waits, key=_came)[SETTLING:])


def ciw_by_rank(seed: int) -> dict[str, float]:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(rate)] for name, rate in RATES.items()},
        service_distributions={name: [ciw.dists.Exponential(SERVICE)] for name in RATES},
        priority_classes={name: rank for rank, name in enumerate(RATES)},
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(PEOPLE, method="Arrive")
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    return _means((record.customer_class, record.waiting_time) for record in records[SETTLING:])


def cobham() -> dict[str, float]:
    """The mean wait of each class: M/M/c with ranks that interrupt nobody, all served alike."""
    busy, before = erlang_c(sum(RATES.values()), SERVICE, SERVERS) / (SERVERS * SERVICE), 0.0
    found = {}
    for name, rate in RATES.items():
        upto = before + rate / (SERVERS * SERVICE)
        found[name] = busy / ((1 - before) * (1 - upto))
        before = upto
    return found


def test_ranks_wait_as_ciw_and_cobham_say() -> None:
    ours = [ours_by_rank(seed) for seed in range(RUNS)]
    theirs = [ciw_by_rank(seed) for seed in range(RUNS)]
    for name, mean_s in cobham().items():
        own, other = (Estimate.of([run[name] for run in runs]) for runs in (ours, theirs))
        assert other.agrees(mean_s), "the oracle itself"
        assert own.agrees(other), name
        assert own.agrees(mean_s), name


# --- servers by shift ---
# ciw sends everybody home at a change of shift, who is busy once he is done, and a fresh team comes: so each
# shift is a team of windows of its own here too.
SHIFTS = (("08:30", 2), ("09:30", 4), ("12:00", 1), ("13:30", 3), ("16:00", 2), ("17:30", 0))
RATE, SHIFT_SERVICE = 1 / 170, 1 / 480
DAYS = 40


def _s(time: str) -> float:
    """Since the hall opened."""
    hour, minute = map(int, time.split(":"))
    return 60.0 * (60 * hour + minute - 510)


def ours_by_shift(seed: int) -> list[tuple[float, float]]:
    teams: list[str] = []
    rows: list[Shift] = []
    for (begin, count), (end, _) in pairwise(SHIFTS):
        team = tuple(f"{begin}/{n}" for n in range(count))
        hours = int(_s(begin) / 60) + 510, int(_s(end) / 60) + 510
        teams += team
        rows.append(Shift(("workdays",), (hours,), team))
    hall = replace(ROOM, windows=windows(*teams), roster=tuple(rows))
    opening = datetime(2024, 5, 6, 8, 30, tzinfo=CHINA).timestamp()
    coming = people(Random(seed), {"": RATE}, SHIFT_SERVICE, 400)
    simulation = Simulation(hall, begin_s=opening)
    waits = simulation.run(takewhile(lambda person: person.at_s < _s("17:29"), coming))
    assert simulation.sent_away == 0
    return [(wait.person.at_s, wait.wait_s) for wait in waits]


def ciw_by_shift(seed: int) -> list[tuple[float, float]]:
    ciw.seed(seed)
    ends = [*(_s(end) for end, _ in SHIFTS[1:]), 2 * _s("17:30")]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE)],
        service_distributions=[ciw.dists.Exponential(SHIFT_SERVICE)],
        number_of_servers=[ciw.Schedule([count for _, count in SHIFTS], ends)],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(ends[-1] - 1)
    return [(record.arrival_date, record.waiting_time) for record in simulation.get_all_records()]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("08:30", "09:30"),
        pytest.param("09:30", "12:00", marks=_MORE),
        ("12:00", "13:30"),
        pytest.param("13:30", "15:00", marks=_MORE),
    ],
)
def test_waits_over_lunch_and_shifts_are_those_of_ciw(begin: str, end: str) -> None:
    """Of those who come within these hours, who are all served before the hall closes."""
    ours, theirs = (
        Estimate.of([fmean(wait_s for at_s, wait_s in day if _s(begin) <= at_s < _s(end)) for day in days])
        for days in shift_days()
    )
    assert ours.agrees(theirs)
    assert ours.mean > ours.error * ERRORS, "hours without a queue prove nothing"


@cache
def shift_days() -> tuple[list[list[tuple[float, float]]], list[list[tuple[float, float]]]]:
    return [ours_by_shift(seed) for seed in range(DAYS)], [ciw_by_shift(seed) for seed in range(DAYS)]


def _came(wait: Wait) -> float:
    return wait.person.at_s


def _means(waits: Iterable[tuple[str, float]]) -> dict[str, float]:
    found = defaultdict(list)
    for name, wait_s in waits:
        found[name].append(wait_s)
    return {name: fmean(found[name]) for name in RATES}
