"""`hallctl scan` at serial lines and TCP ports with devices at their far ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import termios
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drivers.api import Link, Simulator
from drivers.bus68.sim import BusSim
from drivers.bx5k.sim import BoardSim
from drivers.hid.sim import HidSim
from drivers.newland.sim import NewlandSim
from drivers.printer.sim import PrinterSim
from drivers.sdt.sim import SdtSim
from drivers.transport import open_link
from drivers.transport.ports import Node
from drivers.transport.sick import Ills, Sick
from drivers.transport.sim import serve_pty, serve_tcp
from drivers.transport.uart import misread
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim
from edge.diag.cli import app
from edge.diag.probing import network
from edge.diag.probing.found import Child, Finding
from edge.diag.probing.inputs import key_test
from edge.diag.probing.machine import Wanted, scan
from edge.diag.probing.ports import printers
from edge.diag.probing.probes import PROBES
from tests.unit.test_probing_harmless import (
    SPEEDS,
    idle_board,
    idle_bus,
    idle_printer,
    idle_reader,
    idle_scanner,
)

LISTEN_S = 0.2
WITHIN_S = 5.0  # on a machine that has other work too


class Nobody:
    """A cable with nothing at its end."""

    async def run(self, link: Link) -> None:
        while True:
            await link.read()


class Babbler:
    """Something that speaks a language of its own."""

    async def run(self, link: Link) -> None:
        while True:
            await link.write(b"NMEA,12.5\r\n")
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def lines(folder: Path, simulators: Mapping[str, Simulator]) -> AsyncIterator[list[str]]:
    async with AsyncExitStack() as stack:
        for name, simulator in simulators.items():
            await stack.enter_async_context(serve_pty(simulator, folder / name))
        yield [str(folder / name) for name in simulators]


async def scanned(ports: Sequence[str], listen_s: float = LISTEN_S) -> dict[str, Finding]:
    found = await scan(Wanted(ports=tuple(ports), cameras=False, listen_s=listen_s))
    return {Path(each.place).name: each for each in found}


class AtSpeed:
    """A device whose line has a speed: what is sent at another is read as a UART reads it."""

    def __init__(self, simulator: Simulator, baud: int, path: Path) -> None:
        self._simulator, self._baud, self._path = simulator, baud, path

    async def run(self, link: Link) -> None:
        self._link = link
        await self._simulator.run(self)

    @property
    def url(self) -> str:
        return self._link.url

    async def read(self) -> bytes:
        data = b""
        while not data:
            data = misread(await self._link.read(), self._baud / speed_of(self._path))
        return data

    async def write(self, data: bytes) -> None:
        await self._link.write(misread(data, speed_of(self._path) / self._baud))

    async def close(self) -> None:
        await self._link.close()


def speed_of(path: Path) -> int:
    """As whoever opened it last has set it."""
    fd = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        speed = termios.tcgetattr(fd)[5]
    finally:
        os.close(fd)
    return next(baud for baud in SPEEDS if getattr(termios, f"B{baud}") == speed)


async def test_sixteen_ports_each_named_rightly_at_its_speed_and_nothing_happened_at_any(
    tmp_path: Path,
) -> None:
    tickets, boards = [PrinterSim() for _ in range(3)], [BoardSim(), BoardSim(address=5)]
    scanners, readers = [NewlandSim(), NewlandSim()], [SdtSim(), SdtSim()]
    buses = [BusSim(callers=(1, 2), pads=(0x81,), strips=(1,)) for _ in range(3)]
    tickets[1].set_paper("out")
    tickets[2].open_cover()
    readers[1].trouble.unauthorised = True
    mute: list[Simulator] = [*buses, Nobody(), Sick(PrinterSim(), Ills(mute=True))]
    devices: dict[str, list[tuple[Simulator, int]]] = {
        "printer": list(zip(tickets, (9600, 38400, 115200), strict=True)),
        "bx5k": list(zip(boards, (57600, 9600), strict=True)),
        "newland": list(zip(scanners, (9600, 115200), strict=True)),
        "sdt": list(zip(readers, (115200, 9600), strict=True)),
        "silent": [(each, 9600) for each in mute],
        "strange": [(Babbler(), 4800)],
    }
    peers = {f"{told}-{n}": peer for told, all_ in devices.items() for n, peer in enumerate(all_)}
    simulators: dict[str, Simulator] = {
        name: AtSpeed(each, baud, tmp_path / name) for name, (each, baud) in peers.items()
    }
    simulators["silent-echo"] = Sick(Nobody(), Ills(echo=True))  # an adapter that hears itself, at any speed
    assert len(simulators) == 16
    async with lines(tmp_path, simulators) as ports:
        found = await scanned(ports)
    for name, each in found.items():
        told = name.partition("-")[0]
        assert (each.driver or each.state) == told, (name, each)
        if told not in {"silent", "strange"}:
            assert each.url == f"serial://{tmp_path / name}?baud={peers[name][1]}"
    assert "echo" in found["silent-echo"].evidence.en
    assert found["bx5k-1"].settings == (("address", 5),)
    assert "not authorised" in found["sdt-1"].evidence.en
    assert all(map(idle_printer, tickets)) and all(map(idle_board, boards))
    assert all(map(idle_scanner, scanners)) and all(map(idle_reader, readers)) and all(map(idle_bus, buses))


async def test_a_bus_is_known_by_the_keys_that_are_pressed_while_it_is_listened_to(tmp_path: Path) -> None:
    bus = BusSim(callers=(3,), pads=(0x83,), pad_model="B")
    async with lines(tmp_path, {"bus": bus}) as ports:
        task = asyncio.create_task(scanned(ports, listen_s=WITHIN_S))
        while not task.done():  # nobody echoes the key: it is pressed until it was heard
            await bus.caller(3).press()
        (found,) = (await task).values()
    assert (found.state, found.driver, found.children) == ("found", "bus68", (Child("caller", 3),))
    assert idle_bus(bus)


async def test_a_port_that_a_program_holds_is_left_alone(tmp_path: Path) -> None:
    printer = PrinterSim()
    async with lines(tmp_path, {"printer": printer}) as ports:
        link = await open_link(f"serial://{ports[0]}?baud=115200")
        try:
            (found,) = (await scanned(ports)).values()
            assert found.state == "held" and found.next.en
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(LISTEN_S):
                    await link.read()  # no byte of a scan came to who holds it, and no speed was changed
        finally:
            await link.close()


async def test_what_is_no_port_and_what_is_not_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = await scanned([str(tmp_path / "file"), str(tmp_path / "gone")])
    assert {each.state for each in found.values()} == {"failed"}
    assert all(each.evidence.en and each.next.en for each in found.values())


async def test_a_usb_printer_is_known_by_its_status_and_a_silent_one_said(tmp_path: Path) -> None:
    """A pty in the place of /dev/usb/lp0: both are files of characters to read and write."""
    printer = PrinterSim()
    async with lines(tmp_path, {"lp0": printer, "lp1": Nobody()}) as nodes:
        well, mute = await printers([Node(node) for node in nodes])
    assert (well.state, well.driver, well.url) == ("found", "printer", f"usblp://{tmp_path}/lp0")
    assert mute.state == "silent" and mute.next.zh and not mute.driver
    assert idle_printer(printer)


async def test_machines_of_the_network_are_asked_at_the_ports_of_their_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, printer = TerminalSim(), PrinterSim()
    async with serve_tcp(terminal, lines=8) as (host, terminal.port), serve_tcp(printer) as (_, port):
        probes = [replace(each, tcp_port=port if each.driver == "printer" else None) for each in PROBES]
        monkeypatch.setattr(network, "PROBES", probes)
        found = await network.machine(host, TerminalSettings(ports=(terminal.port,)))
    told = {each.driver: each for each in found}
    assert set(told) == {"printer", "xfs4iot"}
    assert told["printer"].url == f"tcp://{host}:{port}" and told["xfs4iot"].url == f"host://{host}"
    assert "CardReader" in told["xfs4iot"].evidence.en and idle_printer(printer)


async def test_a_machine_that_a_program_is_connected_to_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many take one connection, and give up the first for the next."""
    async with serve_tcp(PrinterSim()) as (host, port):
        monkeypatch.setattr(network, "PROBES", [replace(PROBES[0], tcp_port=port)])
        link = await open_link(f"tcp://{host}:{port}")
        (found,) = await network.machine(host, TerminalSettings(ports=(1,), answer_timeout_s=0.5))
        assert found.state == "held" and not found.driver
        await link.write(bytes.fromhex("100401"))
        assert await link.read() == b"\x12", "the line is as it was"
        await link.close()


