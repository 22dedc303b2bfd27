"""The simulated devices of a configuration, each line of them behind a pty or a port of its own.

Which devices hang on which line is read from the very configuration that the daemon runs: what is simulated
is what is configured, and the daemon cannot tell.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from drivers.api import Simulator
from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import ButtonsSim, CallerSim, PadSim, StripSim
from drivers.camera.settings import Camera
from drivers.camera.sim import CameraSim
from drivers.camera.sim_port import serve_cameras
from drivers.hid.sim import HidSim
from drivers.printer.sim import PrinterSim
from drivers.printer.sim_paper import Slip
from drivers.transport.pty import Pty
from drivers.transport.sick import Sick
from drivers.transport.sim import serve_pty, serve_tcp
from edge.demo.peers import RatingKeys, peer_of, prepare
from edge.demo.processes import DemoError, free_port
from edge.settings import DeviceConfig, Settings, load

LINE_S = 0.03  # a thermal printer's line of 24 dots at 100 mm/s
CONNECTIONS = 16  # of one machine: a terminal has its publisher and a line for each service

_S = TypeVar("_S")


@dataclass(slots=True)
class Desk:
    """What stands at one window."""

    window: str
    caller: CallerSim
    caller_id: str
    pad: PadSim | RatingKeys
    strip: StripSim


@dataclass(slots=True)
class Rig:
    """All simulators, and the environment that leads the configuration to their lines."""

    settings: Settings
    printer: PrinterSim
    panel: ButtonsSim
    panel_id: str
    desks: list[Desk]
    peers: dict[str, Simulator]  # by device id
    sick: dict[str, Sick[Simulator]]  # the same, for who wants one of them to be ill
    env: dict[str, str]
    ptys: dict[str, Pty] = field(default_factory=dict)  # by device id

    def of(self, kind: type[_S]) -> dict[str, _S]:
        """The simulators of one kind, by device id."""
        return {device: peer for device, peer in self.peers.items() if isinstance(peer, kind)}


@asynccontextmanager
async def rig_of(
    config: Path,
    folder: Path,
    broker: str,
    on_slip: Callable[[Slip], None] | None = None,
    services: str = "",
) -> AsyncIterator[Rig]:
    """The devices of `config` at work until the end. Where they are, its URLs take from variables: lines from
    `${HALL_TTY_…}`, ports on this machine from `${HALL_PORT_…}`. Raises DemoError for a configuration that is
    not like that."""
    env = {"HALL_BROKER": broker, "HALL_UPSTREAM": services, **_places(config, folder)}
    settings = load(config, env=env | {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)})
    if problems := [problem for device in settings.devices for problem in device.all_problems()]:
        raise DemoError("; ".join(map(str, problems)))
    printer = PrinterSim(line_s=LINE_S, on_slip=on_slip)
    peers = {
        device.id: printer if device.id == settings.printer else peer_of(device, urlsplit(_url(device)).port)
        for device in settings.devices
    }
    panel, panel_id = _panel(settings, peers)
    sick = {device: Sick(peer) for device, peer in peers.items()}
    rig = Rig(settings, printer, panel, panel_id, list(_desks(settings, peers)), peers, sick, env)
    async with AsyncExitStack() as stack:
        for device in settings.devices:
            if cameras := rig.of(CameraSim).get(device.id):
                await prepare(cameras)
                await stack.enter_async_context(_serve_cameras(cameras, device))
                continue
            line = await stack.enter_async_context(_serve(sick[device.id], _url(device)))
            if isinstance(line, Pty):
                rig.ptys[device.id] = line
        yield rig


def _places(config: Path, folder: Path) -> dict[str, str]:
    """Each variable that a URL of the file names, with the path that its line shall have, or a port."""
    names = set(re.findall(r"\$\{(HALL_(?:TTY|PORT)_\w+)\}", config.read_text(encoding="utf-8")))
    return {
        name: str(free_port())
        if name.startswith("HALL_PORT_")
        else str(folder / f"tty-{name.removeprefix('HALL_TTY_').lower()}")
        for name in sorted(names)
    }


def _url(device: DeviceConfig) -> str:
    assert device.loaded is not None  # checked by rig_of
    return device.loaded.url


def _serve(peer: Sick[Simulator], url: str) -> AbstractAsyncContextManager[object]:
    """At the place of the URL. A bus keeps its own time on the line."""
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return serve_tcp(peer, str(parts.hostname), parts.port or 0, lines=CONNECTIONS)
    baud = parse_qs(parts.query).get("baud")
    return serve_pty(
        peer, Path(parts.path), int(baud[0]) if baud and not isinstance(peer.simulator, BusSim) else None
    )


@asynccontextmanager
async def _serve_cameras(cameras: CameraSim, device: DeviceConfig) -> AsyncIterator[None]:
    """At the port of their URLs. The main streams' video is made meanwhile: they are looked at later."""
    assert device.loaded is not None  # checked by rig_of
    first: Camera = device.loaded.settings.children[0]
    async with serve_cameras(cameras, first.sub_address.host, first.sub_address.port):
        making = asyncio.create_task(cameras.prepare(["main"]))
        try:
            yield
        finally:
            making.cancel()
            await asyncio.gather(
                making, return_exceptions=True
            )  # who looks at them is told why there is none


def _desks(settings: Settings, peers: dict[str, Simulator]) -> Iterator[Desk]:
    for window in settings.windows:
        caller, pad, strip = settings.caller_of(window), settings.pad_of(window), settings.strip_of(window)
        if not (caller and pad and strip):
            raise DemoError(f"window {window} lacks a caller, a pad or a strip")
        bus, address = _place(settings, peers, caller)
        strip_bus, strip_address = _place(settings, peers, strip)
        at = bus.caller(address), caller, _pad(settings, peers, pad), strip_bus.strip(strip_address)
        yield Desk(window, *at)


def _pad(settings: Settings, peers: dict[str, Simulator], pad: str) -> PadSim | RatingKeys:
    keyboard = peers.get(pad)
    if isinstance(keyboard, HidSim):
        return RatingKeys(keyboard)
    bus, address = _place(settings, peers, pad)
    return bus.pad(address)


def _panel(settings: Settings, peers: dict[str, Simulator]) -> tuple[ButtonsSim, str]:
    for device in settings.devices:
        for child, config in device.children.items():
            if config.wire.kind == "buttons":
                bus, address = _place(settings, peers, child)
                return bus.buttons(address), child
    raise DemoError("the configuration has no panel of ticket buttons")


def _place(settings: Settings, peers: dict[str, Simulator], child: str) -> tuple[BusSim, int]:
    for device in settings.devices:
        bus = peers[device.id]
        if child in device.children and device.loaded is not None and isinstance(bus, BusSim):
            address = next(each.address for each in device.loaded.settings.children if each.id == child)
            return bus, address
    raise DemoError(f"{child} is on no bus")
