"""What goes into the store and comes out of it, its limits and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivers.lean import lean
from edge.wire import FACTS, SEAL_BYTES, Fact, Stamp, flat_json

MAX_EVENT = 16 * 1024  # bytes of one event's JSON: eight fit a batch; all but a day's first are below 1 KiB
MAX_APPEND = 1024 * 1024  # bytes of one append: what a day may begin with, and the WAL's bound allows for it
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that is to be kept. `id` 32 hex digits; `at` wall and `mono` monotonic seconds;
    `by` the device, command client or "node" whose act it was."""

    fact: Fact
    id: str
    at: float
    mono: float
    clock_ok: bool
    by: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact that is kept."""

    stamp: Stamp
    fact: Fact


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it goes on the wire: flat JSON in UTF-8."""

    seq: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    max_bytes: int = 512 * _MIB  # database and WAL: 800,000 acts, half a year of a hall's
    wal_bytes: int = 8 * _MIB  # of it for the WAL: a checkpoint at half, and one full group beyond
    min_free_bytes: int = 32 * _MIB  # of the file system: acknowledgements and pruning can still be written
    keep_days: float = 30.0  # after the acknowledgement, so that a hub can be filled again
    answers: int = 4096  # of commands: far more than can be repeated before they expire
    answer_age_s: float = 86_400.0  # requests expire within minutes
    pending: int = 1024  # requests waiting for the writer; more wait at the caller (back-pressure)
    group_rows: int = 512  # of one commit: bounds the pages that it dirties, hence the WAL
    check_s: float = 10.0  # of looking for damage at open: a service manager waits 90 s for the start
    busy_s: float = 5.0  # a technician's sqlite3 shell may hold the lock this long


class StoreError(Exception):
    """Base of what the store says."""


class StoreFull(StoreError):
    """Nothing was kept, for want of room: say so, and try again later. The store goes on by itself."""


class Duplicate(StoreError):
    """Nothing was kept: an act of this id, or an answer to this request, is there already."""


class StoreClosed(StoreError):
    """Nothing was kept: the store had been closed."""


class StoreRefused(StoreError):
    """The database cannot be used. Nothing in it has been changed; `remedy` is for the technician."""

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class StoreDamaged(StoreRefused):
    """Malformed, truncated, unreadable, or no database of ours."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            path,
            reason,
            f"Stop hall-edge, check the disk, and copy {path.name}, {path.name}-wal and {path.name}-shm "
            f"to a safe place. Then put the last backup back by `hallctl restore`, or rescue what can be "
            f"read with `sqlite3 {path.name} .recover | sqlite3 rescued.db`, or move the three files away "
            f"to begin anew: what the hub has not acknowledged is then in your copy only",
        )


class StoreTooNew(StoreRefused):
    """Written by a later version of this program."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason, "Install that version of hall-edge again, or a later one")


class StoreInUse(StoreRefused):
    """Another process has it."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(
            path,
            f"process {holder or '(unknown)'} has this database open",
            "Stop the other hall-edge, or give this one a database of its own",
        )


@dataclass(frozen=True, slots=True)
class Encoded:
    """A draft ready for the writer: all but the seq and the seal, which only the writer can give."""

    stamp: Stamp  # its seq is a stand-in
    fact: Fact
    tail: str  # the JSON object after `"seq":N,`

    @property
    def size(self) -> int:
        """Bytes of its text, without seq and epoch."""
        return len(self.tail.encode()) + SEAL_BYTES * self.fact.is_act

    def text(self, seq: int) -> str:
        """Without a seal."""
        return f'{{"epoch":"{self.stamp.epoch}","seq":{seq},{self.tail}'

    def recorded(self, seq: int) -> Recorded:
        return Recorded(self.stamp.model_copy(update={"seq": seq}), self.fact)


def encode(draft: Draft, epoch: str, boot: str) -> Encoded:
    """Raises ValueError for a draft that could not be read again: unknown kind, bad id, NaN, too long."""
    stamp = Stamp(
        epoch=epoch,
        seq=1,
        id=draft.id,
        at=draft.at,
        boot=boot,
        mono=draft.mono,
        clock_ok=draft.clock_ok,
        by=draft.by,
    )
    fact = FACTS.validate_python(draft.fact)
    flat = stamp.model_dump(exclude={"epoch", "seq"}) | fact.model_dump()
    tail = flat_json(flat)[1:]
    if len(tail.encode()) > MAX_EVENT:
        raise ValueError(f"a {fact.kind} of {len(tail)} characters: an event has at most {MAX_EVENT} bytes")
    return Encoded(stamp, fact, tail)


def decode(text: bytes) -> Recorded:
    """Inverse of `encode`; raises pydantic's ValidationError for a kind that this version does not know."""
    return Recorded(Stamp.model_validate_json(text), FACTS.validate_json(text))


lean(globals())
