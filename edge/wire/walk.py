"""A walk along one chain of records as they are kept, from its first to its last: what does not fit.

Pure: a node's journal and the hub's record bring their rows, and get the same judgement.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pydantic_core import from_json

from edge.wire.chain import Misfit, genesis, is_sound, seal_of
from edge.wire.facts import Seal


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as its table has it. `span` > 1: it stands for that many, up to `seq`; never an act."""

    seq: int
    id: str
    kind: str
    at: float
    text: bytes
    act: bool
    span: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that does not fit. `kind` and `ticket` are "" where no record is there to say them; then
    `until` is the last that is missing. `digest`: SHA-256 of the record that was looked at then."""

    misfit: Misfit
    seq: int
    kind: str = ""
    day: str = ""
    ticket: str = ""
    digest: str = ""
    until: int = 0

    @property
    def mark(self) -> str:
        """By which it is known again. Anything else that does not fit has another, also at this place."""
        return f"{self.misfit} {self.seq} {self.until} {self.digest}"


class Walk:
    """`take` every row in order of seq, then `end`; `first` is the first finding that is not settled."""

    def __init__(self, epoch: str, after: int | None = None, settled: Collection[str] = ()) -> None:
        """`after`: seq of the last act that may be without a link; None where only the records can say.
        `settled`: marks of findings that somebody has looked into."""
        self.epoch = epoch
        self.next_seq = 1
        self.acts = 0
        self.unlinked = 0  # acts from before the chain
        self.findings = 0
        self.first: Finding | None = None
        self.settled: list[Finding] = []  # those of `settled` that are there
        self._settled = settled
        self._looked_at = b""
        self.link: str | None = ""  # of the last act; "": none yet; None: not known, after a finding
        self._after = after or 0
        self._after_known = after is not None
        self._hole = False  # what is known to be lost stood before the next act
        self._day = ""
        self._last: Finding | None = None  # the last act, in the form of one
        self._bare: Finding | None = None  # likewise, the last of those from before the chain

    def resume(self, seq: int, link: str) -> None:
        """What was up to `seq` is gone; `link` is that of the last act there, "" where none had one."""
        self.next_seq = max(self.next_seq, seq + 1)
        self.link = link

    def skip(self, first: int, last: int) -> None:
        """These are known to be lost, or unreadable, and were acknowledged as such."""
        self._step(first, last)
        self._hole = True

    def take(self, kept: Kept) -> None:
        self._looked_at = kept.text
        if kept.act and kept.seq < self.next_seq:
            self.add(Finding(Misfit.ORDER, kept.seq, kept.kind, self._day))
        self._step(kept.seq - kept.span + 1, kept.seq)
        seal = seal_of(kept.text)
        if not kept.act and seal is None:
            return
        flat = _flat(kept.text)
        self._day = _day(flat) or self._day
        here = Finding(
            Misfit.CONTENT, kept.seq, kept.kind, self._day or _date(kept.at), _text(flat, "ticket")
        )
        if seal is None:
            self._without(here, readable=bool(flat))
            return
        self.acts += 1
        own, order = _own(self.epoch, kept, flat, seal), self._order(seal)
        self.link, self._hole, self._last = seal.link, False, here
        if misfit := own or order:
            # Where it is no beginning of a chain, the act before it had a link, and has lost it.
            lost = self._bare if misfit is Misfit.ORDER and not own else None
            self.add(lost or replace(here, misfit=misfit))
        self._bare = None

    def end(self, last_seq: int, link: str = "") -> None:
        """The records must reach `last_seq`, and the last link must be `link` where that is known."""
        if self.next_seq <= last_seq:
            self.add(Finding(Misfit.MISSING, self.next_seq, day=self._day, until=last_seq))
        elif link and self.link is not None and self.link != link:
            unlinked = Finding(Misfit.UNLINKED, last_seq, day=self._day)
            self.add(replace(self._last, misfit=Misfit.ORDER) if self._last else unlinked)

    def _step(self, first: int, last: int) -> None:
        if first > self.next_seq:
            self.add(Finding(Misfit.MISSING, self.next_seq, day=self._day, until=first - 1))
        self.next_seq = max(self.next_seq, last + 1)

    def _without(self, here: Finding, *, readable: bool) -> None:
        """An act without a seal: only before the chain has begun."""
        if self.link == "" and not (self._after_known and here.seq > self._after):
            self.unlinked += 1
            self._bare = replace(here, misfit=Misfit.UNLINKED)
            self._after = max(self._after, here.seq)
        else:
            self.add(replace(here, misfit=Misfit.UNLINKED) if readable else here)

    def _order(self, seal: Seal) -> Misfit | None:
        expected = genesis(self.epoch, self._after) if self.link == "" else self.link
        if expected in (None, seal.follows):
            return None
        return Misfit.MISSING if self._hole else Misfit.ORDER

    def add(self, finding: Finding) -> None:
        """Something that does not fit, also what only the caller can see."""
        finding = replace(finding, digest=sha256(self._looked_at).hexdigest())
        if finding.mark in self._settled:
            self.settled.append(finding)
        else:
            self.findings += 1
            self.first = self.first or finding
        self.link = None  # one fault is one finding: what follows is measured anew


def _own(epoch: str, kept: Kept, flat: dict[str, Any], seal: Seal) -> Misfit | None:
    """What is wrong with a sealed record by itself."""
    if not is_sound(kept.text, seal):
        return Misfit.CONTENT
    if (flat.get("epoch"), flat.get("seq")) != (epoch, kept.seq):
        return Misfit.ORDER
    told = (flat.get("id"), flat.get("kind"), flat.get("at"), True, 1)
    return None if told == (kept.id, kept.kind, kept.at, kept.act, kept.span) else Misfit.CONTENT


def _flat(text: bytes) -> dict[str, Any]:
    try:
        flat: Any = from_json(text)
    except ValueError:
        return {}
    return flat if isinstance(flat, dict) else {}


def _text(flat: dict[str, Any], name: str) -> str:
    value = flat.get(name, "")
    return value if isinstance(value, str) else ""


def _day(flat: dict[str, Any]) -> str:
    """Of the hall: as the day was opened, or as its act says."""
    return _text(flat, "day") or _text(flat, "act").partition("/")[0]


def _date(at: float) -> str:
    """UTC, where no record before it names the hall's day."""
    try:
        return datetime.fromtimestamp(at, UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
