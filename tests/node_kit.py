"""A whole small hall for tests: the real daemon, hub and broker as processes, simulated devices at ptys.

Two windows, a printer, a panel of ticket buttons. What a test may believe is read from where it counts: the
node's own journal and the hub's record, both SQLite files opened read-only beside their owners.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from drivers.bus68.sim_devices import Press
from drivers.printer.sim_paper import Slip
from edge.console.audit import audit as audit_record
from edge.control import ControlClient, ControlError
from edge.demo import rules
from edge.demo.processes import BIN, Process, start_daemon, start_hub
from edge.demo.rig import Desk, Rig, rig_of
from edge.demo.room import ticket_of
from edge.store.audit import audit
from edge.wire import Reply

LONG_S = 60.0  # for what comes within two seconds on an idle machine
STEP_UP_S = 1.1  # the same key again within a second is one press, by the bus's own rule
CALL, START, EVALUATE, RECALL, FUNCTION = (
    0x0C,
    0x0A,
    0x0B,
    0x0D,
    0x0F,
)  # keys, as the caller's manual has them
STAFF = "1001"

CONFIG = """
[hall]
id = "test"
name = "测试大厅"
{hall}

[node]
id = "n1"
store = "${{STATE_DIRECTORY}}/hall.db"
socket = "${{RUNTIME_DIRECTORY}}/control.sock"
trust_rtc = true
allow_sim = true # for faults in URLs; the lines are ptys
min_free_mb = {min_free_mb}

[mqtt]
brokers = {brokers}

[printing]
printer = "printer"

[[service]]
id = "tax"
name = "税务"
prefix = "A"

[[service]]
id = "social"
name = "社会保险"
prefix = "B"

[[window]]
id = "1"
name = "1 号窗口"
services = ["tax", "social"]

[[window]]
id = "2"
name = "2 号窗口"
services = ["social"]

[[device]]
id = "printer"
driver = "printer"
model = "escpos-80mm"
url = "serial://${{HALL_TTY_PRINTER}}?baud=115200{printer_fault}"
settings = {{ line_bytes_per_s = 11520, heartbeat_s = 1.0, {printer_settings} }}

[[device]]
id = "entrance"
driver = "bus68"
model = "bus68-standard"
url = "serial://${{HALL_TTY_ENTRANCE}}?baud=9600{fault}"

[[device.child]]
id = "buttons"
kind = "buttons"
address = 1
services = {{ 1 = "tax", 2 = "social" }}

[[device]]
id = "windows"
driver = "bus68"
model = "bus68-standard"
url = "serial://${{HALL_TTY_WINDOWS}}?baud=9600{fault}"
"""
_CHILD = """
[[device.child]]
id = "{kind}-{window}"
kind = "{kind}"
address = {address}
window = "{window}"
"""
_ADDRESSES = {"caller": 0x00, "pad": 0x80, "strip": 0x20}


def config_text(
    brokers: Sequence[str] = ("${HALL_BROKER}",),
    *,
    fault: str = "",
    printer_fault: str = "",
    printer_settings: str = "job_timeout_s = 3",
    hall: str = "",
    min_free_mb: int = 1,
) -> str:
    """TOML. `fault` is a part of the buses' URLs, such as "&fault=bytewise"."""
    children = "".join(
        _CHILD.format(kind=kind, window=window, address=base + window)
        for window in (1, 2)
        for kind, base in _ADDRESSES.items()
    )
    zone = "" if "timezone" in hall else f'timezone = "{noon_zone()}"'
    return (
        CONFIG.format(
            brokers=json.dumps(list(brokers)),
            fault=fault,
            printer_fault=printer_fault,
            printer_settings=printer_settings,
            hall=f"{hall}\n{zone}",
            min_free_mb=min_free_mb,
        )
        + children
    )


@cache
def noon_zone() -> str:
    """The day must not turn in a test, and all that a test starts has the same day."""
    return rules.noon_zone(datetime.now(UTC))


Event = dict[str, Any]  # a stamp and its fact in one object, as on the wire


