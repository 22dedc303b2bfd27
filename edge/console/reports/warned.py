"""The warnings of the halls' supervision in a period: how many, how grave, how soon somebody saw to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from edge.console import tables
from edge.console.pairing import Span
from edge.console.reports.lines import parsed
from edge.console.reports.reading import DAY_S
from edge.console.reports.sheets import Column, Row, Sheet
from edge.console.reports.volume import HALL, MINUTE_S

AHEAD_S = 10 * DAY_S  # so long after the period the end of a warning is looked for
_KINDS = ("alert.raised", "alert.updated", "alert.acknowledged", "alert.cleared")


@dataclass(slots=True)
class Warned:
    """Of one kind in one hall. Seconds by the wall clock: a warning outlasts a start of its node."""

    raised: int = 0
    red: int = 0
    escalated: int = 0
    over: int = 0
    acknowledged_s: list[float] = field(default_factory=list)
    stood_s: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    counts: Warned
    since: float
    red: bool
    acknowledged: bool = False


def warned(db: Connection, period: Span, hall: str = "") -> dict[tuple[str, str], Warned]:
    """By hall and kind, in order; those that were raised in the period, with what became of them."""
    found: dict[tuple[str, str], Warned] = {}
    standing: dict[tuple[str, str, str], _Open] = {}
    for its_hall, node, kind, at, body in _told(db, period, hall):
        fact = parsed(body)
        key = its_hall, node, str(fact.get("key"))
        if kind == "alert.raised":
            standing.pop(key, None)
            if at < period[1]:
                counts = found.setdefault((its_hall, str(fact.get("warning"))), Warned())
                standing[key] = _raise(counts, at, fact)
        elif key in standing:
            _happens(standing[key], kind, at, fact)
            if kind == "alert.cleared":
                del standing[key]
    return dict(sorted(found.items()))


def _raise(counts: Warned, at: float, fact: dict[str, Any]) -> _Open:
    counts.raised += 1
    red = fact.get("level") == "red"
    counts.red += red
    return _Open(counts, at, red)


def _happens(one: _Open, kind: str, at: float, fact: dict[str, Any]) -> None:
    took = max(0.0, at - one.since)
    if kind == "alert.cleared":
        one.counts.over += 1
        one.counts.stood_s.append(took)
    elif kind == "alert.acknowledged" and not one.acknowledged:
        one.acknowledged = True
        one.counts.acknowledged_s.append(took)
    elif kind == "alert.updated":
        one.counts.escalated += fact.get("reason") == "escalated"
        if fact.get("level") == "red" and not one.red:
            one.red = True
            one.counts.red += 1


def _told(db: Connection, period: Span, hall: str) -> Iterable[Sequence[Any]]:
    """Of each node in its order."""
    event = tables.event.c
    query = select(event.hall, event.node, event.kind, event.at, event.body)
    query = query.where(event.kind.in_(_KINDS), event.at >= period[0], event.at < period[1] + AHEAD_S)
    query = query.where(event.hall == hall) if hall else query
    return db.execute(query.order_by(event.hall, event.node, event.epoch, event.seq))


def warning_sheet(found: dict[tuple[str, str], Warned]) -> Sheet:
    columns = (
        HALL,
        Column("预警", "Warning", "text"),
        Column("次数", "Raised"),
        Column("其中红色", "of it red"),
        Column("升级", "Escalated"),
        Column("已确认", "Acknowledged"),
        Column("平均确认用时（分）", "Mean time to acknowledge, min", "minutes"),
        Column("已解除", "Over"),
        Column("平均持续（分）", "Mean time until over, min", "minutes"),
    )
    rows: list[Row] = [
        (
            *name,
            each.raised,
            each.red,
            each.escalated,
            len(each.acknowledged_s),
            _mean_min(each.acknowledged_s),
            each.over,
            _mean_min(each.stood_s),
        )
        for name, each in found.items()
    ]
    return Sheet.of("warnings", ("预警", "Warnings"), columns, rows)


def _mean_min(seconds: Sequence[float]) -> float | None:
    return sum(seconds) / len(seconds) / MINUTE_S if seconds else None
