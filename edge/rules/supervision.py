"""When a warning is raised, becomes red, is escalated and is cleared: one at a time for each key, each once.

- Raised once a value has stood at or above `amber` for `hold_s`, and as red where it stood at `red` so long.
- It becomes red once, and stays so: a warning tells the worst that there was until it is over.
- Escalated once a level where nobody has acknowledged it, unless it seems to be over: the next in line is
  told. An acknowledgement stays until the end.
- Cleared once a value has stood below `clear`, which lies below `amber`, for `hold_s`. What hovers between
  the two, or comes and goes, is one warning.

All times are even: no step of a clock makes them longer or shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edge.rules.supervision_kinds import MINUTE_S
from edge.rules.supervision_model import Reading, Rule, Warned
from edge.wire import AlertAcknowledged, AlertCleared, AlertLevel, AlertRaised, AlertUpdated, Fact


@dataclass(frozen=True, slots=True)
class Held:
    """Of one key, in even time: since when it is as it is; None where it is not. Not kept over a restart, so
    that what nobody could watch counts for nothing."""

    stands_s: float | None = None
    amber_s: float | None = None
    red_s: float | None = None
    under_s: float | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    held: Mapping[str, Held]
    facts: tuple[Fact, ...]


def follow(
    warned: Mapping[str, Warned],
    held: Mapping[str, Held],
    readings: Iterable[Reading],
    now_s: float,
    wall_s: float,
) -> Followed:
    """`readings`: of everything that is watched, also where nothing is wrong. `now_s` is even time, `wall_s`
    only tells people when something began."""
    after: dict[str, Held] = {}
    facts: list[Fact] = []
    for reading in readings:
        key = reading.key
        known = warned.get(key)
        new, value = _held(held.get(key, Held()), reading, known, now_s)
        after[key] = new
        facts += (
            _raised(reading, new, value, now_s, wall_s)
            if known is None
            else _next(known, reading, new, value, now_s)
        )
    gone = [key for key in warned if key not in after]
    facts += [AlertCleared(key=key, reason="not_watched") for key in gone]
    return Followed(after, tuple(facts))


def acknowledged(warned: Mapping[str, Warned], key: str, name: str, note: str) -> Fact | Warned | None:
    """The fact; or the warning, where somebody has done so before; None where none of this key stands."""
    known = warned.get(key)
    if known is None or known.acknowledged:
        return known
    return AlertAcknowledged(key=key, name=name, note=note)


def _held(before: Held, reading: Reading, known: Warned | None, now_s: float) -> tuple[Held, float]:
    """And the value. What stands and has been warned of is counted from its beginning, also where a restart
    or a moment without it lies between."""
    stands_s = _since(before.stands_s, reading.value is True, known.began_s if known else now_s)
    value = float(reading.value)
    if isinstance(reading.value, bool):
        value = 0.0 if stands_s is None else (now_s - stands_s) / MINUTE_S
    rule = reading.rule
    held = Held(
        stands_s,
        amber_s=_since(before.amber_s, value >= rule.amber, now_s),
        red_s=_since(before.red_s, value >= rule.red, now_s),
        under_s=_since(before.under_s, value < rule.clear, now_s),
    )
    return held, value


def _since(before_s: float | None, is_so: bool, now_s: float) -> float | None:
    if not is_so:
        return None
    return now_s if before_s is None else before_s


def _level(reading: Reading, held: Held, now_s: float) -> AlertLevel | None:
    """That has stood long enough."""
    for level, since_s in (("red", held.red_s), ("amber", held.amber_s)):
        if since_s is not None and now_s - since_s >= reading.rule.hold_s:
            return "red" if level == "red" else "amber"
    return None


def _raised(reading: Reading, held: Held, value: float, now_s: float, wall_s: float) -> Iterator[Fact]:
    level = _level(reading, held, now_s)
    if level is None:
        return
    began_s = held.amber_s if held.stands_s is None else held.stands_s
    assert began_s is not None, "what has a level has stood"
    yield AlertRaised(
        key=reading.key,
        warning=reading.rule.kind,
        about=reading.about,
        **_told(reading.rule, level, value, above=False),
        since=round(wall_s - (now_s - began_s), 3),
    )


def _next(known: Warned, reading: Reading, held: Held, value: float, now_s: float) -> Iterator[Fact]:
    rule = reading.rule
    if held.under_s is not None:
        if now_s - held.under_s >= rule.hold_s:
            yield AlertCleared(key=known.key, reason="over")
    elif known.level == "amber" and _level(reading, held, now_s) == "red":
        told = _told(rule, "red", value, above=known.above)
        yield AlertUpdated(key=known.key, reason="red", **told)
    elif _is_left(known) and now_s - known.level_s >= rule.escalate_after_s:
        told = _told(rule, known.level, value, above=True)
        yield AlertUpdated(key=known.key, reason="escalated", **told)


def _told(rule: Rule, level: AlertLevel, value: float, *, above: bool) -> dict[str, Any]:
    """`above`: to the next in line, who hears of all that follows."""
    return {
        "level": level,
        "value": round(value, 2),
        "limit": rule.red if level == "red" else rule.amber,
        "to": rule.escalate_to if above else rule.to,
    }


def _is_left(known: Warned) -> bool:
    return known.acknowledged is None and not known.escalated
