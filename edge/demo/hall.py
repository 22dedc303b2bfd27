"""One hall of the demonstration: its devices at their lines, its people, and the daemon that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from edge.control import ControlClient, ControlError
from edge.demo.corner import Corner, errors_of
from edge.demo.day import AFTERNOON, BEGINS, PlayedDay, hours_of
from edge.demo.observer import NodeView, Observer
from edge.demo.payers import Payers
from edge.demo.people import People
from edge.demo.processes import DemoError, Process, start_daemon
from edge.demo.rig import Rig, rig_of
from edge.demo.room import Room, now_s
from edge.demo.rules import with_time
from edge.demo.story import Story
from edge.wire import Reply

READY_S = 60.0  # for every line to be open; a second is usual
SETTLE_S = 20.0  # after closing, until the hub has acknowledged all
ANSWER_S = 5.0  # of a daemon that is asked how far it is
ASK_S = 40.0  # of a ticket: the printer's time, and one more try
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """How the people are: `seed` of all chance, and how many come for each window, at speed 1. `day`: that is
    played, None where the hall has the machine's time."""

    seed: int
    speed: float
    arrivals_per_window_min: float
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A node's own word of its events at the end, and what its daemon took of the machine."""

    epoch: str
    last_seq: int
    rss_mb: float
    cpu_percent: float  # of one core, since all its lines were open


@dataclass(slots=True)
class Hall:
    """`open`, `work`, `balance`, and `stop` in any case. DemoError from any: the daemon ended early."""

    config: Path
    folder: Path
    rig: Rig
    view: NodeView
    people: People
    corner: Corner
    day: PlayedDay | None = None
    story: Story | None = None  # of the centre
    services: str = ""  # the address of the government network's, "" for none
    daemon: Process | None = None  # until it is opened
    opened_s: float = 0.0  # loop's clock
    _usage: psutil.Process | None = None

    @property
    def id(self) -> str:
        return self.rig.settings.hall.id

    @property
    def name(self) -> str:
        return self.rig.settings.hall.name

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    async def open(self, begins: datetime | None = None) -> None:
        """Start the daemon; returns once it says on the broker that every line is online. `begins`: of a day
        that is played, where others have begun it already."""
        if self.day:
            text, local = self.config.read_text(encoding="utf-8"), f"{self.day.date}T{BEGINS}"
            local = begins.isoformat(timespec="seconds")[:19] if begins else local
            self.config.write_text(with_time(text, local, self.day.speed), encoding="utf-8")
        name = f"hall-edge of {self.id} ({self.name})"
        self.daemon = await start_daemon(self.config, self.folder, self.rig.env, name=name)
        deadline_s = now_s() + READY_S
        while not self._lines_open():
            self.daemon.must_live()
            if now_s() > deadline_s:
                raise DemoError(f"{name}: not every line is open: " + " | ".join(self.daemon.tail()))
            await asyncio.sleep(LOOK_S)
        self._usage = psutil.Process(self.daemon.pid)
        self._usage.cpu_percent()  # counts from here
        if self.day:
            time_s = await self._time_s()
            self.day.set(time_s)
            if self.corner.payers:
                await self.corner.payers.begin(time_s - time.time())
        self.opened_s = now_s()

    async def _time_s(self) -> float:
        """The hall's own."""
        async with ControlClient(self.socket) as client:
            reply = await client.request("status", {}, ANSWER_S)
        return float(reply.data["node"]["hall_time"])

    def _lines_open(self) -> bool:
        states = {name: device.state for name, device in self.view.devices.items()}
        return all(states.get(line.id) == "online" for line in self.rig.settings.devices)

    def doors_s(self, minutes: float | None) -> float:
        """How long from now the doors are open: so many minutes, or the rest of the day that is played."""
        if self.day is None:
            assert minutes is not None, "only a day that is played has an end of its own"
            return minutes * 60
        left_s = self.day.left_s(AFTERNOON[1])
        return left_s if minutes is None else min(left_s, minutes * 60)

    async def work(self, open_s: float) -> None:
        """The hall's day: doors open for `open_s`, then until all are served; its people know who was not."""
        visiting = asyncio.create_task(self.corner.run())
        told = asyncio.create_task(self.story.run()) if self.story else None  # runs once people have begun
        try:
            with contextlib.suppress(TimeoutError):  # the report names who was not served
                await self.people.run(open_s)
        finally:
            self.corner.visits.wrong += errors_of(visiting)
            visiting.cancel()
            if told:
                await _ended(told)
        if payers := self.corner.payers:
            await asyncio.gather(visiting, return_exceptions=True)  # who was at it has gone
            zone = ZoneInfo(self.rig.settings.hall.timezone)
            await payers.settle(datetime.fromtimestamp(await self._time_s(), zone).date().isoformat())

    def must_live(self) -> None:
        """Asked from outside, again and again: people go on pressing keys where no daemon is."""
        if self.daemon is not None:
            self.daemon.must_live()

    async def balance(self) -> Balance:
        """Once the hub has acknowledged all, or SETTLE_S are over."""
        assert self.daemon is not None, "it was opened"
        assert self._usage is not None, "it was opened"
        self.daemon.must_live()
        cpu_percent = self._usage.cpu_percent()
        try:
            epoch, last_seq = await self._settled()
        except ControlError as error:
            self.daemon.must_live()
            raise DemoError(f"{self.daemon.name} does not answer: {error}") from error
        return Balance(
            epoch, last_seq, round(self._usage.memory_info().rss / 2**20, 1), round(cpu_percent, 2)
        )

    async def _settled(self) -> tuple[str, int]:
        deadline_s = now_s() + SETTLE_S
        async with ControlClient(self.socket) as client:
            while True:
                reply = await client.request("status", {}, ANSWER_S)
                outbox = reply.data["health"]["outbox"]
                if outbox["rows"] == 0 or now_s() > deadline_s:
                    return str(reply.data["node"]["epoch"]), int(outbox["last_seq"])
                await asyncio.sleep(0.2)

    async def stop(self) -> None:
        if self.daemon is not None:
            await self.daemon.stop()


