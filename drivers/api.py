"""The contract between a hall and its devices: what a codec, a link and a driver owe each other.

Standard library only, so that a third party's driver needs nothing else of ours. What passes over the
contract, events and orders, is in `drivers.messages`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Never, Protocol, TypeVar

from drivers.messages import Body, Instant, Order, Outcome

F = TypeVar("F")
SettingsT_co = TypeVar("SettingsT_co", covariant=True)
SettingsT_contra = TypeVar("SettingsT_contra", contravariant=True)


class Clock(Protocol):
    """The seam that lets tests own time; `edge.clock.SystemClock` is the real one."""

    def now(self) -> Instant: ...
    async def sleep(self, delay_s: float) -> None: ...


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that were not a frame. `data` is what was thrown away, cut to 64 bytes for the log."""

    reason: str
    data: bytes = b""


class Codec(Protocol[F]):
    """Sans-IO: the same bytes give the same frames however they are cut, and garbage never raises."""

    def feed(self, data: bytes) -> Sequence[F | BadFrame]: ...
    def encode(self, frame: F) -> bytes: ...


class Link(Protocol):
    """A two-way line of bytes. Who opened it closes it. One reader and one writer at a time."""

    @property
    def url(self) -> str: ...
    async def read(self) -> bytes:
        """Between 1 and 4096 bytes, over `lan://` up to 64 KiB, as they come; never b"". Raises LinkLost."""

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the line within the link's own deadline. Raises LinkLost."""

    async def close(self) -> None:
        """Idempotent, never raises, ends within 2 s."""


# --- errors: each says what to do next ---
class DriverError(Exception):
    """Base of what a driver may raise: `code` is a condition, `remedy` a technician's next step."""

    code = "driver_error"

    def __init__(self, detail: str, *, code: str | None = None, remedy: str = "") -> None:
        super().__init__(detail)
        self.code = code or type(self).code
        self.remedy = remedy


class LinkLost(DriverError):
    """The line is gone. Next: back off and open it again."""

    code = "link_lost"


class DeviceFault(DriverError):
    """The device answers but cannot work. Next: back off, report `code`."""

    code = "device_fault"


class ProtocolBreach(DriverError):
    """The budget of bad frames is spent. Next: close the line and open it afresh."""

    code = "protocol_breach"


class BadSettings(DriverError):
    """The configuration cannot work. Next: no retry until it is reloaded."""

    code = "bad_settings"


class NotKept(DriverError):
    """The hall could not keep what happened. Next: do not acknowledge it to the device; carry on."""

    code = "not_kept"


# --- a device's life ---
@dataclass(frozen=True, slots=True)
class ConditionSpec:
    """Something that may be wrong with a device, in the technician's words: the cause and the remedy."""

    code: str
    severity: Literal["info", "warning", "error"]  # warning and error make the device DEGRADED
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Identity:
    model: str = ""
    serial: str = ""
    firmware: str = ""


class Health(Protocol):
    """How a device, or one child on a shared line, tells how it is."""

    def ready(self, identity: Identity) -> None: ...
    def alive(self) -> None: ...
    def condition(self, code: str, on: bool, detail: str = "") -> None: ...
    def attribute(self, name: str, value: str) -> None:
        """What is neither good nor bad ("paper" = "low"): the latest stays, "" ends it. Nothing personal."""


class Context(Health, Protocol[SettingsT_co]):
    """All that a driver may touch of the world, beside its link."""

    @property
    def device(self) -> str: ...
    @property
    def settings(self) -> SettingsT_co: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]: ...
    def bad_frame(self, reason: str) -> None:
        """What was heard was no frame, or none that was asked for: counted. Nothing personal."""

    def child(self, device: str) -> Health:
        """The health of a child named in the settings; raises KeyError for a stranger."""

    async def emit(self, body: Body, device: str | None = None) -> None:
        """Hand on what happened; `device` names a child. Returns once it is safely kept or refused by a rule,
        so that an acknowledgement to the device may follow. Waits while the hall is busy. Raises NotKept."""

    async def remember(self, data: bytes) -> None:
        """Keep up to 64 KiB, nothing secret or personal, in the place of what was kept before, for the next
        run of the driver, be it after a restart of the hall. Raises NotKept."""

    async def recall(self) -> bytes:
        """What `remember` kept last; b"" where that is nothing."""

    def commands(self) -> AsyncIterator[Command]:
        """Orders in the order they were given, for this device and all its children."""


class Command(Protocol):
    """One order on its way. Exactly one `finish` is owed; later ones are ignored."""

    @property
    def device(self) -> str: ...  # the child's id, or the device's own
    @property
    def order(self) -> Order: ...
    def finish(self, outcome: Outcome) -> None: ...
    async def withdrawn(self) -> None: ...  # returns once nobody waits for an outcome: stop what you can


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """What a family declares of itself; every limit stands here."""

    family: str
    links: frozenset[str]  # URL schemes it can live on
    settings: type  # a frozen dataclass; checked by pydantic, so Annotated bounds hold
    orders: frozenset[type]  # members of Order
    events: frozenset[type]  # members of Body
    conditions: tuple[ConditionSpec, ...]
    heartbeat_s: float | None  # how often it can tell that the device lives; None: only by traffic
    max_frame: int  # bytes; a codec holds no more
    queue: int  # orders waiting; one more is REJECTED with code "queue_full"
    unseen: Callable[[Any, str], Collection[type]] = lambda _settings, _device: ()  # orders unnoticed there


class Driver(Protocol[SettingsT_contra]):
    """One coroutine is the device's life: cancelling it is *stop*, raising is *fail*."""

    spec: ClassVar[DriverSpec]

    async def run(self, link: Link, ctx: Context[SettingsT_contra]) -> Never: ...


class Simulator(Protocol):
    """The peer at the far end of a link, with its own state machine; runs until its link is lost."""

    async def run(self, link: Link) -> None: ...
