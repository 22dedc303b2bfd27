"""All devices of a node, supervised one for one: no device's fault is another's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from drivers.api import ConditionSpec
from drivers.messages import Order, Outcome
from drivers.registry import Port
from edge.frames import Frames
from edge.life import DeviceConfig, Life, Seams
from edge.orders import rejected
from edge.tally import Tally
from edge.traffic import Traffic
from edge.wire import DeviceStatus

STOP_TIMEOUT_S = 5.0  # of all devices together; a driver that resists is left behind


class Stopping(Exception):
    """The node is about to end: what is stopped now is not started again."""


class Supervisor:
    """Runs all devices. `run()` is its life; the rest may be called while it runs."""

    def __init__(self, configs: Iterable[DeviceConfig], seams: Seams) -> None:
        self._seams = seams
        self._lives: dict[str, Life] = {}  # by the id of the device that owns the line
        self._configs: dict[str, DeviceConfig] = {}  # by the same, as each is to run from its next start
        self._owner: dict[str, str] = {}  # by every id, a child's too
        self._failure: asyncio.Future[None] | None = None
        self._renewing = asyncio.Lock()
        self._released: dict[str, asyncio.Task[None]] = {}  # lines that are closed for a while
        self._stopping = False
        for config in configs:
            if config.id in self._owner:
                raise ValueError(f"two devices are called {config.id!r}")
            self._check(config)
            self._add(config)

    async def run(self) -> None:
        """Run until cancelled, then stop all within STOP_TIMEOUT_S. What it raises is an error of our own."""
        self._failure = asyncio.get_running_loop().create_future()
        for life in self._lives.values():
            life.start(self._broken)
        try:
            await self._failure
        finally:
            await self._stop()

    async def _stop(self) -> None:
        self._stopping = True
        for device in tuple(self._released):
            self._end_release(device)
        await asyncio.gather(*(life.stop(STOP_TIMEOUT_S) for life in self._lives.values()))

    def _broken(self, error: BaseException) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        """Have a device or child do something; ends in exactly one outcome, within `deadline_s`.

        REJECTED: not begun ("unknown_device", "unsupported", "offline", "queue_full", "expired").
        UNKNOWN: the driver had it in hand when the deadline passed ("timeout") or when the device was lost
        (the code of the condition).
        """
        if device not in self._owner:
            return rejected("unknown_device", device)
        return await self._life(device).order(device, order, deadline_s)

    def has_order(self, device: str) -> bool:
        """Whether something is being done there, or about to be. KeyError for a stranger."""
        return self._life(device).has_order(device)

    def wake(self, device: str) -> None:
        """The device's hardware has been plugged in: cut its rest short. Raises KeyError for a stranger."""
        self._life(device).wake()

    def unplugged(self, device: str) -> None:
        """The device's hardware has been pulled out: its line is lost. Raises KeyError for a stranger."""
        self._life(device).unplugged()

    def ports(self) -> dict[str, Port]:
        """Of the devices that are at a device node of this machine, by id."""
        loaded = {device: life.config.loaded for device, life in self._lives.items()}
        return {device: each.port for device, each in loaded.items() if each and each.port}

    def open_nodes(self) -> dict[str, str]:
        """The device that has a node open, by the node's path."""
        return self._seams.nodes.open()

    async def restart(self, device: str) -> bool:
        """Stop a device and start it afresh; a child's id restarts its line.

        Raises KeyError for a stranger, and Stopping. False: the old driver has not ended, nothing was
        started; the device's condition says what to do.
        """
        return not await self.renew([self._configs[self._owner[device]]])

    async def release(self, device: str, for_s: float) -> bool:
        """Close a device's line, for who wants to look at its port; it is opened again after `for_s`, or by
        `restart`. Raises and returns as `restart`."""
        config = self._configs[self._owner[device]]
        async with self._renewing:
            if not await self._lives[config.id].stop(STOP_TIMEOUT_S):
                return False
            if self._stopping:
                raise Stopping
            self._end_release(config.id)
            back = self._take_back(config.id, for_s)
            self._released[config.id] = asyncio.create_task(back, name=f"{config.id}: released")
        return True

    def _end_release(self, device: str) -> None:
        if released := self._released.pop(device, None):
            released.cancel()

    async def _take_back(self, device: str, for_s: float) -> None:
        await self._seams.clock.sleep(for_s)
        del self._released[device]
        with suppress(Stopping):
            await self.renew([self._configs[device]])

    async def renew(
        self, configs: Sequence[DeviceConfig], between: Callable[[], None] = lambda: None
    ) -> list[str]:
        """Stop these devices, do `between` while none of them runs, and start them as `configs` say.

        All are stopped before any is started, so that two may change their lines. Returns those whose old
        driver has not ended: they were not started, and are as configured here once they can be restarted.
        Raises KeyError for a device that is not run, ValueError for an id that another device has, Stopping.
        """
        async with self._renewing:
            lives = [self._lives[config.id] for config in configs]
            for config in configs:
                self._check(config)
            ended = await asyncio.gather(*(life.stop(STOP_TIMEOUT_S) for life in lives))
            if self._stopping:
                raise Stopping
            between()
            self._configs |= {config.id: config for config in configs}
            for config, has_ended in zip(configs, ended, strict=True):
                if has_ended:
                    self._start(config)
        return [config.id for config, has_ended in zip(configs, ended, strict=True) if not has_ended]

    def statuses(self) -> list[DeviceStatus]:
        """Every device and child as it stands now, in the configuration's order."""
        return [standing.status() for life in self._lives.values() for standing in life.standings()]

    def status(self, device: str) -> DeviceStatus:
        """As it stands now. KeyError for a stranger."""
        return self._life(device).standing(device).status()

    def problem(self, device: str) -> str:
        """What keeps a device from working now, as a code; "" when it can work. KeyError for a stranger."""
        return self._life(device).standing(device).problem

    def words_of(self, device: str) -> dict[str, ConditionSpec]:
        """What its conditions that are on mean, by code. KeyError for a stranger."""
        return self._life(device).standing(device).words()

    def words(self) -> dict[str, dict[str, ConditionSpec]]:
        """What the conditions that are on mean: by device, then by code. Two families may share a code."""
        standings = (standing for life in self._lives.values() for standing in life.standings())
        return {standing.device: words for standing in standings if (words := standing.words())}

    @property
    def tally(self) -> Tally:
        return self._seams.tally

    def frames(self, device: str) -> tuple[str, Frames | None, Callable[[bytes, bool], str]]:
        """A device's line, what passed last on it (None where nothing is kept), and what bytes on it mean.
        KeyError for a stranger."""
        life = self._life(device)
        loaded = life.config.loaded
        return life.config.id, life.frames, loaded.said if loaded else lambda _data, _out: ""

    def traffic(self, device: str) -> Traffic:
        """What a device's line carries and suffers. KeyError for a stranger."""
        return self._life(device).traffic

    def _life(self, device: str) -> Life:
        return self._lives[self._owner[device]]

    def _check(self, config: DeviceConfig) -> None:
        devices = Counter((config.id, *config.children))
        for device, times in devices.items():
            if times > 1 or self._owner.get(device, config.id) != config.id:
                raise ValueError(f"two devices are called {device!r}")

    def _start(self, config: DeviceConfig) -> None:
        """A life keeps its history over a restart, unless it is configured otherwise."""
        self._end_release(config.id)
        life = self._lives[config.id]
        if life.config is not config:
            for standing in life.standings():
                del self._owner[standing.device]
            life = self._add(config)
        life.start(self._broken)

    def _add(self, config: DeviceConfig) -> Life:
        self._configs[config.id] = config
        self._owner.update(dict.fromkeys((config.id, *config.children), config.id))
        self._lives[config.id] = Life(config, self._seams)
        return self._lives[config.id]
