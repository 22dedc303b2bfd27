"""The services of the government network as the rest of the node sees them.

A node without any loads nothing of how they are asked, which costs some megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from drivers.api import Clock
from edge.bus import Bus
from edge.commands import Verb
from edge.effects import Effects
from edge.hall import HallAtWork
from edge.readings import Readings
from edge.settings import Settings
from edge.store import Store
from edge.supervisor import Supervisor


class AtWork(Protocol):
    """`run` is its life; `view` is what kiosks show of it, as `edge.wire.kiosk.KioskOnline`."""

    def all(self) -> list[Verb]: ...
    def view(self) -> dict[str, Any]: ...
    async def run(self) -> None: ...
    async def close(self) -> None: ...


class NoServices:
    """Of a node without any."""

    def all(self) -> list[Verb]:
        return []

    def view(self) -> dict[str, Any]:
        return {}

    async def run(self) -> None:
        """There is nothing to do."""

    async def close(self) -> None:
        """There is nothing to end."""


@dataclass(frozen=True, slots=True)
class Around:
    """What of the node they work with."""

    hall: HallAtWork
    bus: Bus
    store: Store
    devices: Supervisor
    effects: Effects
    readings: Readings


def services_of(settings: Settings, clock: Clock, around: Around) -> AtWork:
    """`clock` is the machine's: who is asked over the network does not play a day with us."""
    if not settings.upstream.url:
        return NoServices()
    from edge.upstream.work import OnlineServices  # noqa: PLC0415 see above

    return OnlineServices(settings, clock, around)
