"""The words of supervision: what is watched, what is measured, and how a warning stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.lean import lean
from edge.rules.model import Even
from edge.rules.supervision_kinds import Kind, key_of
from edge.wire import AlertLevel


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched. Values are in the unit of the kind: minutes, per cent, calls in a row, evidence; of
    projects 1 is due and 2 is overdue."""

    kind: Kind
    amber: float
    red: float
    clear: float  # below it, it is over
    hold_s: float  # that a value must have stood on either side before anything is told
    escalate_after_s: float
    to: str
    escalate_to: str
    services: tuple[str, ...] = ()  # none: all
    windows: tuple[str, ...] = ()
    last: int = 0  # ratings that are compared
    quick_s: float = 0.0  # from the call to the end of the act: less is no service


@dataclass(frozen=True, slots=True)
class Reading:
    """`value` True: it stands, and its minutes are counted from the first time that it was seen to."""

    rule: Rule
    about: str
    value: float | bool

    @property
    def key(self) -> str:
        return key_of(self.rule.kind, self.about)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    name: str
    note: str
    at: float  # wall time


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that stands: the fold of its facts."""

    key: str
    kind: Kind
    about: str
    level: AlertLevel
    value: float
    limit: float
    to: str
    since: float  # wall time
    began_s: float  # even time: of what stands, since when
    level_s: float  # even time at which it reached its level
    escalated: bool = False  # at this level
    above: bool = False  # the next in line has been told, at whatever level
    acknowledged: Acknowledged | None = None


@dataclass(slots=True)
class Watch:
    """What supervision remembers: the fold of all acts kept, over days. Only `observe` changes it."""

    seq: int = 0  # of the last act in it
    clock: Even = field(default_factory=Even)  # even time, which no day begins anew
    warned: dict[str, Warned] = field(default_factory=dict)  # by key
    ratings: dict[str, tuple[int, ...]] = field(default_factory=dict)  # window → last levels, newest last
    # Of the day:
    called: dict[str, float] = field(default_factory=dict)  # window → even time of the call under way
    begun: dict[str, float] = field(default_factory=dict)  # window → even time at which its act began
    outcomes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    # ↑ window → seconds from call to end of its last calls, 0.0 where nobody came


lean(globals())
