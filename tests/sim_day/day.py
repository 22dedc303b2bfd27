"""A day by chance: who comes when for what, how long it takes, who does not come, and what the staff do.

Nothing of it is what the estimate assumes. An item's usual time is off by some 25 %; service times are
log-normal and not gamma; staff come late from lunch, leave it early, and pause; the morning's peak is
stronger than the windows; a share of the people goes before others; no day is quite like those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta, timezone
from math import exp, log, sqrt
from random import Random
from typing import Literal

from edge.replay.model import Day, Leg, Person
from edge.rules.items import Item
from edge.rules.model import Hall, Priority, Service, Shift, Window
from tests.sim_day.staff import HOUR, MINUTE, MORNING, posts

CHINA = timezone(timedelta(hours=8))
DAY = "2026-10-12"  # a Monday that is worked
LAST_S = 16.5 * HOUR  # nobody comes later
NO_SHOW, PRIORITY = 0.07, 0.12  # shares of tickets, and of people
AWAY_S, WALK_S, TURN_S, REACT_S, PRINT_S = (60.0, 120.0), (8.0, 40.0), 12.0, (2.0, 15.0), 1.5
PEAKS = (
    (8.5, 1.3),
    (9.0, 1.5),
    (10.5, 1.1),
    (11.25, 0.6),
    (12.0, 0.0),
    (13.5, 1.2),
    (14.0, 1.25),
    (15.5, 0.7),
)
CREDIT = Priority("elder", "60 岁以上", credit_s=900.0)
STRICT = Priority("soldier", "军人", strict=True)


@dataclass(frozen=True, slots=True)
class Kind:
    """A hall: `shared` is the share of windows that serve two services."""

    name: str
    services: int
    windows: int
    load: float  # of the windows' time, over the day; the peaks go above 1
    shared: float = 0.4
    lunch_on: float = 0.0  # share of windows that stay over lunch
    items: int = 0  # of each service, of very different lengths; 0: of a service all is alike


SMALL = Kind("small", services=2, windows=4, load=0.93)
MIDDLE = Kind("middle", services=5, windows=14, load=0.95)
CENTRE = Kind("centre", services=16, windows=52, load=0.97, lunch_on=0.2)
KINDS = (SMALL, MIDDLE, CENTRE)
ITEM_KINDS = (
    Kind("small items", services=2, windows=4, load=0.88, items=12),
    Kind("middle items", services=5, windows=14, load=0.92, items=12),
    Kind("centre items", services=16, windows=52, load=0.95, lunch_on=0.2, items=25),
)
UNLIKE = 0.08, 0.05  # variation from day to day: of a service, and of an item besides
LENGTHS = 0.9  # variation of the items' usual times: of ten the longest takes some ten times the shortest

# What a hall knows of items: none, which each ticket is of, or also how long each usually takes.
Known = Literal["services", "codes", "items"]


@dataclass(frozen=True, slots=True)
class Work:
    """What people come for: `share` of a service's, and how long it takes in truth."""

    item: str
    share: float
    usual_s: float
    true_s: float


@dataclass(frozen=True, slots=True)
class World:
    """A day, and by what chance it came to be: `work` by service, with the variation of one act of it and how
    many come for it in a second, on the mean over the day."""

    hall: Hall
    day: Day
    work: dict[str, list[Work]]
    spread: dict[str, float]
    per_s: dict[str, float]


def generated(kind: Kind, seed: int, known: Known = "items") -> tuple[Hall, Day]:
    """The same people and staff, whatever is known of their items."""
    world = made(kind, seed)
    hall, people = world.hall, world.day.people
    if known == "services":
        people = tuple(replace(person, item="") for person in people)
    elif known == "items":
        listed = [
            Item(w.item, each, w.usual_s) for each, works in world.work.items() for w in works if w.item
        ]
        hall = replace(hall, items={item.id: item for item in listed})
    return hall, replace(world.day, people=people)


def before(kind: Kind, seed: int, hall: Hall, known: Known, days: int) -> Iterator[Day]:
    """Working days that the same hall lived before that one, the earliest first: the same items and staff,
    other people. From day to day services and items are longer or shorter by chance."""
    world = made(kind, seed)
    own = _unlike(world, Random(f"{kind.name} {seed} own"))
    for n in range(days, 0, -1):
        dice = Random(f"{kind.name} {seed} before {n}")
        unlike = _unlike(world, dice)
        work = {
            service: [
                replace(w, true_s=w.true_s * unlike[service, w.item] / own[service, w.item]) for w in works
            ]
            for service, works in world.work.items()
        }
        people = _people(hall, dice, work, world.spread, world.per_s)
        if known == "services":
            people = tuple(replace(person, item="") for person in people)
        yield Day(_workday(n), people, posts(hall, dice))


def _unlike(world: World, dice: Random) -> dict[tuple[str, str], float]:
    """How much longer than on the mean of days each item takes on one."""
    found = dict[tuple[str, str], float]()
    for service, works in world.work.items():
        all_of_it = _log_normal(dice, UNLIKE[0])
        found |= {(service, w.item): all_of_it * _log_normal(dice, UNLIKE[1]) for w in works}
    return found


