"""Families for tests of boards and voices: drivers that load and never run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar, Never

from drivers.api import Context, DriverSpec, Link
from drivers.messages import Announce, ShowLines
from drivers.registry import GROUP


@dataclass(frozen=True, slots=True)
class NoSettings:
    pass


def _spec(family: str, order: type) -> DriverSpec:
    return DriverSpec(
        family=family,
        links=frozenset({"tcp"}),
        settings=NoSettings,
        orders=frozenset({order}),
        events=frozenset(),
        conditions=(),
        heartbeat_s=None,
        max_frame=1,
        queue=16,
    )


class BoardDriver:
    spec: ClassVar[DriverSpec] = _spec("board", ShowLines)

    async def run(self, link: Link, ctx: Context[NoSettings]) -> Never:
        raise NotImplementedError


class SpeakerDriver:
    spec: ClassVar[DriverSpec] = _spec("speaker", Announce)

    async def run(self, link: Link, ctx: Context[NoSettings]) -> Never:
        raise NotImplementedError


def entry_points() -> Callable[[], Iterable[EntryPoint]]:
    drivers = {"board": BoardDriver, "speaker": SpeakerDriver}
    return lambda: [EntryPoint(name, f"{__name__}:{kind.__name__}", GROUP) for name, kind in drivers.items()]


BOARDS = """
[[device]]
id = "board-1"
kind = "board"
driver = "board"
url = "tcp://192.0.2.1:5005"

[[device]]
id = "board-2"
kind = "board"
driver = "board"
url = "tcp://192.0.2.2:5005"

[[device]]
id = "voice"
kind = "voice"
driver = "speaker"
url = "tcp://192.0.2.3:4713"
"""
