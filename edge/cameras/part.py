"""The cameras as the rest of the node sees them.

A node without any loads nothing of how they are judged, which costs a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from drivers.api import Clock
from drivers.messages import Event, Order, Outcome
from edge.metrics import CameraFigures
from edge.settings.cameras import CamerasTable
from edge.store import Store
from edge.wire import Alert, CamerasStatus, CameraStatus, DeviceStatus


class Devices(Protocol):
    """What they need of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...


class Told(Protocol):
    """Where the present is told: the broker."""

    def camera(self, status: CameraStatus) -> None: ...
    def cameras(self, status: CamerasStatus) -> None: ...
    def alert(self, key: str, alert: Alert | None) -> None: ...


class AtWork(Protocol):
    """`load` before the first event; `run` is its life. The ids of its cameras are what it contains."""

    def __contains__(self, camera: object) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    async def load(self, told: Told) -> None: ...
    async def run(self) -> None: ...
    async def close(self) -> None: ...
    async def on_event(self, event: Event) -> None: ...
    def on_status(self, status: DeviceStatus) -> None: ...
    def statuses(self) -> list[CameraStatus]: ...
    def figures(self) -> CameraFigures | None: ...
    async def accept(self, camera: str, by: str) -> None: ...
    async def look(self, camera: str) -> Outcome: ...
    def picture(self, camera: str, which: str) -> bytes: ...


class NoCameras:
    """Of a node without any. Nothing can be asked of what it does not contain."""

    def __contains__(self, camera: object) -> bool:
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(())

    async def load(self, told: Told) -> None:
        """There is nothing to tell."""

    async def run(self) -> None:
        """There is nothing to do."""

    async def close(self) -> None:
        """There is nothing to keep."""

    async def on_event(self, event: Event) -> None:
        raise KeyError(event.device)

    def on_status(self, status: DeviceStatus) -> None:
        """No device here watches cameras."""

    def statuses(self) -> list[CameraStatus]:
        return []

    def figures(self) -> None:
        """There is nothing to count."""

    async def accept(self, camera: str, by: str) -> None:  # noqa: ARG002 there is nobody's view
        raise KeyError(camera)

    async def look(self, camera: str) -> Outcome:
        raise KeyError(camera)

    def picture(self, camera: str, which: str) -> bytes:  # noqa: ARG002 there is neither
        raise KeyError(camera)


class Configured(Protocol):
    """What they need of the settings."""

    @property
    def cameras(self) -> Mapping[str, str]: ...  # the device that watches each, by id
    @property
    def judging(self) -> CamerasTable: ...


def cameras_of(settings: Configured, *, store: Store, devices: Devices, clock: Clock) -> AtWork:
    if not settings.cameras:
        return NoCameras()
    from edge.cameras.work import Cameras  # noqa: PLC0415 see above

    rules = settings.judging.rules()
    return Cameras(settings.cameras, store=store, devices=devices, clock=clock, rules=rules)
