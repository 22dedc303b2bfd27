"""Families and configurations for the tests of registry and settings: a slip printer and a shared line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Never

from annotated_types import Interval

from drivers.api import BadSettings, Context, DriverSpec, Link
from drivers.messages import (
    AskRating,
    ButtonPressed,
    KeyPressed,
    LevelPressed,
    PrintSlip,
    ShowDigits,
    ShowText,
)

GROUP = "hall_edge.drivers"


@dataclass(frozen=True, slots=True)
class Margin:
    left: Annotated[int, Interval(ge=0, le=10)] = 1
    right: Annotated[int, Interval(ge=0, le=10)] = 1


@dataclass(frozen=True, slots=True)
class SlipSettings:
    heartbeat_s: Annotated[float, Interval(ge=1, le=60)] = 5.0
    columns: int = 48
    cut: bool = True
    charset: Literal["gb18030", "ascii"] = "gb18030"
    margin: Margin = Margin()
    keys: Mapping[str, str] = field(default_factory=dict)
    fonts: tuple[str, ...] = ()
    api_key: str = ""

    def __post_init__(self) -> None:
        if self.charset == "ascii" and self.columns > 60:
            raise ValueError("an ascii printer has at most 60 columns")
        if self.columns == 13:
            raise BadSettings("13 columns", remedy="choose another number")
        if self.columns == 14:
            raise ZeroDivisionError("a fault of the settings class")


@dataclass(frozen=True, slots=True)
class Peer:
    id: str
    kind: Literal["caller", "pad", "strip", "buttons"]
    address: Annotated[int, Interval(ge=1, le=255)]


@dataclass(frozen=True, slots=True)
class LineSettings:
    children: tuple[Peer, ...] = ()
    poll_s: Annotated[float, Interval(ge=0.01, le=10)] = 0.5

    def __post_init__(self) -> None:
        if len({peer.address for peer in self.children}) < len(self.children):
            raise ValueError("two children at one address")


def _spec(
    family: str, settings: type, events: Iterable[type] = (), orders: Iterable[type] = ()
) -> DriverSpec:
    return DriverSpec(
        family=family,
        links=frozenset({"serial", "tcp"}),
        settings=settings,
        orders=frozenset(orders),
        events=frozenset(events),
        conditions=(),
        heartbeat_s=None,
        max_frame=64,
        queue=4,
    )


class SlipDriver:
    spec: ClassVar[DriverSpec] = _spec("slip", SlipSettings, orders=[PrintSlip])

    async def run(self, link: Link, ctx: Context[SlipSettings]) -> Never:
        while True:
            await link.read()
            ctx.alive()


class LineDriver:
    spec: ClassVar[DriverSpec] = _spec(
        "line",
        LineSettings,
        events=[KeyPressed, LevelPressed, ButtonPressed],
        orders=[ShowText, ShowDigits, AskRating],
    )

    async def run(self, link: Link, ctx: Context[LineSettings]) -> Never:
        while True:
            await link.read()
            ctx.alive()


class PlainDriver(SlipDriver):
    """Named `plain` in its entry point, `slip` in its spec."""


class NoRun:
    spec = SlipDriver.spec


NOT_A_CLASS = SlipDriver()


def point(name: str, value: str = "") -> EntryPoint:
    return EntryPoint(name=name, value=value or f"{__name__}:{name.title()}Driver", group=GROUP)


def entry_points(*points: EntryPoint) -> Callable[[], Iterable[EntryPoint]]:
    """A source of entry points for a registry: the two families here, and those given."""
    return lambda: [point("slip"), point("line"), *points]


HEAD = """
[hall]
id = "demo"
name = "示范大厅"
[node]
id = "node-1"
store = "hall.db"
socket = "control.sock"
[mqtt]
brokers = ["mqtt://127.0.0.1:1883"]
[drivers]
allow = ["slip", "line"]
[[service]]
id = "tax"
name = "税务"
prefix = "A"
[[service]]
id = "social"
name = "社保"
prefix = "B"
[[window]]
id = "1"
name = "1 号窗口"
services = ["tax", "social"]
[[window]]
id = "2"
name = "2 号窗口"
services = ["tax"]
"""

DEVICES = """
[[device]]
id = "slips"
driver = "slip"
url = "serial:///dev/ttyUSB0?baud=9600"
[device.settings]
columns = 32
[[device]]
id = "bus"
driver = "line"
url = "tcp://192.0.2.7:4001"
[[device.child]]
id = "caller-1"
kind = "caller"
window = "1"
address = 1
[[device.child]]
id = "pad-1"
kind = "pad"
window = "1"
address = 2
[[device.child]]
id = "strip-1"
kind = "strip"
window = "1"
address = 3
[[device.child]]
id = "panel"
kind = "buttons"
address = 4
services = { 1 = "tax", 2 = "social" }
"""

PRINTING = '[printing]\nprinter = "slips"\n'
WHOLE = PRINTING + HEAD + DEVICES


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def replaced(old: str, new: str, text: str = WHOLE) -> str:
    """The first `old` in a configuration replaced; it must be there."""
    assert old in text
    return text.replace(old, new, 1)
