"""What can go wrong with the sandbox, on demand and at any time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAMES = {
    "down": "the connection ends without an answer, and nothing is done",
    "hang": "no answer ever comes, and nothing is done",
    "error": "an answer 500, and nothing is done",
    "nonsense": "an answer that is no JSON, and nothing is done",
    "schema": "done, and told in another schema",
    "lost": "done, and not told: the connection ends before the answer",
    "twice": "done twice, as though the network had repeated the request",
    "dearer": "what was declared costs 1 yuan more when it is to be paid",
    "late_money": "what a payer pays arrives when the payment has been closed",
}
MAX_FAULTS = 32
MAX_LATENCY_MS = 600_000


class BadFault(ValueError):
    """`str()` is what is wrong with it."""


@dataclass(slots=True)
class Fault:
    """`share` of the requests, of these operations (all, where there are none), so many `times` (None: for
    ever)."""

    name: str
    share: float = 1.0
    only: frozenset[str] = frozenset()
    times: int | None = None

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "share": self.share, "only": sorted(self.only), "times": self.times}


@dataclass(slots=True)
class Faults:
    """`clock_s`: how far its clock is ahead."""

    chance: random.Random = field(default_factory=random.Random)
    latency_ms: float = 0.0
    clock_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    def strikes(self, name: str, operation: str) -> bool:
        for fault in self.faults:
            if fault.name == name and fault.times != 0 and (not fault.only or operation in fault.only):
                if self.chance.random() >= fault.share:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return True
        return False

    def told(self) -> dict[str, Any]:
        faults = [fault.told() for fault in self.faults]
        return {"latency_ms": self.latency_ms, "clock_s": self.clock_s, "faults": faults}

    def set(self, wish: Any) -> None:
        """As `told` tells it; what is left out is well. Raises BadFault, and then nothing changes."""
        if not isinstance(wish, Mapping) or set(wish) - {"latency_ms", "clock_s", "faults"}:
            raise BadFault("an object with latency_ms, clock_s, faults")
        latency_ms = _number(wish.get("latency_ms", 0), 0, MAX_LATENCY_MS)
        clock_s = _number(wish.get("clock_s", 0), -1e9, 1e9)
        raw = wish.get("faults", [])
        if not isinstance(raw, list) or len(raw) > MAX_FAULTS:
            raise BadFault(f"faults: a list of at most {MAX_FAULTS}")
        self.faults = [_fault(each) for each in raw]
        self.latency_ms, self.clock_s = latency_ms, clock_s


def spoken(text: str) -> Fault:
    """As on the command line: lost, lost=0.3, lost=0.3@pay,close. Raises BadFault."""
    head, _, only = text.partition("@")
    name, _, share = head.partition("=")
    try:
        part = float(share) if share else 1.0
    except ValueError:
        raise BadFault(f"{text}: {share!r} is no number") from None
    return _fault({"name": name, "share": part, "only": only.split(",") if only else []})


def _fault(raw: Any) -> Fault:
    if not isinstance(raw, Mapping) or set(raw) - {"name", "share", "only", "times"}:
        raise BadFault("a fault has name, share, only, times")
    name, only, times = raw.get("name"), raw.get("only", []), raw.get("times")
    if name not in NAMES:
        raise BadFault(f"{name!r} is none of {', '.join(NAMES)}")
    if not isinstance(only, list) or not all(isinstance(each, str) for each in only):
        raise BadFault("only: a list of operations")
    if times is not None:
        times = int(_number(times, 0, 1e9))
    return Fault(name, _number(raw.get("share", 1.0), 0, 1), frozenset(only), times)


def _number(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadFault(f"{value!r} is no number from {least:g} to {most:g}")
    return value
