"""What calls for somebody: raised once it has stood long enough, told anew where it changes, cleared once it
has been gone long enough.

Every alert of a node goes this way, whatever its source. Cameras' faults and the warnings of the hall's
supervision are proven by rules of their own and wait no longer here; a device's fault may be a paper roll
that is being changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from drivers.lean import lean
from edge.wire import Alert

Source = Literal["node", "device", "camera", "hall"]


class Spoken(Protocol):
    """What is said of something that is wrong: a driver's condition, a camera's fault."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def remedy_zh(self) -> str: ...
    @property
    def remedy_en(self) -> str: ...


def texts(spoken: Spoken) -> dict[str, str]:
    """As messages carry them."""
    return {
        "zh": spoken.zh,
        "en": spoken.en,
        "remedy_zh": spoken.remedy_zh,
        "remedy_en": spoken.remedy_en,
    }


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a cause must stand before it is raised, and be gone before it is cleared."""

    raise_s: float = 0.0
    clear_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """What stands now, in the words of its alert."""

    source: Source
    alert: Alert


@dataclass(frozen=True, slots=True)
class Watched:
    """A cause that stands, or one that was raised and is gone for less than its patience."""

    cause: Cause
    since_s: float
    raised: bool
    gone_s: float | None = None  # since when


@dataclass(frozen=True, slots=True)
class Followed:
    state: Mapping[str, Watched]  # by key
    told: tuple[Alert, ...]  # raised, or not as they were
    cleared: tuple[str, ...]  # keys
    again_s: float | None  # when time alone changes something


def follow(
    state: Mapping[str, Watched],
    standing: Mapping[str, Cause],
    now_s: float,
    patience: Mapping[Source, Patience],
) -> Followed:
    """`standing`: all that stands now, by key. Times are seconds of one clock that never goes back."""
    after: dict[str, Watched] = {}
    told: list[Alert] = []
    cleared: list[str] = []
    again: list[float] = []
    for key in state.keys() | standing.keys():
        known, cause = state.get(key), standing.get(key)
        new = _watched(known, cause, now_s, patience)
        said = known.cause if known and known.raised else None
        if new is None:
            cleared += [key] if said else []
            continue
        after[key] = new
        if new.raised and new.cause != said:
            told.append(new.cause.alert)
        if (due_s := _due_s(new, patience)) is not None:
            again.append(due_s)
    told.sort(key=lambda alert: alert.key)
    return Followed(after, tuple(told), tuple(sorted(cleared)), min(again, default=None))


def _watched(
    known: Watched | None, cause: Cause | None, now_s: float, patience: Mapping[Source, Patience]
) -> Watched | None:
    if cause is not None:
        since_s = known.since_s if known else now_s
        raised = (known is not None and known.raised) or now_s - since_s >= patience[cause.source].raise_s
        return Watched(cause, since_s, raised)
    if known is None or not known.raised:
        return None
    gone_s = now_s if known.gone_s is None else known.gone_s
    return None if now_s - gone_s >= patience[known.cause.source].clear_s else replace(known, gone_s=gone_s)


def _due_s(watched: Watched, patience: Mapping[Source, Patience]) -> float | None:
    waits = patience[watched.cause.source]
    if watched.gone_s is not None:
        return watched.gone_s + waits.clear_s
    return None if watched.raised else watched.since_s + waits.raise_s


lean(globals())
