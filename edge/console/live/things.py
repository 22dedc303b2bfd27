"""What the present is made of: whose a message is, when it came, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

Kind = Literal[
    "node", "health", "queue", "cameras", "about", "device", "window", "camera", "alert", "event", "broker"
]
Fault = Literal["too_large", "not_json", "beyond_sense", "later_version", "names_another", "not_it"]
Why = Literal["broker", "lost", "disconnected", "silent"]

T_co = TypeVar("T_co", covariant=True)


class Moment(NamedTuple):
    """This machine's clocks: the first for what is too old, the second for people."""

    mono_s: float
    wall_s: float


class Key(NamedTuple):
    """Whose something is. `name`: of the device, window, camera or alert; of an event, its kind."""

    kind: Kind
    hall: str = ""
    node: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where a message would that cannot be read. `detail` is for a technician, and bounded."""

    fault: Fault
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seen(Generic[T_co]):
    """A message of a topic, and when it came. `kept`: the broker had it from before, so it may be older."""

    value: T_co | Unreadable
    at_s: float
    kept: bool = False

    @property
    def good(self) -> T_co | None:
        return None if isinstance(self.value, Unreadable) else self.value

    @property
    def bad(self) -> Unreadable | None:
        return self.value if isinstance(self.value, Unreadable) else None


@dataclass(frozen=True, slots=True)
class Stale:
    """What is shown is from before: `why`, and since when at the latest."""

    why: Why
    since_s: float
