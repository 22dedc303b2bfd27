"""What happens on purpose, so that every rule is seen whatever chance brings: appointments, priorities, a
service that is closed, a manager who takes a warning on, and what follows a bad rating.

Each is done by the way that it has in a hall: as the appointments' own system, a kiosk and a manager's page
ask the node, and as staff of the centre use `hall-console`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.demo.figures import follow_up_of
from edge.demo.people import People
from edge.demo.processes import BIN
from edge.rules.followup import Finding, Stage
from edge.rules.roster import MINUTES, clock
from edge.wire import Reply

MANAGER = "值班主任"
STEPS = (Stage.VERIFIED, Stage.RECTIFIED, Stage.FED_BACK, Stage.CLOSED)
LOOK_S = 0.2  # between two looks at what stands or is recorded
STEP_TIMEOUT_S = 30.0  # of a command that takes a second


@dataclass(frozen=True, slots=True)
class Visit:
    """Who has an appointment: its time in minutes of the day, or from now on; and when he comes."""

    service: str
    time_min: int
    comes: float


@dataclass(frozen=True, slots=True)
class Moments:
    """When what happens: minutes of a day that is played, else seconds since the doors opened."""

    book: float
    visits: tuple[Visit, ...]
    first: tuple[tuple[float, str, str], ...]  # when, service and class of who goes before others
    closed: tuple[float, str] | None  # when somebody asks for which service that is closed then
    react: float  # seconds that a manager takes, in the hall's time
    steps: tuple[float, ...] | None  # when each step of the follow-up is taken; None: one after the other


IN_A_MINUTE = Moments(
    book=0.0,
    visits=(Visit("tax", 5, 4.0), Visit("social", 10, 9.0), Visit("property", 45, 12.0)),
    first=((6.0, "tax", "elder"), (14.0, "social", "soldier"), (22.0, "business", "elder")),
    closed=None,
    react=2.0,
    steps=None,
)
OF_A_DAY = Moments(
    book=8 * 60 + 26,
    visits=(
        Visit("tax", 570, 560),
        Visit("business", 600, 585),
        Visit("social", 630, 652),  # too late
        Visit("residence", 660, 652),
        Visit("social", 870, 862),
        Visit("property", 900, 886),
    ),
    first=(
        (545, "tax", "elder"),
        (575, "social", "soldier"),
        (590, "business", "elder"),
        (612, "property", "elder"),
        (850, "tax", "soldier"),
        (864, "social", "elder"),
    ),
    closed=(12 * 60 + 20, "social"),
    react=90.0,
    steps=(11 * 60, 14 * 60 + 30, 15 * 60 + 30, 16 * 60 + 15),
)


@dataclass(slots=True)
class Shown:
    """What those saw who had to do with it."""

    booked: list[str] = field(default_factory=list)
    checked_in: list[str] = field(default_factory=list)
    refused: list[Reply] = field(default_factory=list)  # who came too early or too late
    closed: Reply | None = None
    first: dict[str, str] = field(default_factory=dict)  # ticket → class
    acknowledged: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)  # of the follow-up, as the command told them
    wrong: list[str] = field(default_factory=list)


class Story:
    """Among `people` who can ask the node. `record`: the hub's."""

    def __init__(self, people: People, record: Path) -> None:
        assert people.room.ask, "there is somebody to ask"
        self._people, self._room, self._ask, self._record = people, people.room, people.room.ask, record
        self._moments = OF_A_DAY if people.room.day else IN_A_MINUTE
        self.shown = Shown()

    async def run(self) -> None:
        """Until all has happened, or cancelled."""
        moments = self._moments
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._appointments())
            for when, service, priority in moments.first:
                tasks.create_task(self._goes_first(when, service, priority))
            if moments.closed:
                tasks.create_task(self._finds_it_closed(*moments.closed))
            tasks.create_task(self._manage())
            tasks.create_task(self._follow_up())

    # --- at the kiosk ---
    async def _appointments(self) -> None:
        await self._until(self._moments.book)
        async with asyncio.TaskGroup() as tasks:
            for number, visit in enumerate(self._moments.visits, 1):
                ref = f"demo-{number:04}"
                day, time = self._time(visit)
                booking = {"ref": ref, "service": visit.service, "day": day, "time": time}
                if self._is_done(await self._ask("appointment.book", booking)):
                    self.shown.booked.append(ref)
                    tasks.create_task(self._visit(ref, visit))

    async def _visit(self, ref: str, visit: Visit) -> None:
        await self._until(visit.comes)
        reply = await self._people.at_kiosk("appointment.check_in", {"ref": ref, "session": ref})
        if reply and reply.code in ("appointment_early", "appointment_late"):
            self.shown.refused.append(reply)
        elif reply and self._is_done(reply):
            self.shown.checked_in.append(str(reply.data["ticket"]))

    async def _goes_first(self, when: float, service: str, priority: str) -> None:
        await self._until(when)
        args = {"service": service, "priority": priority, "session": f"{priority}-{when}"}
        reply = await self._people.at_kiosk("ticket.take", args)
        if reply and self._is_done(reply):
            self.shown.first[str(reply.data["ticket"])] = priority

    async def _finds_it_closed(self, when: float, service: str) -> None:
        await self._until(when)
        self.shown.closed = await self._ask("ticket.take", {"service": service, "session": "at-lunch"})

    # --- the staff ---
    async def _manage(self) -> None:
        """The first warning is taken on; it stands until it is over."""
        while not (keys := [each.key for each in self._room.view.warnings()]):  # noqa: ASYNC110 a message sets no Event
            await asyncio.sleep(LOOK_S)
        await self._room.wait(self._moments.react)
        args = {"key": keys[0], "by": MANAGER, "note": "已到窗口了解情况"}
        reply = await self._ask("alert.acknowledge", args)
        if reply.code == "unknown_warning":  # over before he was there
            await self._manage()
        elif self._is_done(reply):
            self.shown.acknowledged.append(keys[0])

    async def _follow_up(self) -> None:
        """Of the bad rating, step by step."""
        await self._room.complained.wait()
        hall = self._room.rig.settings.hall.id
        find = partial(follow_up_of, self._record, hall, self._room.complaint)
        while not (id_ := await asyncio.to_thread(find)):  # noqa: ASYNC110 a record sets no Event
            await asyncio.sleep(LOOK_S)
        for number, stage in enumerate(STEPS):
            if self._moments.steps:
                await self._until(self._moments.steps[number])
            self.shown.steps.append(await self._step(id_, stage))

    async def _step(self, id_: str, stage: Stage) -> str:
        extra = ["--finding", Finding.CONFIRMED] if stage is Stage.VERIFIED else []
        argv = ["followup", "step", id_, stage, "--store", f"sqlite:///{self._record}", "--by", "201", *extra]
        process = await asyncio.create_subprocess_exec(
            BIN / "hall-console", *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            async with asyncio.timeout(STEP_TIMEOUT_S):
                out, _ = await process.communicate()
        finally:
            if process.returncode is None:  # cancelled, or too slow
                process.kill()
                await process.wait()
        if process.returncode:
            self.shown.wrong.append(f"follow-up {id_}: {out.decode().strip()}")
        return out.decode().strip()

    # --- times ---
    def _time(self, visit: Visit) -> tuple[str, str]:
        """Date and time of an appointment."""
        if day := self._room.day:
            return day.date.isoformat(), clock(visit.time_min)
        now = datetime.now(ZoneInfo(self._room.rig.settings.hall.timezone))
        minute = now.hour * 60 + now.minute + visit.time_min
        return now.date().isoformat(), clock(min(minute, MINUTES - 1))

    async def _until(self, moment: float) -> None:
        if day := self._room.day:
            await asyncio.sleep(day.left_s(moment))
        else:
            await self._room.wait(moment - self._room.passed_s())

    def _is_done(self, reply: Reply) -> bool:
        if reply.result != "done":
            self.shown.wrong.append(f"{reply.result} {reply.code}: {reply.en}".strip())
        return reply.result == "done"
