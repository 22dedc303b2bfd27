"""A day by chance: who comes when for what, how long it takes, who does not come, and what the staff do.

Nothing of it is what the estimate assumes. An item's usual time is off by some 25 %; service times are
log-normal and not gamma; windows are quick and slow; staff come late from lunch, leave it early, and pause;
the morning's peak is stronger than the windows; a share of the people goes before others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from math import exp, log, sqrt
from random import Random
from typing import Literal

from drivers.messages import KeyAction
from edge.replay.model import Act, Day, Leg, Person
from edge.rules.items import Item
from edge.rules.model import Hall, Priority, Service, Shift, Window

CHINA = timezone(timedelta(hours=8))
DAY = "2026-10-12"  # a Monday that is worked
MINUTE, HOUR = 60.0, 3600.0
MORNING, AFTERNOON = (8.5 * HOUR, 12.0 * HOUR), (13.5 * HOUR, 17.0 * HOUR)
LAST_S = 16.5 * HOUR  # nobody comes later
NO_SHOW, PRIORITY, PAUSES = 0.07, 0.12, 0.3  # shares: of tickets, of people, of windows in half a day
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
LENGTHS = 0.9  # variation of the items' usual times: of ten the longest takes some ten times the shortest

# What a hall knows of items: none, which each ticket is of, or also how long each usually takes.
Known = Literal["services", "codes", "items"]


@dataclass(frozen=True, slots=True)
class _Work:
    """What people come for: `share` of a service's, and how long it takes in truth."""

    item: str
    share: float
    usual_s: float
    true_s: float


def generated(kind: Kind, seed: int, known: Known = "items") -> tuple[Hall, Day]:
    """The same people and staff, whatever is known of their items."""
    dice = Random(f"{kind.name} {seed}")
    hall = _hall(kind, dice)
    spread = {each: dice.uniform(0.45, 0.8) for each in hall.services}  # of one act
    if not kind.items:
        true_s = {each: service.usual_s * _log_normal(dice, 0.25) for each, service in hall.services.items()}
        work = {
            each: [_Work("", 1.0, service.usual_s, true_s[each])] for each, service in hall.services.items()
        }
    else:
        work = {each: _works(kind, dice, each, service.usual_s) for each, service in hall.services.items()}
    people = _people(kind, hall, dice, work, spread)
    posts = _posts(hall, dice)
    if known == "services":
        people = tuple(replace(person, item="") for person in people)
    elif known == "items":
        listed = [Item(w.item, each, w.usual_s) for each, works in work.items() for w in works if w.item]
        hall = replace(hall, items={item.id: item for item in listed})
    return hall, Day(DAY, people, posts)


def _works(kind: Kind, dice: Random, service: str, usual_s: float) -> list[_Work]:
    """A few items make most of the acts; their usual times have the service's for their mean."""
    weights = [1 / (n + 1) for n in range(kind.items)]
    lengths = [_log_normal(dice, LENGTHS) for _ in weights]
    shares = [weight / sum(weights) for weight in weights]
    mean = sum(share * length for share, length in zip(shares, lengths, strict=True))
    found = []
    for n, (share, length) in enumerate(zip(shares, lengths, strict=True)):
        own_s = usual_s * length / mean
        found.append(_Work(f"{service}-{n}", share, own_s, own_s * _log_normal(dice, 0.25)))
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


def _rate(at_s: float) -> float:
    """How much busier than on the mean it is."""
    return next((rate for begin, rate in reversed(PEAKS) if at_s >= begin * HOUR), 0.0)


def _people(
    kind: Kind, hall: Hall, dice: Random, work: dict[str, list[_Work]], spread: dict[str, float]
) -> tuple[Person, ...]:
    """Thinned from a steady stream, each service as many as its windows can serve at that load."""
    people: list[Person] = []
    work_s = (MORNING[1] - MORNING[0]) + (LAST_S - AFTERNOON[0])
    for service in hall.services:
        manned = sum((service in w.services) / len(w.services) for w in hall.windows.values())
        works = work[service]
        mean_s = sum(each.share * each.true_s for each in works)
        per_s = kind.load * manned / (mean_s + 35.0)
        at_s, top = MORNING[0], max(rate for _, rate in PEAKS)
        while (at_s := at_s + dice.expovariate(per_s * top)) < LAST_S:
            if dice.random() < _rate(at_s) / top:
                people.append(_person(dice, at_s, service, _one_of(dice, works), spread[service]))
    assert work_s > 0
    return tuple(sorted(people, key=lambda person: person.at_s))


def _one_of(dice: Random, works: list[_Work]) -> _Work:
    return works[0] if len(works) == 1 else dice.choices(works, [each.share for each in works])[0]


def _person(dice: Random, at_s: float, service: str, work: _Work, spread: float) -> Person:
    chance = dice.random()
    priority = "" if chance > PRIORITY else ("soldier" if chance < PRIORITY / 4 else "elder")
    turn_s = dice.expovariate(1 / 12.0)
    if dice.random() < NO_SHOW:
        leg = Leg(dice.uniform(60.0, 120.0), "no_show", calls=3, turn_s=turn_s, react_s=dice.uniform(2, 15))
    else:
        walk_s = dice.uniform(8.0, 40.0)
        act_s = walk_s + work.true_s * _log_normal(dice, spread)
        leg = Leg(act_s, "finished", walk_s, turn_s=turn_s, react_s=dice.uniform(2, 15))
    return Person(f"{service}-{at_s!r}", at_s, service, priority, 1.5, (leg,), item=work.item)


def _posts(hall: Hall, dice: Random) -> dict[str, tuple[Act, ...]]:
    posts: dict[str, tuple[Act, ...]] = {}
    for window in hall.windows:
        over = window in hall.roster[-1].windows and len(hall.roster) > 1
        acts = [Act(MORNING[0] + dice.uniform(-5, 4) * MINUTE, KeyAction.LOGIN)]
        if not over:
            acts.append(Act(MORNING[1] + dice.uniform(-6, 2) * MINUTE, KeyAction.PAUSE))
            acts.append(Act(AFTERNOON[0] + dice.uniform(-2, 6) * MINUTE, KeyAction.RESUME))
        for begin, end in (MORNING, AFTERNOON):
            if dice.random() < PAUSES:
                at_s = dice.uniform(begin + 0.7 * HOUR, end - 0.7 * HOUR)
                acts.append(Act(at_s, KeyAction.PAUSE))
                acts.append(Act(at_s + dice.uniform(4, 15) * MINUTE, KeyAction.RESUME))
        acts.append(Act(20 * HOUR, KeyAction.LOGOUT))
        posts[window] = tuple(sorted(acts, key=lambda act: act.at_s))
    return posts