def _workday(n: int) -> str:
    """The n-th before DAY; holidays are as good as any."""
    weeks, days = divmod(n, 5)
    return (date.fromisoformat(DAY) - timedelta(days=7 * weeks + (days + 2 if days else 0))).isoformat()


def made(kind: Kind, seed: int) -> World:
    """Nothing is known of its items."""
    dice = Random(f"{kind.name} {seed}")
    hall = _hall(kind, dice)
    spread = {each: dice.uniform(0.45, 0.8) for each in hall.services}
    if not kind.items:
        true_s = {each: service.usual_s * _log_normal(dice, 0.25) for each, service in hall.services.items()}
        work = {
            each: [Work("", 1.0, service.usual_s, true_s[each])] for each, service in hall.services.items()
        }
    else:
        work = {each: _works(kind, dice, each, service.usual_s) for each, service in hall.services.items()}
    per_s = {each: _per_s(kind, hall, each, works) for each, works in work.items()}
    people = _people(hall, dice, work, spread, per_s)
    return World(hall, Day(DAY, people, posts(hall, dice)), work, spread, per_s)


def _works(kind: Kind, dice: Random, service: str, usual_s: float) -> list[Work]:
    """A few items make most of the acts; their usual times have the service's for their mean."""
    weights = [1 / (n + 1) for n in range(kind.items)]
    lengths = [_log_normal(dice, LENGTHS) for _ in weights]
    shares = [weight / sum(weights) for weight in weights]
    mean = sum(share * length for share, length in zip(shares, lengths, strict=True))
    found = []
    for n, (share, length) in enumerate(zip(shares, lengths, strict=True)):
        own_s = usual_s * length / mean
        found.append(Work(f"{service}-{n}", share, own_s, own_s * _log_normal(dice, 0.25)))
    return found


def _hall(kind: Kind, dice: Random) -> Hall:
    names = [f"s{n}" for n in range(kind.services)]
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    services = {
        each: Service(each, each, letters[n], usual_s=MINUTE * dice.choice((4, 6, 8, 10, 12, 15)))
        for n, each in enumerate(names)
    }
    windows = {}
    for n in range(kind.windows):
        own, other = names[n % len(names)], dice.choice(names)
        both = dice.random() < kind.shared and other != own
        windows[str(n + 1)] = Window(str(n + 1), f"{n + 1}号窗口", (own, other) if both else (own,))
    over = tuple(id_ for id_ in windows if dice.random() < kind.lunch_on)
    split = tuple(id_ for id_ in windows if id_ not in over)
    roster = (
        Shift(("workdays",), ((510, 720), (810, 1020)), split),
        *((Shift(("workdays",), ((510, 1020),), over),) if over else ()),
    )
    return Hall(
        "sim", "模拟大厅", CHINA, services, windows, {"elder": CREDIT, "soldier": STRICT}, roster, printer="p"
    )


def _log_normal(dice: Random, spread: float) -> float:
    """Of mean 1 and this coefficient of variation."""
    sigma = sqrt(log(1 + spread**2))
    return exp(dice.gauss(-sigma * sigma / 2, sigma))


def rate(at_s: float) -> float:
    """How much busier than on the mean it is."""
    return next((busy for begin, busy in reversed(PEAKS) if at_s >= begin * HOUR), 0.0)


def _per_s(kind: Kind, hall: Hall, service: str, works: list[Work]) -> float:
    """As many as its windows can serve at that load."""
    manned = sum((service in w.services) / len(w.services) for w in hall.windows.values())
    return kind.load * manned / (sum(each.share * each.true_s for each in works) + 35.0)


def _people(
    hall: Hall,
    dice: Random,
    work: dict[str, list[Work]],
    spread: dict[str, float],
    per_s: dict[str, float],
) -> tuple[Person, ...]:
    """Thinned from a steady stream."""
    people: list[Person] = []
    top = max(busy for _, busy in PEAKS)
    for service in hall.services:
        at_s = MORNING[0]
        while (at_s := at_s + dice.expovariate(per_s[service] * top)) < LAST_S:
            if dice.random() < rate(at_s) / top:
                people.append(_person(dice, at_s, service, _one_of(dice, work[service]), spread[service]))
    return tuple(sorted(people, key=lambda person: person.at_s))


def _one_of(dice: Random, works: list[Work]) -> Work:
    return works[0] if len(works) == 1 else dice.choices(works, [each.share for each in works])[0]


def _person(dice: Random, at_s: float, service: str, work: Work, spread: float) -> Person:
    chance = dice.random()
    priority = "" if chance > PRIORITY else ("soldier" if chance < PRIORITY / 4 else "elder")
    turn_s = dice.expovariate(1 / TURN_S)
    if dice.random() < NO_SHOW:
        leg = Leg(dice.uniform(*AWAY_S), "no_show", calls=3, turn_s=turn_s, react_s=dice.uniform(*REACT_S))
    else:
        walk_s = dice.uniform(*WALK_S)
        act_s = walk_s + work.true_s * _log_normal(dice, spread)
        leg = Leg(act_s, "finished", walk_s, turn_s=turn_s, react_s=dice.uniform(*REACT_S))
    return Person(f"{service}-{at_s!r}", at_s, service, priority, PRINT_S, (leg,), item=work.item)
