"""A device asked how it is, now: it answers, or it is silent; nothing is seen of it there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from drivers.api import Driver, Simulator
from drivers.bx5k.driver import BoardDriver
from drivers.bx5k.sim import BoardSim
from drivers.heartbeat.driver import HeartbeatDriver
from drivers.heartbeat.sim import HeartbeatSim
from drivers.messages import CheckHealth, Outcome, Result
from drivers.newland.driver import NewlandDriver
from drivers.newland.settings import NewlandSettings
from drivers.newland.sim import NewlandSim
from drivers.printer.driver import PrinterDriver
from drivers.printer.sim import PrinterSim
from drivers.sdt.driver import SdtDriver
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.transport.sick import WELL, Ills
from drivers.voice.driver import VoiceDriver
from drivers.voice.settings import VoiceSettings
from drivers.voice.sim import VoiceSim
from tests.protocol.doubles_bx5k import SETTINGS
from tests.protocol.doubles_printer import FAST
from tests.protocol.driver_bench import Bench, at_work
from tests.protocol.test_conformance_heartbeat import HTTP, TCP
from tests.warped import warped

FAMILIES: dict[str, tuple[type[Driver[Any]], Any, Callable[[], Simulator]]] = {
    "printer": (PrinterDriver, FAST, PrinterSim),
    "bx5k": (BoardDriver, SETTINGS, BoardSim),
    "sdt": (SdtDriver, SdtSettings(), SdtSim),
    "newland": (NewlandDriver, NewlandSettings(), NewlandSim),
    "voice": (VoiceDriver, VoiceSettings(clips="/nowhere"), VoiceSim),
    "heartbeat": (HeartbeatDriver, HTTP, partial(HeartbeatSim, "http")),
}
each_family = pytest.mark.parametrize("family", FAMILIES)


def at(family: str, ills: Ills = WELL) -> AbstractAsyncContextManager[Bench[Any, Any]]:
    driver, settings, sim = FAMILIES[family]
    return at_work(Bench, driver(), settings, sim(), ills)


@each_family
@warped
async def test_it_answers_and_says_once_more_that_it_lives(family: str) -> None:
    async with at(family) as device:
        await device.ready()
        before = device.ctx.alive_count
        assert await device.obey(CheckHealth()) == Outcome(Result.DONE)
        assert device.ctx.alive_count > before


@each_family
@warped
async def test_one_that_has_fallen_silent_does_not_answer(family: str) -> None:
    async with at(family) as device:
        await device.ready()
        device.sick.ills = Ills(mute=True)
        outcome = await device.obey(CheckHealth())
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "silent")


@warped
async def test_what_is_wrong_stands_in_its_conditions_then() -> None:
    async with at("printer") as device:
        await device.ready()
        device.sim.open_cover()
        assert (await device.obey(CheckHealth())).result is Result.DONE
        assert "cover_open" in device.conditions


@warped
async def test_a_scanner_that_is_asked_stays_dark_and_a_printer_prints_nothing() -> None:
    async with at("newland") as scanner:
        await scanner.ready()
        await scanner.obey(CheckHealth())
        assert set(scanner.sim.heard) == {b"@QRYSYS"}
    async with at("printer") as printer:
        await printer.ready()
        await printer.obey(CheckHealth())
        assert printer.sim.slips == []


@warped
async def test_a_terminal_that_speaks_when_it_will_is_not_asked() -> None:
    async with at_work(Bench, HeartbeatDriver(), TCP, HeartbeatSim("tcp")) as terminal:
        await terminal.ready()
        outcome = await terminal.obey(CheckHealth())
        assert (outcome.result, outcome.code) == (Result.REJECTED, "unsupported")