@dataclass(slots=True)
class Node:
    """The hall and its processes. `start` and `kill` the daemon as often as you like."""

    folder: Path
    config: Path
    rig: Rig
    slips: list[Slip]
    processes: dict[str, Process] = field(default_factory=dict)
    record: Path | None = None  # the hub's
    args: tuple[str, ...] = ()

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    @property
    def daemon(self) -> Process:
        return self.processes["daemon"]

    @property
    def log(self) -> str:
        return self.daemon.log.read_text(errors="replace")

    def desk(self, window: str = "1") -> Desk:
        return next(desk for desk in self.rig.desks if desk.window == window)

    # --- processes ---
    async def start(self, *devices: str) -> None:
        """The daemon; returns once these devices, or all lines, are online and it can be asked."""
        self.socket.unlink(missing_ok=True)  # a killed daemon leaves it behind
        self.processes["daemon"] = await start_daemon(self.config, self.folder, self.rig.env, *self.args)
        await self.online(*devices)

    async def run_to_end(self) -> tuple[int, str]:
        """Start a daemon that is to end by itself: its exit status and what it wrote."""
        places = {"STATE_DIRECTORY": str(self.folder), "RUNTIME_DIRECTORY": str(self.folder)}
        command = [str(BIN / "hall-edge"), "run", *self.args, str(self.config)]
        environment = {**os.environ, **places, **self.rig.env}
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LONG_S,
        )
        return done.returncode, done.stdout

    async def start_hub(self, broker: str) -> None:
        self.processes["hub"], self.record = await start_hub(self.folder, broker)

    async def online(self, *devices: str) -> None:
        """Until these devices say online, or all lines that the configuration has."""
        wanted = set(devices) or {device.id for device in self.rig.settings.devices}
        await self.until(lambda states: all(states.get(d) == "online" for d in wanted), self.states)

    async def until(self, holds: Callable[[Any], bool], look: Any, timeout_s: float = LONG_S) -> Any:
        """What `await look()` gives once `holds(it)`; fails with the last of it, and the daemon's words."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            found = await look()
            if holds(found):
                return found
            assert time.monotonic() < deadline_s, f"not in time: {found}\n{self.log[-3000:]}"
            await asyncio.sleep(0.05)

    # --- what is known ---
    async def ask(self, verb: str, args: Mapping[str, Any] | None = None, **more: Any) -> Reply:
        async with ControlClient(self.socket) as client:
            return await client.request(verb, dict(args or {}), 60.0, **more)

    async def status(self) -> dict[str, Any]:
        return (await self.ask("status")).data

    async def devices(self) -> dict[str, dict[str, Any]]:
        return {device["device"]: device for device in (await self.status())["devices"]}

    async def states(self) -> dict[str, str]:
        """Of all devices, {} where the daemon cannot be asked (yet)."""
        try:
            return {name: device["state"] for name, device in (await self.devices()).items()}
        except ControlError:
            return {}

    def journal(self) -> list[Event]:
        """The node's own events in order of seq, read beside the running daemon."""
        return [
            json.loads(text)
            for (text,) in _rows(self.folder / "hall.db", "SELECT text FROM event ORDER BY seq")
        ]

    async def read_journal(self) -> list[Event]:
        return self.journal()

    def recorded(self) -> list[Event]:
        """The hub's record in order of seq."""
        assert self.record is not None
        return [
            json.loads(body) for (body,) in _rows(self.record, "SELECT body FROM event ORDER BY epoch, seq")
        ]

    async def settled(self, timeout_s: float = LONG_S) -> list[Event]:
        """Once the hub has all that the node has: its record, checked against the node's own journal."""

        async def outbox() -> dict[str, Any]:
            found: dict[str, Any] = (await self.status())["health"]["outbox"]
            return found

        async def both() -> tuple[list[Event], list[Event]]:
            own, told = self.journal(), self.recorded()
            return own, [event for event in told if event["seq"] <= own[-1]["seq"]]

        await self.until(lambda found: found["rows"] == 0, outbox, timeout_s)
        # A device may have said something meanwhile: that is told, too.
        own: list[Event]
        told: list[Event]
        own, told = await self.until(lambda found: found[0] == found[1], both, timeout_s)
        assert [event["seq"] for event in own] == list(range(1, len(own) + 1)), "the node's seq has a gap"
        assert len({event["epoch"] for event in told}) == 1
        assert self.record is not None
        for table in ("conflict", "missing", "rejected", "unfit"):
            assert _rows(self.record, f"SELECT * FROM {table}") == []
        walks = [each.walk for each in audit_record(f"sqlite:///{self.record}")]
        assert [walk.first for walk in (audit(self.folder / "hall.db"), *walks)] == [None, None]
        return told

    # --- people ---
    async def take(self, button: int = 1) -> Press:
        """Press a ticket button until the panel takes it, as a citizen does."""
        return await _until_taken(lambda: self.rig.panel.press(button))

    async def slip_of(self, ticket: str, count: int = 1) -> list[Slip]:
        """The slips that were cut with this number, once there are `count`."""

        async def look() -> list[Slip]:
            return [slip for slip in self.slips if ticket_of(slip) == ticket]

        found: list[Slip] = await self.until(lambda slips: len(slips) >= count, look)
        return found

    async def key(self, key: int, digits: str = "", *, window: str = "1") -> Press:
        """Press a key of the window's caller until it is taken."""
        caller = self.desk(window).caller
        return await _until_taken(lambda: caller.press(digits, key))

    async def shows(self, text: str, window: str = "1") -> None:
        """Until the window's strip shows `text`."""
        strip = self.desk(window).strip

        async def look() -> str:
            return strip.text

        await self.until(lambda shown: shown == text, look)

    async def log_in(self, *windows: str) -> None:
        for window in windows or ("1",):
            await self.key(FUNCTION, STAFF, window=window)
            await self.shows("空闲", window)

    async def has(self, kind: str, count: int = 1, timeout_s: float = LONG_S, **fields: Any) -> list[Event]:
        """The node's events of this kind, with these fields, once there are `count`."""
        found: list[Event] = await self.until(
            lambda events: len(events) >= count, lambda: self._of(kind, fields), timeout_s
        )
        return found

    async def _of(self, kind: str, fields: Mapping[str, Any]) -> list[Event]:
        return of(self.journal(), kind, **fields)


