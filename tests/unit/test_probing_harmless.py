"""No question of a scan makes any device do anything, at the speed of its line or at another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from drivers.api import Simulator
from drivers.bus68.sim import BusSim
from drivers.bx5k.codec import Frame, encode
from drivers.bx5k.commands import power
from drivers.bx5k.sim import FULL, BoardSim
from drivers.newland.sim import NewlandSim
from drivers.printer.sim import PrinterSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS
from drivers.transport.null import NullLink, pair
from drivers.transport.uart import misread
from edge.diag.probing.probes import PROBES, UNDO, Probe

TURNS = 50  # of the loop: more than any simulator needs to work off what it heard
SPEEDS = (9600, 19200, 38400, 57600, 115200)


@contextlib.asynccontextmanager
async def plugged(simulator: Simulator) -> AsyncIterator[NullLink]:
    near, far = pair("null://probe")
    life = asyncio.create_task(simulator.run(far))
    try:
        yield near
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def hears(simulator: Simulator, *pieces: bytes) -> None:
    async with plugged(simulator) as near:
        for piece in filter(None, pieces):
            await near.write(piece)
            for _ in range(TURNS):
                await asyncio.sleep(0)


def bus() -> BusSim:
    return BusSim(callers=range(1, 9), pads=(0x81, 0x82), strips=range(1, 9), buttons=(9,))


def idle_printer(sim: PrinterSim) -> bool:
    return not (sim.slips or sim.blanks or sim.uncut.items or sim.honoured)


def idle_bus(sim: BusSim) -> bool:
    keypads = all(each.display == "" and each.beeps == 0 for each in sim.callers)
    return keypads and not any(each.invitations for each in sim.pads) and not any(s.shown for s in sim.strips)


def idle_board(sim: BoardSim) -> bool:
    dull = not (sim.areas or sim.flash_writes or sim.violations or sim.updates)
    return dull and sim.light and sim.brightness == FULL and set(sim.commands) <= {(0xA2, 0x00)}


def idle_scanner(sim: NewlandSim) -> bool:
    return not sim.lit.is_set() and all(each.startswith(b"@QRYSYS") for each in sim.heard)


def idle_reader(sim: SdtSim) -> bool:
    return not sim.reading.is_set() and set(sim.asked) <= {(0x11, 0xFF)}


DEVICES: dict[str, tuple[Callable[[], Simulator], Callable[..., bool]]] = {
    "printer": (PrinterSim, idle_printer),
    "bus": (bus, idle_bus),
    "board": (BoardSim, idle_board),
    "scanner": (NewlandSim, idle_scanner),
    "reader": (lambda: SdtSim(CARDS["resident"]()), idle_reader),
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.driver)
async def test_a_question_makes_nothing_happen_at_any_device(probe: Probe, device: str) -> None:
    make, is_idle = DEVICES[device]
    simulator = make()
    await hears(simulator, probe.ask, UNDO, probe.ask, UNDO)
    assert is_idle(simulator)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.driver)
async def test_nor_where_the_speed_is_another(probe: Probe, device: str) -> None:
    make, is_idle = DEVICES[device]
    simulator = make()
    others = [(sent, read) for sent in probe.speeds for read in SPEEDS if read != sent]
    asked = [misread(probe.ask + UNDO, read / sent) for sent, read in others]
    await hears(simulator, *asked)
    assert is_idle(simulator)


async def test_what_a_mute_printer_took_for_text_is_gone_before_the_next_ticket() -> None:
    for probe in PROBES:
        printer = PrinterSim()
        await hears(printer, probe.ask, UNDO, b"A001\n\x1dV\x42\x00")
        assert [slip.text for slip in printer.slips] == [["A001"]]


async def test_the_check_would_see_what_happens() -> None:
    """Each of these makes its device do something; so the tests above can fail."""
    printer, scanner, board, reader, line = PrinterSim(), NewlandSim(), BoardSim(), SdtSim(), bus()
    await hears(printer, b"x\n")
    await hears(scanner, b"~\x010000#SCNTRG1;\x03")
    await hears(board, encode(Frame(power(False))))
    await hears(reader, bytes.fromhex("AAAAAA96690003200122"))
    await hears(line, bytes.fromhex("FF 68 08 08 68 03 02 0A 0A 0A 00 02 03 28 16"))
    assert not any((idle_printer(printer), idle_board(board), idle_reader(reader), idle_bus(line)))
    assert not idle_scanner(scanner)