async def test_a_machine_where_nobody_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PROBES", [])
    async with serve_tcp(Nobody()) as (host, port):
        (found,) = await network.machine(host, TerminalSettings(ports=(port,), answer_timeout_s=0.5))
    assert found.state == "silent" and found.next.en


async def test_a_key_test_tells_which_device_was_pressed_and_takes_it_from_nobody(tmp_path: Path) -> None:
    pads = {"left": HidSim(), "right": HidSim()}
    pressed: list[tuple[str, str]] = []
    async with lines(tmp_path, pads) as places:
        task = asyncio.create_task(key_test(places, WITHIN_S, lambda *key: pressed.append(key)))
        while not pressed and not task.done():
            await pads["right"].press(2)
        task.cancel()
    assert pressed[0] == (str(tmp_path / "right"), "KEY_1")


# --- as a technician runs it ---
def run(*args: str) -> Any:
    return CliRunner().invoke(app, ["scan", *args], env={"COLUMNS": "200", "TERM": "dumb", "LANG": "C.UTF-8"})


async def test_the_report_has_a_table_and_lines_for_a_configuration(tmp_path: Path) -> None:
    async with lines(tmp_path, {"printer": PrinterSim()}) as (port,):
        text = await asyncio.to_thread(run, "--port", port, "--listen", "0.1")
        told = await asyncio.to_thread(run, "--port", port, "--listen", "0.1", "--json")
    assert text.exit_code == 0 and "found" in text.output and 'driver = "printer"' in text.output
    data = json.loads(told.output)
    (device,) = tomllib.loads(data["proposed"])["device"]
    assert device["url"] == data["findings"][0]["url"] == f"serial://{port}?baud=9600"


def test_nothing_found_is_another_exit_status(tmp_path: Path) -> None:
    result = run("--port", str(tmp_path / "gone"))
    assert result.exit_code == 1
    assert "cannot be opened" in result.output and "Plug it in" in result.output
