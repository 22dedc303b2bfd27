"""The hall at the emulated machine: its daemon inside, its devices' far ends and its broker here."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drivers.api import Simulator
from drivers.newland.sim import NewlandSim
from drivers.printer.sim import PrinterSim
from drivers.sdt.sim import SdtSim
from drivers.transport.sick import Sick
from drivers.transport.sim import run_simulator
from drivers.transport.tcp import TcpLink
from edge.broker import Broker
from edge.ids import new_id
from edge.inbox import Inbound
from edge.mqtt import Connection, connect
from edge.wire import Reply, Request, Topics, reply_topic
from tests.appliance.machine import Machine
from tests.appliance.tape import Plug, Tape
from tests.integration.brokers import BrokerProcess

CONFIG = Path(__file__).with_name("hall.toml")
PEER = Path(__file__).with_name("printer_peer.py")
PEER_START_S = 6.0  # a program of Python takes 3 s to begin in the guest
START_LIMIT_S = 120.0  # of the daemon, 8 s here: Python is slow where every instruction is translated
USER, PASSWORD = "hall", "a-camera's-password"
LOGINS = f'[hall]\nuser = "{USER}"\npassword = "{PASSWORD}"\n'
LIMIT_S = 30.0  # for what comes within two seconds

Event = dict[str, Any]
DEVICES = ("printer", "scanner", "reader", "slips", "pad", "buttons", "caller")  # each at a thing of its name


class Pluggable(Protocol):
    async def plug(self) -> None: ...
    async def pull(self) -> None: ...


class Adapter:
    """A USB serial adapter with a simulated device at its far end."""

    def __init__(self, machine: Machine, name: str, sim: Simulator) -> None:
        self._path = machine.far_end(name)
        self._sim = sim
        self._link: TcpLink | None = None
        self._life: asyncio.Task[Exception | None] | None = None

    async def plug(self) -> None:
        self._link = TcpLink(f"unix://{self._path}", *await asyncio.open_unix_connection(self._path))
        self._life = asyncio.create_task(run_simulator(self._sim, self._link))

    async def pull(self) -> None:
        """Also where it is not plugged in. Raises what the simulator broke by."""
        if self._link and self._life:
            await self._link.close()
            if crash := await self._life:
                raise crash
        self._link = self._life = None


class UsbPrinter:
    """A printer at /dev/usb/lp0. QEMU has none: the guest's kernel plugs it in, see `usb-printer` there."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._has_peer = False
        self._plugged = False

    async def plug(self) -> None:
        if not self._has_peer:
            await self._machine.must("tee", "/run/printer_peer.py", given=PEER.read_text(encoding="utf-8"))
            python = ("/opt/hall-edge/.venv/bin/python", "/run/printer_peer.py")
            await self._machine.must("systemd-run", "--quiet", "--unit=printer-peer", *python)
            await asyncio.sleep(PEER_START_S)
            self._has_peer = True
        await self._machine.must("usb-printer", "plug")
        self._plugged = True

    async def pull(self) -> None:
        """Also where it is not plugged in."""
        if self._plugged:
            await self._machine.must("usb-printer", "pull")
        self._plugged = False


class Keyboard:
    """A USB keyboard, with `serial` as its serial number, in the socket `port`."""

    def __init__(self, machine: Machine, serial: str, port: int) -> None:
        self._machine = machine
        self._serial = serial
        self._plugged = False
        self.port = port

    async def plug(self) -> None:
        await self._machine.plug_keyboard(self._serial, self.port)
        self._plugged = True

    async def pull(self) -> None:
        """Also where it is not plugged in."""
        if self._plugged:
            await self._machine.pull(self._serial)
        self._plugged = False


