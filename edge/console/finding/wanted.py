"""What is looked for, and where the next page of it begins: pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

# What can be asked for by its whole value, and the members of events in which it stands.
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "ticket": ("ticket",),
    "window": ("window",),
    "device": ("device", "camera"),
    "staff": ("staff",),
}
MAX_TEXT = 100  # characters that are looked for: beyond that it is no word
MAX_KINDS = 16  # at once
_PLACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_EPOCH = re.compile(r"[0-9a-f]{1,32}")


class BadCursor(ValueError):
    """What says where a page begins is none of ours. Next: begin at the newest."""


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place among the events, newest first: what comes after it is older."""

    at: float
    hall: str
    node: str
    epoch: str
    seq: int

    @property
    def text(self) -> str:
        """For an address of a page."""
        return f"{self.at!r}~{self.hall}~{self.node}~{self.epoch}~{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises BadCursor."""
        parts = text.split("~")
        try:
            at, hall, node, epoch, seq = parts
            found = cls(float(at), hall, node, epoch, int(seq))
        except ValueError:
            raise BadCursor(f"no place among the events: {text[:100]!r}") from None
        sound = _PLACE.fullmatch(hall) and _PLACE.fullmatch(node) and _EPOCH.fullmatch(epoch)
        if not (sound and math.isfinite(found.at) and 0 <= found.seq < 1 << 63):
            raise BadCursor(f"no place among the events: {text[:100]!r}")
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """ "" and None: whatever it is. `since_s` and `until_s`: wall time as the nodes told it, so that what a
    wrong clock stamped is only found without them. `text`: anywhere in an event, in any case."""

    hall: str = ""
    node: str = ""
    kinds: tuple[str, ...] = ()
    since_s: float | None = None
    until_s: float | None = None
    ticket: str = ""
    window: str = ""
    device: str = ""
    staff: str = ""
    text: str = ""
    before: Cursor | None = None

    @property
    def in_order(self) -> bool:
        """Of one node and of no time: in the order in which it told them, whatever its clock said."""
        timeless = self.since_s is None and self.until_s is None
        return bool(self.hall and self.node and timeless and not self.kinds)


class Sieve:
    """What of `wanted` only the event itself can tell."""

    def __init__(self, wanted: Wanted) -> None:
        asked = {name: getattr(wanted, name)[:MAX_TEXT] for name in MEMBERS}
        self._members = {name: value for name, value in asked.items() if value}
        self._hints = [json.dumps(value, ensure_ascii=False) for value in self._members.values()]
        self._text = wanted.text[:MAX_TEXT].casefold()

    @property
    def is_open(self) -> bool:
        return not (self._members or self._text)

    def passes(self, body: str) -> bool:
        if any(hint not in body for hint in self._hints):
            return False  # most end here, at a tenth of the cost of reading them
        if self._text and self._text not in body.casefold():
            return False
        told = told_in(body) if self._members else {}
        return all(
            any(told.get(member) == value for member in MEMBERS[name])
            for name, value in self._members.items()
        )


def told_in(body: str) -> dict[str, Any]:
    """An event's members; empty where somebody has damaged it."""
    try:
        told = from_json(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
