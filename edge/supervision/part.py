"""Supervision as the rest of the node sees it.

A node whose configuration has no `[[warning]]` loads nothing of how it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from drivers.api import Clock
from edge.alerts import Alerts
from edge.hall import HallAtWork
from edge.rules.supervision_kinds import ABOUT, About, Stops, key_of
from edge.settings import Settings
from edge.store import Store
from edge.wire import DeviceStatus, Reply, Request, rejected

_STOPS: dict[str | None, Stops] = {"buttons": "tickets", "caller": "calls", "pad": "ratings"}


class AtWork(Protocol):
    async def run(self) -> None: ...
    def on_status(self, status: DeviceStatus) -> None: ...
    async def acknowledge(self, key: str, name: str, note: str, request: Request, client: str) -> Reply: ...


class NoSupervision:
    """Of a node that warns of nothing."""

    async def run(self) -> None:
        """There is nothing to do."""

    def on_status(self, status: DeviceStatus) -> None:
        """No device is watched for what it stops."""

    async def acknowledge(self, key: str, name: str, note: str, request: Request, client: str) -> Reply:  # noqa: ARG002 no warning stands
        return unknown(request.id, key)


def supervision_of(
    settings: Settings, *, hall: HallAtWork, store: Store, alerts: Alerts, clock: Clock
) -> AtWork:
    if not settings.warnings:
        return NoSupervision()
    from edge.supervision.work import Supervision  # noqa: PLC0415 see above

    return Supervision(settings, hall=hall, store=store, alerts=alerts, clock=clock)


def stopping(settings: Settings) -> dict[str, tuple[Stops, str]]:
    """The devices without which something cannot be done: what, and at which window. A device of no kind that
    has no children is one that people use themselves: a reader, a scanner, a terminal."""
    found: dict[str, tuple[Stops, str]] = {}
    own = {device.id for device in settings.devices if not device.children}
    for id_, wire in settings.wires.items():
        if id_ == settings.printer:
            found[id_] = ("tickets", "")
        elif wire.kind in _STOPS:
            found[id_] = (_STOPS[wire.kind], wire.window)
        elif wire.kind is None and id_ in own:
            found[id_] = ("users", "")
    return found


def keys(settings: Settings) -> Iterator[str]:
    """Of all warnings that this configuration can raise."""
    there: dict[About, Iterable[str]] = {
        "service": settings.services,
        "window": settings.windows,
        "device": stopping(settings),
        "lane": settings.express,
    }
    kinds = {row.kind for row in settings.warnings}
    for kind, about in ABOUT.items():
        if kind in kinds:
            yield from (key_of(kind, id_) for id_ in there[about])


def unknown(request: str, key: str) -> Reply:
    return rejected(request, "unknown_warning", f"没有待确认的告警 {key}", f"no alert {key} stands")


def taken(request: str, by: str) -> Reply:
    return rejected(
        request, "acknowledged", f"{by} 已经确认了这条告警", f"{by} has acknowledged this alert before"
    )
