"""A real driver on a real line that is pulled and plugged in again, with only udev's words made up.

The line is a pty under a by-id link, new with each plug as an adapter's node is. The limits are those of the
hall: seen within 1 s, back within 2 s of the event; they are held with real time, far from the figures.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.messages import PrintSlip, Result, SlipLine
from drivers.printer.sim import PrinterSim
from drivers.registry import LINK_CONDITIONS, Change, Node, Port, Registry
from drivers.transport.pty import Pty
from drivers.transport.sim import serve_pty
from edge import life
from edge.clock import SystemClock
from edge.hotplug import HotPlug
from edge.life import Seams
from edge.settings import DeviceConfig
from edge.supervisor import Supervisor
from edge.wire import DeviceStatus

pytestmark = pytest.mark.few

SEEN_S, BACK_S = 1.0, 2.0
LOOK_S = 0.01
SLIP = PrintSlip("1/A012", (SlipLine("A012", 2),))


class Udev:
    """Tells what it is told to tell, through a pipe."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._changes: list[Change] = []

    def fileno(self) -> int:
        return self._reader

    def tell(self, gone: bool, node: str, link: Path) -> None:
        self._changes.append(Change(gone, Node(node, (str(link),))))
        os.write(self._writer, b".")

    def take(self) -> list[Change]:
        os.read(self._reader, 1)
        changes, self._changes = self._changes, []
        return changes

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


class Site:
    def __init__(self, devices: Supervisor, line: Pty, by_id: Path, udev: Udev) -> None:
        self.devices = devices
        self._line = line
        self._by_id = by_id
        self._udev = udev
        self._node = str(by_id.resolve())

    def pull(self, *, told: bool) -> None:
        self._line.unplug()
        if told:
            self._udev.tell(True, self._node, self._by_id)

    def plug(self) -> None:
        self._line.plug()
        self._node = str(self._by_id.resolve())
        self._udev.tell(False, self._node, self._by_id)

    @property
    def status(self) -> DeviceStatus:
        (status,) = self.devices.statuses()
        return status

    async def until(self, true: Callable[[DeviceStatus], bool]) -> float:
        """Seconds until it is so, 40 at the most; not counted are those in which this process, and with it
        the hall, was not let run."""
        took_s = 0.0
        async with asyncio.timeout(40):
            while not true(self.status):
                await asyncio.sleep(LOOK_S)
                took_s += LOOK_S
        return took_s


@asynccontextmanager
async def site(folder: Path, scheme: str) -> AsyncIterator[Site]:
    by_id = folder / "by-id"
    sim, udev = PrinterSim(), Udev()
    async with serve_pty(sim, symlink=by_id) as line:
        loaded = Registry().resolve("printer", "escpos-80mm", f"{scheme}://{by_id}", {"heartbeat_s": 0.2})

        async def emit(_event: object) -> None: ...

        clock = SystemClock()
        seams = Seams(clock, random.Random(1), emit, lambda _status: None, LINK_CONDITIONS)
        devices = Supervisor([DeviceConfig("printer", loaded)], seams)
        part = HotPlug(devices, clock, lambda: udev)
        tasks = [asyncio.create_task(devices.run()), asyncio.create_task(part.run())]
        try:
            yield Site(devices, line, by_id, udev)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            udev.close()
    assert sim.slips, "it has printed"


@pytest.mark.parametrize("scheme", ["serial", "usblp"])
@pytest.mark.parametrize("told", [True, False], ids=["udev tells", "the line tells"])
async def test_pulled_and_plugged_in_while_the_hall_runs(
    scheme: str, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Port, "is_pluggable", True)  # udev knows no pty
    monkeypatch.setattr(life, "BACKOFF_BASE", life.BACKOFF_MAX_S)  # after the first its rests are a minute
    async with site(tmp_path, scheme) as it:
        await it.until(lambda status: status.state == "online")
        assert (await it.devices.order("printer", SLIP, 20)).result is Result.DONE
        it.pull(told=told)
        assert await it.until(lambda status: status.state == "backoff") < SEEN_S
        assert {each.code for each in it.status.conditions} <= {"unplugged", "port_missing"}
        await asyncio.sleep(
            1.5
        )  # until the first rest is over, so that only the event can bring it back in time
        it.plug()
        assert await it.until(lambda status: status.state == "online") < BACK_S
        assert (await it.devices.order("printer", SLIP, 20)).result is Result.DONE
