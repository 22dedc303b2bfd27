"""The tally over restarts and power cuts: kept every five minutes, and at the end."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection

from drivers.api import Clock
from edge.memory import Kept
from edge.store import StoreError
from edge.tally import NAMES, Tally

KEEP_EVERY_S = 300.0  # what a power cut may forget; the disk is not written to more often for it
OWNER = "statistics"
MOST = 1e15  # of one count: no device lives so long
AT_ONCE = 200  # devices in one write, which is thus below 128 KiB

log = logging.getLogger(__name__)


class Statistics:
    """Of the devices of the configuration, as the last reload has left it."""

    def __init__(
        self, tally: Tally, devices: Callable[[], Collection[str]], kept: Kept, clock: Clock
    ) -> None:
        self._tally = tally
        self._devices = devices
        self._kept = kept
        self._clock = clock
        self._on_disk: dict[str, bytes] = {}  # by device

    async def run(self) -> None:
        """Until cancelled, which keeps it once more. What could not be read is not written over: then it
        returns."""
        try:
            await self._load()
        except StoreError as error:
            log.warning("the devices' statistics cannot be read, and are not kept: %s", error)
            return
        try:
            while True:
                await self._clock.sleep(KEEP_EVERY_S)
                await self._keep()
        finally:
            await self._keep()

    async def _load(self) -> None:
        """Those of devices that are no longer configured are forgotten."""
        found = (await self._kept.memories(OWNER)).get(OWNER, {})
        devices = self._devices()
        self._on_disk = {device: data for device, data in found.items() if device in devices}
        for device, data in self._on_disk.items():
            self._tally.go_on(device, _counts(device, data))
        await self._write(dict.fromkeys(found.keys() - self._on_disk.keys(), b""))

    async def _keep(self) -> None:
        """Now, what has changed."""
        now = {device: json.dumps(self._tally.counts(device)).encode() for device in self._devices()}
        changed = [device for device, data in now.items() if self._on_disk.get(device) != data]
        for first in range(0, len(changed), AT_ONCE):
            await self._write({device: now[device] for device in changed[first : first + AT_ONCE]})

    async def _write(self, data: dict[str, bytes]) -> None:
        try:
            await self._kept.remember(OWNER, data)
        except StoreError as error:
            log.info("the devices' statistics are not kept now: %s", error)
        else:
            self._on_disk |= data  # of no more devices than the configuration had and has


def _counts(device: str, data: bytes) -> dict[str, float]:
    """Nothing of what is not a tally."""
    try:
        found = json.loads(data)
        return {name: min(max(0.0, float(count)), MOST) for name, count in found.items() if name in NAMES}
    except (ValueError, TypeError, AttributeError):
        log.warning("the statistics of %s are damaged and begin anew", device)
        return {}