async def _until_taken(press: Callable[[], Awaitable[Press]]) -> Press:
    while True:
        pressed = await press()
        if pressed.acknowledged_s is not None:
            return pressed
        await asyncio.sleep(STEP_UP_S)


def of(events: Sequence[Event], kind: str, **fields: Any) -> list[Event]:
    """Those of one kind whose fields are these."""
    return [e for e in events if e["kind"] == kind and all(e.get(k) == v for k, v in fields.items())]


def story(events: Sequence[Event], ticket: str) -> list[str]:
    """What happened to a ticket, in order."""
    return [event["kind"] for event in events if event.get("ticket") == ticket]


def check_tickets(events: Sequence[Event]) -> None:
    """No number twice, and each ticket's reservation before anything else of it."""
    numbers = Counter(event["ticket"] for event in of(events, "ticket.reserved"))
    assert [ticket for ticket, times in numbers.items() if times > 1] == []
    for ticket in {event["ticket"] for event in events if "ticket" in event}:
        assert story(events, ticket)[0] == "ticket.reserved"


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Raises sqlite3.Error where it is no database."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
        return db.execute(sql).fetchall()


@asynccontextmanager
async def hall_at(
    folder: Path,
    broker: str,
    *,
    config: str = "",
    hub: str | None = "",
    start: bool = True,
    args: Sequence[str] = (),
) -> AsyncIterator[Node]:
    """The hall at work until the end. `hub`: the broker's URL for the hub, "" the same one, None no hub."""
    path = folder / "hall.toml"
    path.write_text(config or config_text(), encoding="utf-8")
    slips: list[Slip] = []
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(rig_of(path, folder, broker, slips.append))
        node = Node(folder, path, rig, slips, args=tuple(args))
        stack.push_async_callback(_stop, node)
        if hub is not None:
            await node.start_hub(hub or broker)
        if start:
            await node.start()
        yield node


@asynccontextmanager
async def hall_with(folder: Path, broker: str, devices: str) -> AsyncIterator[Node]:
    """The hall, and further devices that are on the network: the TOML of their tables."""
    async with hall_at(folder, broker, hub=None, start=False) as node:
        text = node.config.read_text(encoding="utf-8")
        node.config = folder / "with-more.toml"
        node.config.write_text(text + devices, encoding="utf-8")
        await node.start()
        yield node


async def _stop(node: Node) -> None:
    for process in reversed(node.processes.values()):
        await process.stop()
