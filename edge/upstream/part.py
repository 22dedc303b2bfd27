"""The services of the government network as the rest of the node sees them.

A node without any loads nothing of how they are asked, which costs some megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from drivers.api import Clock
from edge.bus import Bus
from edge.commands import Verb
from edge.effects import Effects
from edge.hall import HallAtWork
from edge.readings import Readings
from edge.settings import Settings
from edge.store import Store
from edge.supervisor import Supervisor
from edge.wire import Alert


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


SERVICES_AWAY = "services_away"  # the alert
AWAY_WORDS = {
    "zh": "政务网的服务连不上，自助机上暂停",
    "en": "the government network's services do not answer: kiosks do not offer them",
    "remedy_zh": "详情里有原因；恢复后自动继续",
    "remedy_en": "the detail has the cause; it goes on by itself once they are back",
}


PAYMENTS_DIFFER = "payments_differ"  # likewise
DIFFER_WORDS = {
    "zh": "昨日缴款与对方核对有差异",
    "en": "a day's payments are not the same here and with the services",
    "remedy_zh": "打印日结单（settlement.print），逐笔与税务部门核对；全部一致的一天日结后解除",
    "remedy_en": "print the settlement (settlement.print) and compare each with the tax authority; over once "
    "a later day agrees",
}


class Alerting(Protocol):
    """What they need of the alerts."""

    def put(self, source: Literal["node"], key: str, alert: Alert | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Around:
    """What of the node they work with."""

    hall: HallAtWork
    bus: Bus
    store: Store
    devices: Supervisor
    effects: Effects
    readings: Readings
    alerts: Alerting


def services_of(settings: Settings, clock: Clock, around: Around) -> AtWork:
    """`clock` is the machine's: who is asked over the network does not play a day with us."""
    if not settings.upstream.url:
        return NoServices()
    from edge.upstream.work import OnlineServices  # noqa: PLC0415 see above

    return OnlineServices(settings, clock, around)
