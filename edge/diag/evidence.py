"""What a device is judged by: its line's counts, what passed on it last, what it answered, who looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from drivers.checking.words import NOTHING, Text
from edge.diag.rights import Rights
from edge.wire import DeviceStateName, Lenient

Verdict = Literal["ok", "degraded", "fault", "unknown"]


class Fault(Lenient):
    """A condition that is on, in its driver's words."""

    code: str
    severity: Literal["info", "warning", "error"]
    since: float = 0.0
    detail: str = ""
    zh: str = ""
    en: str = ""
    remedy_zh: str = ""
    remedy_en: str = ""


class Member(Lenient):
    """A line's own device, or one that is on it."""

    device: str
    kind: str = ""
    address: int | None = None
    state: DeviceStateName
    last_heard: float | None = None
    conditions: tuple[Fault, ...] = ()


class Heard(Lenient):
    bytes: int = 0
    at: float | None = None
    flat: int = 0  # such as are read at a wrong speed
    text: int = 0


class Sent(Lenient):
    bytes: int = 0
    at: float | None = None
    unanswered: int = 0  # since something was heard
    questions: int = 0
    missed: int = 0  # of these: the next was put, and nothing had come


class Frames(Lenient):
    good: int = 0
    bad: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)


class Loss(Lenient):
    at: float
    code: str
    detail: str = ""
    errno: int | None = None
    held_s: float | None = None  # for which it had been open, 0 where it never was; older nodes do not tell


class Traffic(Lenient):
    openings: int = 0
    opened_at: float | None = None
    heard: Heard = Heard()
    sent: Sent = Sent()
    waited_s: float = 0.0
    echoes: int = 0
    frames: Frames = Frames()
    losses: tuple[Loss, ...] = ()


class Line(Lenient):
    """The answer of `device.line`."""

    device: str
    line: str
    family: str
    model: str = ""
    url: str = ""
    heartbeat_s: float | None = None
    lengths_only: bool = False
    traffic: Traffic = Traffic()
    devices: tuple[Member, ...]


class Piece(Lenient):
    """Of the answer of `device.frames`."""

    dir: Literal["in", "out"]
    hex: str = ""
    size: int = 0


class Checked(Lenient):
    """The answer of `device.check`, where it was carried out."""

    verdict: Verdict
    evidence: tuple[dict[str, str], ...] = ()
    next_zh: str = ""
    next_en: str = ""
    look_zh: str = ""
    look_en: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that has the port open."""

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Who answered at a port that was asked at other speeds and for other kinds; "" where nobody did."""

    family: str = ""
    baud: int = 0
    said: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Evidence:
    """`holders`: of its port, as far as this machine tells. `stranger`: the family whose frames are heard,
    where that is another. `garbled`: addresses whose answers cannot be read, each time. `rights`: of its
    port, where the daemon may not open it.
    `now_s`: wall clock of who asked. `refusal`: why it was not asked now. `used`:
    whether it was heard when somebody used it just now, None where nobody was asked to."""

    line: Line
    now_s: float
    checked: Checked | None = None
    holders: tuple[Holder, ...] = ()
    stranger: str = ""
    garbled: frozenset[int] = frozenset()
    rights: Rights | None = None
    refusal: tuple[str, str] = ("", "")
    used: bool | None = None
    elsewhere: Elsewhere | None = None

    @property
    def own(self) -> Member:
        return next(each for each in self.line.devices if each.device == self.line.device)

    @property
    def head(self) -> Member:
        """Whose line it is."""
        return self.line.devices[0]

    @property
    def others(self) -> tuple[Member, ...]:
        """Who else is on the line."""
        return tuple(each for each in self.line.devices[1:] if each.device != self.line.device)

    @property
    def scheme(self) -> str:
        return self.line.url.partition(":")[0]
