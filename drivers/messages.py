"""What devices say and what they are told, in the hall's own words: events, orders, outcomes.

A rule that reads these does not know which protocol brought them. Everything here is immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from drivers.lean import lean


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks. Order and limits use `mono_s`; `wall_s` is what a person reads."""

    wall_s: float  # seconds since 1970 UTC
    mono_s: float  # seconds of CLOCK_MONOTONIC, comparable within one boot only
    clock_ok: bool  # whether the wall clock had been set when this was taken


# --- what devices say ---
class KeyAction(StrEnum):
    """What a key of a caller means, after the model's key map."""

    CALL = "call"  # next, or the number typed before it
    RECALL = "recall"
    START = "start"
    EVALUATE = "evaluate"  # finish the act and ask for a rating
    FINISH = "finish"
    SKIP = "skip"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    LOGIN = "login"
    LOGOUT = "logout"
    TRANSFER = "transfer"
    HOLD = "hold"  # put the ticket by, for the minutes typed before it


@dataclass(frozen=True, slots=True)
class KeyPressed:
    action: KeyAction
    digits: str = ""  # typed before the key: a ticket or staff number


@dataclass(frozen=True, slots=True)
class LevelPressed:
    level: Literal[1, 2, 3, 4, 5]  # 5 very satisfied … 1 very dissatisfied, after the model's map
    raw: int  # the value the pad sent


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A ticket button: a wish for a ticket of the service that the hall gives this button."""

    button: int


CameraRing = Literal["probe", "picture", "stream"]  # is it there, what is its picture like, how does it flow


@dataclass(frozen=True, slots=True)
class CameraLooked:
    """How one look at a camera went. Sizes and rates are 0 where nothing told them."""

    ring: CameraRing
    # "" it brought what it should; else why not: offline, auth_failed, session_limit, no_frames, corrupt.
    code: str = ""
    # Of the picture, by name; also `reachable` (0.0: the host does not answer either), `clock_offset_s`, and
    # `stir` (log bytes of the pictures beside it).
    measures: Mapping[str, float] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    codec: str = ""
    announced_fps: float = 0.0
    fps: float = 0.0
    received: int = 0  # packets
    lost: int = 0
    detail: str = ""  # for a technician
    reference: bytes = field(default=b"", repr=False)  # what later pictures may be compared with
    jpeg: bytes = field(default=b"", repr=False)  # the picture, where it was asked for; it stays on the node


Body = KeyPressed | LevelPressed | ButtonPressed | CameraLooked


@dataclass(frozen=True, slots=True)
class Event:
    """Immutable from here on. `device` is the child's id where the line carries several devices."""

    id: str  # 32 hex digits, made once, so that a repeat can be told
    device: str
    at: Instant
    body: Body


# --- what devices are told ---
@dataclass(frozen=True, slots=True)
class SlipLine:
    text: str
    size: int = 1  # 1…8 times the printer's own characters
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, slots=True)
class SlipQr:
    data: str
    module: int = 6  # dots of a module's side


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print, feed and cut. DONE only once the printer itself has said that the job is through."""

    job: str
    blocks: tuple[SlipLine | SlipQr, ...]


@dataclass(frozen=True, slots=True)
class ShowText:
    """Show on a strip or board until replaced."""

    text: str
    color: Literal["red", "green", "yellow"] = "red"


@dataclass(frozen=True, slots=True)
class ShowDigits:
    """Show on a caller's own display: digits and spaces."""

    digits: str


@dataclass(frozen=True, slots=True)
class ShowLines:
    """One area of a board, whole: what stood there goes. No lines: the area is dark."""

    area: str  # by its name in the board's settings: "calls", "notice"
    lines: tuple[ShowText, ...]


@dataclass(frozen=True, slots=True)
class SetPower:
    """A board's light; what it is to show is kept."""

    on: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Say `words`, `times` times. DONE when the last has been heard, FAILED where nothing was.

    Each word is the name of a recording: "请", "A", "0", "1", "2", "号", "到", "3", "号窗口".
    """

    words: tuple[str, ...]
    times: int = 1
    volume: int = 100  # per cent of the device's own


@dataclass(frozen=True, slots=True)
class ReadCard:
    """Read the identity card that is laid on within `within_s`. DONE with an `IdCard`, else FAILED "no_card",
    "card_moved" (taken away too early), "card_refused", "wrong_card" (of another kind), "unknown_card" (a
    layout that nobody knows), "same_card" (lies there since the last reading: it must leave first),
    "check_digit" or "unreadable" (read wrongly), or with the condition that stopped it. UNKNOWN "no_answer":
    the reader did not say."""

    within_s: float


@dataclass(frozen=True, slots=True)
class ReadCode:
    """The next code that is scanned within `within_s`. DONE with a `Code`, else FAILED "no_code". What is
    scanned while nobody asks is thrown away."""

    within_s: float


@dataclass(frozen=True, slots=True)
class WatchCamera:
    """How a camera is to be looked at from now on. DONE at once."""

    suspicious: bool = False  # more often, and each picture comes with a JPEG
    reference: bytes | None = field(default=None, repr=False)  # None: the one that it has; b"": none
    now: CameraRing | None = None  # look once more, at once


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Ask the device itself how it is, now, by nothing that is seen or heard there (UnifiedPOS 1.14:
    CheckHealth with CH_INTERNAL). DONE once it has answered: what is wrong stands in its conditions then.
    UNKNOWN "silent": it did not answer."""


@dataclass(frozen=True, slots=True)
class AskRating:
    """Invite a rating on a pad."""


@dataclass(frozen=True, slots=True)
class Beep:
    pass


Order = (
    PrintSlip
    | ShowText
    | ShowDigits
    | ShowLines
    | SetPower
    | Announce
    | ReadCard
    | ReadCode
    | WatchCamera
    | CheckHealth
    | AskRating
    | Beep
)


# --- what a device was asked to read: a person's own, for the session that asked and nobody else ---
@dataclass(frozen=True, slots=True)
class IdCard:
    """A resident identity card, a residence permit of Hong Kong, Macao or Taiwan, or a foreigner's permanent
    residence card. Nothing of it stands in its `repr`, so that no log holds a person's data."""

    kind: Literal["resident", "permit", "foreigner"]
    name: str = field(repr=False)
    number: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)  # all that the card says, by name


@dataclass(frozen=True, slots=True)
class Code:
    """A bar code or QR code. It may be a person's, so its `repr` does not hold it."""

    text: str = field(repr=False)


Reading = IdCard | Code


class Result(StrEnum):
    DONE = "done"
    REJECTED = "rejected"  # not begun: the device cannot, now or ever
    FAILED = "failed"  # begun, and certainly without effect
    UNKNOWN = "unknown"  # the device did not say: never report this as FAILED


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    code: str = ""  # the condition that explains it
    detail: str = ""
    reading: Reading | None = field(default=None, repr=False)  # of an order that reads


lean(globals())
