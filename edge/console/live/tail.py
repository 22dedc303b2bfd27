"""What last happened anywhere: the newest events of all halls, each once."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edge.console.live.node import NodeKey
from edge.console.live.things import Key, Moment
from edge.wire import EventBatch, Stamp
from edge.wire.plain import plain

KEPT = 500  # events: a screen has some forty, and older ones are found in the record
MAX_NODES = 2_048  # whose place is known
EPOCHS = 4  # of each: a database is begun anew once in years
FIELDS = 24  # of one event; no fact has more
LONGEST = 120  # characters of one field
_OWN = frozenset({*Stamp.model_fields, "kind", "follows", "link"})


@dataclass(frozen=True, slots=True)
class Happened:
    """`at_s` as the node says, `seen_s` when it came. `fields`: the fact's own, as text, each cut."""

    hall: str
    node: str
    seq: int
    kind: str
    at_s: float
    seen_s: float
    by: str
    fields: tuple[tuple[str, str], ...]


class Tail:
    """Ordered by coming. A live copy and the event that follows in its order are the same; what is told again
    or comes after newer ones of its node, as a backlog does, is the record's and not shown here."""

    def __init__(self) -> None:
        self._events: deque[Happened] = deque(maxlen=KEPT)
        self._last: dict[NodeKey, dict[str, int]] = {}  # by epoch: the highest seq shown
        self.unreadable = 0  # messages

    def take(self, owner: NodeKey, payload: bytes, now: Moment) -> frozenset[Key]:
        """A message of `event` or `event/live`, no larger than the inbox lets in."""
        last = self._place(owner)
        if last is None:
            return frozenset()
        try:
            batch = EventBatch.model_validate_json(payload)
            events = [(Stamp.model_validate(each), each) for each in batch.events[-KEPT:]]
        except ValidationError:
            self.unreadable += 1
            return frozenset()
        return frozenset(key for stamp, each in events if (key := self._add(owner, last, stamp, each, now)))

    def newest(self, at_most: int, *, hall: str = "", node: str = "", kind: str = "") -> Iterator[Happened]:
        """Newest first. `kind` is the whole of it or what stands before its dot."""
        for each in reversed(self._events):
            if at_most <= 0:
                return
            if hall in ("", each.hall) and node in ("", each.node) and _is(kind, each.kind):
                at_most -= 1
                yield each

    def _place(self, owner: NodeKey) -> dict[str, int] | None:
        if owner not in self._last and len(self._last) >= MAX_NODES:
            return None
        return self._last.setdefault(owner, {})

    def _add(
        self, owner: NodeKey, last: dict[str, int], stamp: Stamp, said: Mapping[str, Any], now: Moment
    ) -> Key | None:
        if stamp.seq <= last.get(stamp.epoch, 0):
            return None
        if stamp.epoch not in last and len(last) >= EPOCHS:
            del last[next(iter(last))]
        last[stamp.epoch] = stamp.seq
        kind = text_of(said.get("kind", ""))
        if kind == "dropped":
            return None
        own = [(name, value) for name, value in said.items() if name not in _OWN][:FIELDS]
        fields = tuple((text_of(name), text_of(value)) for name, value in own)
        by = text_of(stamp.by)
        self._events.append(Happened(*owner, stamp.seq, kind, stamp.at, now.wall_s, by, fields))
        return Key("event", *owner, kind)


def text_of(value: object) -> str:
    """A stranger's value, short and without what drives a terminal; yes and no as JSON has them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        value = [f"{name} {text_of(each)}" for name, each in itertools.islice(value.items(), FIELDS)]
    if isinstance(value, list):
        value = ", ".join(text_of(each) for each in value[:FIELDS])
    text = str(value)[: LONGEST + 1]
    return plain(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def _is(wanted: str, kind: str) -> bool:
    return wanted in ("", kind) or kind.startswith(f"{wanted}.")
