"""Devices that are plugged in and pulled out while the hall runs.

What udev tells is acted on at once: a device whose node has come is tried without waiting for its rest to
end, and one whose node has gone loses its line even where reading does not say so. Told events can be missed,
so every RESCAN_S, and after a loss of events, what is there is compared with what was there. Where udev does
not run, the comparison is all there is. Nothing here ends the hall: a fault is logged and looked at again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Never, Protocol

from drivers.api import Clock, LinkLost
from drivers.registry import Change, MissedChanges, Port, Watch, watch_ports
from edge.clock import deadline

RESCAN_S = 30.0  # a missed event costs half a minute; comparing 64 paths costs less than 1 ms

log = logging.getLogger(__name__)

Identity = tuple[str, int]  # of a node: its path, and its inode, new with each plugging in


class Devices(Protocol):
    """Of the supervisor."""

    def ports(self) -> Mapping[str, Port]: ...  # of the devices that are at a node, by id
    def open_nodes(self) -> Mapping[str, str]: ...  # the device that has it open, by path
    def wake(self, device: str) -> None: ...
    def unplugged(self, device: str) -> None: ...


class HotPlug:
    def __init__(self, devices: Devices, clock: Clock, watch: Callable[[], Watch] = watch_ports) -> None:
        self._devices = devices
        self._clock = clock
        self._open_watch = watch
        self._watch: Watch | None = None
        self._is_blind = False  # no events, which has been logged
        self._seen: dict[str, Identity] = {}  # by device: the node at the last look
        self._look = asyncio.Event()  # at once, not at the next turn

    async def run(self) -> Never:
        try:
            self._seen = self._present()
            while True:
                self._start_watching()
                with suppress(TimeoutError):
                    async with deadline(self._clock, RESCAN_S):
                        await self._look.wait()
                self._look.clear()
                self.rescan()
        finally:
            self._stop_watching()

    def rescan(self) -> None:
        """Make up for what was not told: a new node wakes its device, one that is gone ends its line."""
        try:
            for node, device in self._devices.open_nodes().items():
                if not Path(node).exists():
                    self._devices.unplugged(device)
            present = self._present()
            for device, identity in present.items():
                if self._seen.get(device) != identity:
                    self._devices.wake(device)
            self._seen = present
        except Exception:  # whatever a port or a driver's URL does, the hall goes on
            log.exception("looking for plugged devices failed")

    def _present(self) -> dict[str, Identity]:
        found = {}
        for device, port in self._devices.ports().items():
            try:
                node = port.find()
                found[device] = (node, Path(node).stat().st_ino)
            except (LinkLost, OSError):  # not there, or not to be told apart: its own life says so
                continue
        return found

    # --- events ---
    def _start_watching(self) -> None:
        """Where a device can be plugged in at all: pyudev costs 1 MB."""
        if self._watch or not any(port.is_pluggable for port in self._devices.ports().values()):
            return
        try:
            watch = self._open_watch()
            asyncio.get_running_loop().add_reader(watch.fileno(), self._told)
        except (OSError, ImportError) as error:  # pyudev without libudev is an ImportError
            if not self._is_blind:
                log.info("no events of udev (%s): plugged devices are looked for every %g s", error, RESCAN_S)
            self._is_blind = True
        else:
            self._watch, self._is_blind = watch, False
            self._look.set()  # what came before it could be told

    def _stop_watching(self) -> None:
        if self._watch:
            asyncio.get_running_loop().remove_reader(self._watch.fileno())
        self._watch = None

    def _told(self) -> None:
        """The watch is readable."""
        if self._watch is None:
            return
        try:
            for change in self._watch.take():
                self._act(change)
        except MissedChanges:
            log.info("udev told more than could be kept: looking at all devices")
            self._look.set()
        except Exception:  # the same error again and again would busy the loop: watch afresh at the next turn
            log.exception("watching for plugged devices failed")
            self._stop_watching()

    def _act(self, change: Change) -> None:
        node = change.node
        if change.gone:
            if device := self._devices.open_nodes().get(node.path):
                self._devices.unplugged(device)
            self._seen = {name: seen for name, seen in self._seen.items() if seen[0] != node.path}
            return
        for device, port in self._devices.ports().items():
            if port.fits(node):
                self._devices.wake(device)