async def _ended(told: asyncio.Task[None]) -> None:
    """Cut short where the doors were closed before its end. Raises what it failed with."""
    told.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await told


@asynccontextmanager
async def hall_of(
    text: str,
    folder: Path,
    observer: Observer,
    broker: str,
    pace: Pace,
    *,
    record: Path | None = None,
    guest: bool = False,
    services: str = "",
) -> AsyncIterator[Hall]:
    """The hall of a configuration's TOML text, with all that it keeps in `folder`, which is made. Only its
    simulated devices are started; who opens it stops it before they go. `record`: the hub's, where its
    rules are to be shown. `guest`: somebody sits before its kiosk. `services`: the address of the government
    network's. Raises DemoError."""
    folder.mkdir()
    config = folder / "hall.toml"
    config.write_text(text, encoding="utf-8")
    async with rig_of(config, folder, broker, services=services) as rig:
        hall, speed = rig.settings.hall.id, pace.speed
        view = observer.watch(hall, rig.settings.node.id)
        seed = f"{hall}/{pace.seed}"  # people of different halls do not do the same at the same time
        arrivals, day = pace.arrivals_per_window_min * len(rig.desks), None
        if pace.day:
            zone = ZoneInfo(rig.settings.hall.timezone)
            day = PlayedDay(pace.day, speed, zone, hours_of(tuple(rig.settings.windows)))
            arrivals = day.top_per_min()
        ask = partial(_ask, folder / "control.sock") if record else None
        room = Room(rig, view, random.Random(seed), speed, day, ask)
        people = People(room, arrivals_per_min=arrivals)
        story = Story(people, record) if record else None
        rig.printer.on_slip = people.on_slip
        # Readers and terminals have their own speed, so who stands before them keeps the machine's time.
        own_speed = 1.0 if day else speed
        socket = folder / "control.sock"
        payers = Payers(socket, services, random.Random(f"payers/{seed}")) if services else None
        corner = Corner(rig, socket, payers, seed=seed, speed=own_speed, guest=guest)
        yield Hall(config, folder, rig, view, people, corner, day, story, services)


async def _ask(socket: Path, verb: str, args: dict[str, Any]) -> Reply:
    """As a kiosk or a system of the centre does. Raises ControlError."""
    async with ControlClient(socket) as client:
        return await client.request(verb, args, ASK_S)
