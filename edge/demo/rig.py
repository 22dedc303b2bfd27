"""The simulated devices of a configuration, each line of them behind a pty of its own.

Which devices hang on which line is read from the very configuration that the daemon runs: what is simulated
is what is configured, and the daemon cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from drivers.bus68.settings import BusSettings
from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import ButtonsSim, CallerSim, PadSim, StripSim
from drivers.bus68.sim_line import Line
from drivers.printer.sim import PrinterSim
from drivers.printer.sim_paper import Slip
from drivers.transport.pty import Pty
from drivers.transport.sim import serve_pty
from edge.demo.processes import DemoError
from edge.settings import DeviceConfig, Settings, load

PRINTER_BAUD = 115_200
BUS_BAUD = 9600
LINE_S = 0.03  # a thermal printer's line of 24 dots at 100 mm/s


@dataclass(slots=True)
class Desk:
    """What stands at one window."""

    window: str
    caller: CallerSim
    caller_id: str
    pad: PadSim
    strip: StripSim


@dataclass(slots=True)
class Rig:
    """All simulators, and the environment that leads the configuration to their lines."""

    settings: Settings
    printer: PrinterSim
    panel: ButtonsSim
    panel_id: str
    desks: list[Desk]
    buses: dict[str, BusSim]
    env: dict[str, str]
    ptys: dict[str, Pty] = field(default_factory=dict)  # by device id


@asynccontextmanager
async def rig_of(
    config: Path, folder: Path, broker: str, on_slip: Callable[[Slip], None] | None = None
) -> AsyncIterator[Rig]:
    """The devices of `config` at work until the end. Its serial URLs are `serial://${HALL_TTY_…}`: the
    variable says where the line is. Raises DemoError for a configuration that is not like that."""
    lines = _lines(config, folder)
    env = {"HALL_BROKER": broker, **{variable: str(path) for variable, path in lines.items()}}
    places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    settings = load(config, env=env | places)
    if problems := [problem for device in settings.devices for problem in device.all_problems()]:
        raise DemoError("; ".join(map(str, problems)))
    printer = PrinterSim(line_s=LINE_S, on_slip=on_slip)
    buses = {device.id: _bus(device) for device in settings.devices if device.id != settings.printer}
    panel, panel_id = _panel(settings, buses)
    rig = Rig(settings, printer, panel, panel_id, list(_desks(settings, buses)), buses, env)
    async with AsyncExitStack() as stack:
        for device in settings.devices:
            path = Path(urlsplit(_url(device)).path)
            is_printer = device.id == settings.printer
            peer, baud = (printer, PRINTER_BAUD) if is_printer else (buses[device.id], None)
            rig.ptys[device.id] = await stack.enter_async_context(serve_pty(peer, path, baud))
        yield rig


def _lines(config: Path, folder: Path) -> dict[str, Path]:
    """Each variable that a serial URL of the file names, with the path that its line shall have."""
    names = sorted(set(re.findall(r"\$\{(HALL_TTY_\w+)\}", config.read_text(encoding="utf-8"))))
    return {name: folder / f"tty-{name.removeprefix('HALL_TTY_').lower()}" for name in names}


def _url(device: DeviceConfig) -> str:
    assert device.loaded is not None  # checked by rig_of
    return device.loaded.url


def _bus(device: DeviceConfig) -> BusSim:
    assert device.loaded is not None
    if not isinstance(device.loaded.settings, BusSettings):
        raise DemoError(
            f"{device.id}: there is no simulator of {device.loaded.spec.family} in the demonstration"
        )
    at: dict[str, list[int]] = {"caller": [], "pad": [], "strip": [], "buttons": []}
    for child in device.loaded.settings.children:
        at[child.kind].append(child.address)
    return BusSim(
        callers=at["caller"],
        pads=at["pad"],
        strips=at["strip"],
        buttons=at["buttons"],
        line=Line(baud=BUS_BAUD),  # bytes take their time, and two that talk at once garble each other
    )


def _desks(settings: Settings, buses: dict[str, BusSim]) -> Iterator[Desk]:
    for window in settings.windows:
        caller, pad, strip = settings.caller_of(window), settings.pad_of(window), settings.strip_of(window)
        if not (caller and pad and strip):
            raise DemoError(f"window {window} lacks a caller, a pad or a strip")
        bus, address = _place(settings, buses, caller)
        pad_bus, pad_address = _place(settings, buses, pad)
        strip_bus, strip_address = _place(settings, buses, strip)
        yield Desk(
            window, bus.caller(address), caller, pad_bus.pad(pad_address), strip_bus.strip(strip_address)
        )


def _panel(settings: Settings, buses: dict[str, BusSim]) -> tuple[ButtonsSim, str]:
    for device in settings.devices:
        for child, config in device.children.items():
            if config.wire.kind == "buttons":
                bus, address = _place(settings, buses, child)
                return bus.buttons(address), child
    raise DemoError("the configuration has no panel of ticket buttons")


def _place(settings: Settings, buses: dict[str, BusSim], child: str) -> tuple[BusSim, int]:
    for device in settings.devices:
        if child in device.children and device.loaded is not None:
            address = next(each.address for each in device.loaded.settings.children if each.id == child)
            return buses[device.id], address
    raise KeyError(child)
