"""What one node has told: the last message of each of its topics, bounded."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel

from edge.console.live.names import Names, Shared, names_of
from edge.console.live.reading import read
from edge.console.live.things import Key, Kind, Moment, Seen, Stale, Unreadable
from edge.wire.about import NodeAbout

MAX_TOPICS = 4_096  # as many as a node retains at most
MAX_BYTES = 1024 * 1024  # of its messages together: a hall of 52 windows and 350 devices has 350 KiB
DEAD = 256  # bytes that an unreadable message is counted as: its reason is kept, and nothing of itself
SILENT_S = 90.0  # three of its healths are missing

NodeKey = tuple[str, str]  # hall, node


@dataclass(slots=True)
class Kept:
    """Of one topic. `look`: the last look at its node in which the broker still had it."""

    seen: Seen[BaseModel]
    said: int  # a hash of the bytes: what is said again is not read again
    size: int
    look: int


@dataclass(frozen=True, slots=True)
class Room:
    """What the whole fleet has left for a node, in bytes, and what its nodes have in common."""

    left: int
    shared: Shared


@dataclass(slots=True)
class Node:
    """`heard`: when it last said something itself. `told`: the last look at all nodes in which the broker had
    its status. `looked`: since the broker was last found again, all that it has of the node has been seen.
    `stale`: as it was when somebody was last told."""

    heard: Moment
    told: int = 0
    look: int = 0
    looked: bool = True
    stale: Stale | None = None
    size: int = 0
    refused: int = 0  # messages for which there was no room
    names: Names = field(default_factory=Names)
    kept: dict[Kind, dict[str, Kept]] = field(default_factory=dict)

    def of(self, kind: Kind, name: str = "") -> Kept | None:
        return self.kept.get(kind, {}).get(name)

    def take(self, key: Key, payload: bytes, now: Moment, *, kept: bool, room: Room) -> bool:
        """Whether it says something new."""
        before = self.of(key.kind, key.name)
        said = hash(payload)
        if before and before.said == said:
            before.look = self.look
            if not kept:
                self.heard = now
                before.seen = Seen(before.seen.value, now.wall_s)
            return False
        value = read(key, payload)
        size = DEAD if isinstance(value, Unreadable) else len(payload)
        more = size - (before.size if before else 0)
        topics = sum(map(len, self.kept.values())) if before is None else 0
        if topics >= MAX_TOPICS or self.size + more > MAX_BYTES or more > room.left:
            self.refused += 1
            return False
        self.size += more
        if key.kind == "about":
            value = room.shared.about(value) if isinstance(value, NodeAbout) else value
            self.names = names_of(value if isinstance(value, NodeAbout) else None)
        seen = Seen(value, now.wall_s, kept)
        self.kept.setdefault(key.kind, {})[key.name] = Kept(seen, said, size, self.look)
        if not kept or key.kind == "health":
            self.heard = now
        return True

    def clear(self, key: Key) -> bool:
        """Whether there was something."""
        gone = self.kept.get(key.kind, {}).pop(key.name, None)
        if key.kind == "about":
            self.names = Names()
        self.size -= gone.size if gone else 0
        return gone is not None

    def silent(self, now: Moment, since_s: float) -> bool:
        """For too long, counted from `since_s` of the monotonic clock at the earliest."""
        return now.mono_s - max(self.heard.mono_s, since_s) > SILENT_S
