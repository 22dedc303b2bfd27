"""What an independent subscriber can tell from `(epoch, seq)` and the links of acts alone, and the latencies
that it has seen.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from edge.wire import EventBatch, Stamp, flat_json, genesis

SAMPLES_LIMIT = 100_000  # latencies kept: a day of the full hall has fewer


@dataclass(slots=True)
class Epoch:
    """The events of one node's database as they came by. `unfit`: acts that did not fit into their chain."""

    link: str  # of the last act, at first the chain's genesis
    seen: set[int] = field(default_factory=set)
    repeats: int = 0
    unfit: int = 0

    def note(self, seq: int) -> bool:
        """Whether this seq is new."""
        if seq in self.seen:
            self.repeats += 1
            return False
        self.seen.add(seq)
        return True

    def follow(self, event: dict[str, Any]) -> None:
        """A new event. Those without a link are telemetry, as far as this can tell."""
        link = event.get("link")
        if link is not None:
            body = flat_json({name: value for name, value in event.items() if name != "link"})
            sound = hashlib.sha256(body.encode()).hexdigest() == link
            self.unfit += not (sound and event.get("follows") == self.link)
            self.link = str(link)

    def lost(self, last_seq: int) -> int:
        """How many of 1…last_seq never came by."""
        return sum(1 for seq in range(1, last_seq + 1) if seq not in self.seen)


@dataclass(slots=True)
class Ledger:
    """Counts every event once, by its own number, whatever the broker repeats."""

    epochs: dict[str, Epoch] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    _missed: set[tuple[str, str]] = field(default_factory=set)  # acts of a day that nobody rated, so far

    def batch(self, payload: bytes) -> list[dict[str, Any]]:
        """The events of one PUBLISH that had not been seen before."""
        try:
            events = EventBatch.model_validate_json(payload).events
            fresh = [event for event in events if self._note(event)]
        except (ValidationError, json.JSONDecodeError):
            self.malformed += 1
            return []
        for event in fresh:
            recalled = event.get("kind") == "ticket.called" and event.get("times") != 1
            self.kinds["ticket.recalled" if recalled else str(event.get("kind"))] += 1
            self._rated(event)
        return fresh

    def _rated(self, event: dict[str, Any]) -> None:
        """Who rates by the slip after the time at the window has rated: his act was not missed."""
        act = str(event.get("epoch")), str(event.get("act"))
        if event.get("kind") == "rating.missed":
            self._missed.add(act)
        elif event.get("kind") == "rating.given" and act in self._missed:
            self._missed.discard(act)
            self.kinds["rating.missed"] -= 1

    def _note(self, event: dict[str, Any]) -> bool:
        stamp = Stamp.model_validate(event)
        epoch = self.epochs.get(stamp.epoch)
        if epoch is None:
            epoch = self.epochs[stamp.epoch] = Epoch(genesis(stamp.epoch, 0))
        new = epoch.note(stamp.seq)
        if new:
            epoch.follow(event)
        return new

    @property
    def published(self) -> int:
        return sum(len(epoch.seen) for epoch in tuple(self.epochs.values()))  # may be asked from a thread

    @property
    def duplicated(self) -> int:
        return sum(epoch.repeats for epoch in tuple(self.epochs.values()))

    @property
    def unfit(self) -> int:
        return sum(epoch.unfit for epoch in tuple(self.epochs.values()))


@dataclass(slots=True)
class Samples:
    """Durations in seconds; `summary` gives milliseconds."""

    values_s: list[float] = field(default_factory=list)

    def add(self, value_s: float) -> None:
        if len(self.values_s) < SAMPLES_LIMIT:
            self.values_s.append(value_s)

    def summary(self) -> dict[str, float | int]:
        """{"n", "p50", "p99"} in ms; without samples only n = 0."""
        if not self.values_s:
            return {"n": 0}
        ordered = sorted(self.values_s)
        return {
            "n": len(ordered),
            "p50": round(percentile(ordered, 0.50) * 1000, 2),
            "p99": round(percentile(ordered, 0.99) * 1000, 2),
        }


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of an ordered, non-empty list."""
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]
