"""A record written by hand for the tests of reports: what nodes told, at times that are said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.console.record import Record
from tests.integration.node import batch, event
from tests.stores import store_url

CHINA = ZoneInfo("Asia/Shanghai")


def wall(text: str, zone: ZoneInfo = CHINA) -> float:
    """`2026-10-08 09:00` or with seconds, on the hall's own clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


class Node:
    """What one node tells, in one database of its own. `at` is when; by default its clock stands."""

    def __init__(self, hall: str = "county", node: str = "desk", epoch: str = "e") -> None:
        self.key = (hall, node)
        self.epoch = epoch * 32
        self.events: list[dict[str, Any]] = []
        self.at = wall("2026-10-08 08:00")
        self.boot = "b" * 32
        self.drift = 0.0  # what the wall clock was set by, which the monotonic one was not

    def tell(self, kind: str, after_s: float = 0.0, /, **fact: Any) -> None:
        self.at += after_s
        stamp = {"at": self.at + self.drift, "boot": self.boot, "mono": round(self.at - 1.7e9, 3)}
        told = event(self.epoch, len(self.events) + 1, **stamp)
        del told["kind"], told["ticket"]
        self.events.append(told | {"kind": kind} | fact)

    def day(self, text: str) -> None:
        """It opens at eight, by the hall's clock."""
        self.at = wall(f"{text} 08:00")
        self.tell("day.opened", day=text)

    def take(self, ticket: str, service: str = "tax") -> None:
        fact: dict[str, Any] = {
            "number": int(ticket[1:]),
            "session": ticket,
            "can_show": True,
            "priority": "",
        }
        self.tell("ticket.reserved", ticket=ticket, service=service, **fact)
        self.tell("ticket.printed", ticket=ticket, copies=1)

    def call(self, ticket: str, window: str, after_s: float, staff: str = "") -> None:
        told: dict[str, Any] = {"ticket": ticket, "window": window, "staff": staff or f"100{window}"}
        self.tell("ticket.called", after_s, **told, times=1, overtook=[])

    def serve(
        self,
        ticket: str,
        window: str,
        took_s: float,
        *,
        level: int | None = None,
        unit: str = "",
        promise_min: float = 0.0,
        staff: str = "",
    ) -> None:
        """Who was called is served, and rates, or does not."""
        by: dict[str, Any] = {"ticket": ticket, "window": window, "staff": staff or f"100{window}"}
        act = {"act": f"day/{ticket}", **by}
        self.tell("service.started", **by)
        finished = {"rating_asked": True, "unit": unit, "promise_min": promise_min}
        self.tell("service.finished", took_s, **act, **finished)
        if level is None:
            self.tell("rating.missed", 30.0, **act, reason="time_limit")
        else:
            self.tell("rating.given", 5.0, **act, level=level, raw=level)


def keep(path: Path, *nodes: Node) -> str:
    """The record with all that they tell: its address."""
    url = store_url(path)
    with Record(url) as record:
        for node in nodes:
            for start in range(0, len(node.events), 500):
                record.apply([(*node.key, batch(node.events[start : start + 500]))])
    return url