@dataclass(slots=True)
class Hall:
    machine: Machine
    broker_port: int
    connection: Connection  # of who looks on at the broker
    heard: Tape[Inbound] = field(default_factory=Tape)  # at the broker
    printer: PrinterSim = field(default_factory=PrinterSim)
    paper: Sick[PrinterSim] = field(init=False)  # the same, that may fall ill
    things: dict[str, Pluggable] = field(default_factory=dict)  # by the device that they are to the hall

    def __post_init__(self) -> None:
        self.paper = Sick(self.printer)
        sims: dict[str, Simulator] = {
            "printer": self.paper,
            "scanner": NewlandSim(),
            "reader": SdtSim(),
            "twin": NewlandSim(),
        }
        for name, sim in sims.items():
            self.things[name] = Adapter(self.machine, name, sim)
        self.things["slips"] = UsbPrinter(self.machine)
        for name, port in (("pad", 9), ("buttons", 10), ("caller", 11)):
            self.things[name] = Keyboard(self.machine, name.upper(), port)

    async def settle(self, *plugged: str) -> None:
        """Only these things plugged in, and their devices online."""
        for name, thing in self.things.items():
            await thing.pull()
            if name in DEVICES:
                await self.until(name, lambda device: device["state"] != "online")
        for name in plugged:
            await self.things[name].plug()
            await self.until(name, lambda device: device["state"] == "online")

    # --- what is known ---
    def device(self, name: str) -> dict[str, Any]:
        """As the broker was told last; {} before that."""
        return self.told(f"device/{name}")

    def told(self, topic: str) -> dict[str, Any]:
        """What was said last on a topic of the node; {} before that."""
        topic = f"hall/1/appliance/n1/{topic}"
        told = [message.payload for message in self.heard.since(0) if message.topic == topic]
        found: dict[str, Any] = json.loads(told[-1]) if told else {}
        return found

    async def show(self, name: str, unit: str = "hall-edge") -> str:
        """A property of a unit, as systemd has it."""
        return (await self.machine.must("systemctl", "show", "--value", f"--property={name}", unit)).strip()

    async def until(
        self, name: str, holds: Callable[[dict[str, Any]], bool], limit_s: float = LIMIT_S
    ) -> dict[str, Any]:
        """The device's state at the broker, once it is so."""

        def fits(_message: Inbound) -> bool:
            device = self.device(name)
            return bool(device) and holds(device)

        await self.heard.first(fits, 0, limit_s)
        return self.device(name)

    def events(self, kind: str) -> list[Event]:
        """Of this kind, each once, in order."""
        batches = [json.loads(m.payload) for m in self.heard.since(0) if m.topic.endswith("/n1/event")]
        events = {event["seq"]: event for batch in batches for event in batch["events"]}
        return [event for _, event in sorted(events.items()) if event["kind"] == kind]

    async def count(self, kind: str, number: int, limit_s: float = LIMIT_S) -> list[Event]:
        """The events of this kind, once there are so many."""
        await self.heard.first(lambda _: len(self.events(kind)) >= number, 0, limit_s)
        return self.events(kind)

    async def ask(self, verb: str, args: dict[str, str], limit_s: float = LIMIT_S) -> Reply | None:
        """As the centre does, by way of the broker; None where no answer comes."""
        asked, topics, at = new_id(), Topics("appliance", "n1"), len(self.heard)
        back = reply_topic("observer", asked)
        request = Request(id=asked, verb=verb, args=args, reply_to=back)
        await self.connection.publish(topics.command(verb), request.model_dump_json().encode())
        try:
            said = await self.heard.first(lambda message: message.topic == back, at, limit_s)
        except AssertionError:
            return None
        return Reply.model_validate_json(said.payload)

    async def send(self, verb: str, *arguments: str) -> None:
        """With hallctl, as a technician does."""
        await self.machine.must("hallctl", "send", verb, *arguments)


def is_node(plug: Plug) -> bool:
    """A word of udev, after its rules, about what the hall opens."""
    name = plug.path.rpartition("/")[2]
    return plug.by == "UDEV" and name.startswith(("ttyUSB", "event", "lp"))


@contextlib.asynccontextmanager
async def opened(machine: Machine, broker: BrokerProcess, cameras: int) -> AsyncIterator[Hall]:
    """The daemon started by its unit, and heard at the broker; `cameras` is their port."""
    text = CONFIG.read_text(encoding="utf-8").replace("@BROKER_PORT@", str(broker.port))
    text = text.replace("@CAMERA_PORT@", str(cameras))
    await machine.must("tee", "/etc/hall-edge/hall.toml", given=text)
    await machine.must("tee", "/etc/hall-edge/cameras", given=LOGINS)
    async with heard(machine, broker) as hall:
        await machine.must("systemctl", "enable", "--now", "hall-edge", limit_s=START_LIMIT_S)
        yield hall


@contextlib.asynccontextmanager
async def heard(machine: Machine, broker: BrokerProcess) -> AsyncIterator[Hall]:
    """What the daemon tells the broker, once it is started; the things are pulled at the end."""
    async with connect(Broker.parse(broker.url), "observer") as connection:
        hall = Hall(machine, broker.port, connection)
        await connection.subscribe("hall/#")
        hearing = asyncio.create_task(_hear(connection, hall.heard))
        try:
            yield hall
        finally:
            hearing.cancel()
            for thing in hall.things.values():
                await thing.pull()


async def _hear(connection: Connection, tape: Tape[Inbound]) -> None:
    async for message in connection.messages():
        tape.put(message)
