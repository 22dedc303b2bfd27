"""Days of a hall as its node tells them: people come by the hour, wait, are served and rate; devices fail.

Made by a seed, so that what a page shows of them is always the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.report_kit import Node, wall

CROWD = {9: 1.5, 10: 2, 11: 1.2, 12: 0.4, 13: 0.5, 14: 1.3, 15: 1.7, 16: 0.8}  # by hour, for each window
SERVICES = ("tax", "social", "estate", "permits")
LEVELS, HOW_OFTEN = (5, 4, 3, 2, 1), (70, 18, 8, 3, 1)
REASONS = {2: (209, 213, 214, 214, 299), 1: (109, 113)}  # codes of the bad ones; 299 is a new edition's
PAPER = ("paper_near",)

Tell = tuple[float, str, dict[str, Any]]


class Hall:
    """`windows` are staffed, `devices` watched. `node` then holds all that it has told."""

    def __init__(self, hall: str, node: str, windows: int, devices: tuple[str, ...], seed: int = 1) -> None:
        self.node = Node(hall, node, f"{seed % 16:x}")
        self._windows = [str(n + 1) for n in range(windows)]
        self._devices = devices
        self._random = Random(seed)

    def open(self, first: date, days: int, until_s: float) -> None:
        """Each working day from `first` on, up to a moment of wall time."""
        for day in (first + timedelta(days=n) for n in range(days)):
            if day.weekday() < 5:
                self._day(day.isoformat(), until_s)

    def _day(self, day: str, until_s: float) -> None:
        if wall(f"{day} 08:00") >= until_s:
            return
        self.node.day(day)
        told = [*self._staff(day), *self._people(day), *self._mishaps(day)]
        for at, kind, fact in sorted(told, key=lambda each: each[0]):
            if at < until_s:
                self.node.at = at
                self.node.tell(kind, **fact)

    def _staff(self, day: str) -> Iterator[Tell]:
        for window in self._windows:
            who = {"window": window, "staff": f"100{window}"}
            yield wall(f"{day} 08:50"), "staff.logged_in", who
            yield wall(f"{day} 17:30"), "staff.logged_out", who | {"reason": "pressed"}

    def _mishaps(self, day: str) -> Iterator[Tell]:
        for device in self._devices:
            yield wall(f"{day} 08:01"), "device.changed", _device(device, "online")
            at = wall(f"{day} 08:02") + 30_000 * self._random.random()
            if self._random.random() < 0.15:
                yield at, "device.changed", _device(device, "degraded", *PAPER)
                yield at + 1500, "device.changed", _device(device, "online")
            elif self._random.random() < 0.1:
                yield at, "device.changed", _device(device, "backoff")
                yield at + 5000 * self._random.random(), "device.changed", _device(device, "online")

    def _people(self, day: str) -> Iterator[Tell]:
        """First come, first served, by the window that is free first."""
        free = dict.fromkeys(self._windows, wall(f"{day} 09:00"))
        for number, came in enumerate(self._arrivals(day), 1):
            window = min(free, key=lambda each: free[each])
            called = max(came + 20, free[window])
            free[window] = called + self._random.gauss(90, 10) + self._random.expovariate(1 / 1400)
            yield from self._act(day, f"A{number:03}", window, (came, called, free[window]))

    def _arrivals(self, day: str) -> list[float]:
        busy = self._random.uniform(0.7, 1.2) * len(self._windows)
        return sorted(
            wall(f"{day} {hour:02}:00") + 3600 * self._random.random()
            for hour, people in CROWD.items()
            for _ in range(round(people * busy))
        )

    def _act(self, day: str, ticket: str, window: str, at: tuple[float, float, float]) -> Iterator[Tell]:
        came, called, done = at
        fact = {"session": ticket, "can_show": True, "priority": "", "wait_p50_s": called - came + 60}
        service = self._random.choice(SERVICES)
        who = {"ticket": ticket, "window": window, "staff": f"100{window}"}
        yield (
            came,
            "ticket.reserved",
            fact | {"ticket": ticket, "service": service, "number": int(ticket[1:])},
        )
        yield came + 1, "ticket.printed", {"ticket": ticket, "copies": 1}
        yield called, "ticket.called", who | {"times": 1, "overtook": []}
        if self._random.random() < 0.04:
            yield called + 60, "ticket.no_show", who
            return
        act = who | {"act": f"{day}/{ticket}"}
        yield called + 15, "service.started", who
        yield done, "service.finished", act | {"rating_asked": True, "unit": service, "promise_min": 20.0}
        yield done + 10, *self._rating(act)

    def _rating(self, act: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if self._random.random() < 0.3:
            return "rating.missed", act | {"reason": "time_limit"}
        (level,) = self._random.choices(LEVELS, HOW_OFTEN)
        reasons = [self._random.choice(REASONS[level])] if level in REASONS else []
        return "rating.given", act | {"level": level, "raw": level, "reasons": reasons}


def _device(device: str, state: str, *conditions: str) -> dict[str, Any]:
    return {"device": device, "state": state, "conditions": list(conditions)}
