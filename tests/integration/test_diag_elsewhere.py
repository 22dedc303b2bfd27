"""A device that nobody hears: its port is released, asked at other speeds, and given back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.api import Link, Simulator
from drivers.printer.sim import PrinterSim
from drivers.registry import LINK_CONDITIONS, Registry
from drivers.transport.sim import serve_pty
from edge.clock import SystemClock
from edge.diag import elsewhere
from edge.diag.evidence import Evidence, Line
from edge.diag.judging.judgement import judge
from edge.diag.judging.rules import cause_of
from edge.diag.probing import line
from edge.inspection.line import line_of
from edge.life import Seams
from edge.settings.model import DeviceConfig
from edge.supervisor import Supervisor
from edge.wire import Reply
from tests.integration.test_hallctl_scan import AtSpeed

MEANT = 38400  # as configured, and as none of them is
LONG_S = 30.0
UNHEARD = {"never_heard", "no_sense", "wrong_speed"}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "printer": ("escpos-80mm", {"heartbeat_s": 0.2, "answer_timeout_s": 0.1, "silent_limit_s": 2.0}),
    "sdt": ("sdt-serial", {}),
}


class Nobody:
    """A cable with nothing at its end."""

    async def run(self, link: Link) -> None:
        while True:
            await link.read()


class Node:
    """Which of the daemon answers: its devices, and the verbs that are asked here."""

    def __init__(self, config: DeviceConfig, devices: Supervisor) -> None:
        self.config, self.devices = config, devices
        self.asked: list[str] = []
        self.refuses = False

    async def ask(self, verb: str, args: dict[str, Any], _timeout_s: float) -> Reply:
        self.asked.append(verb)
        if self.refuses:
            return Reply(id="1", result="rejected", code="in_use", zh="在工作", en="it works")
        match verb:
            case "device.release":
                await self.devices.release(args["device"], args["for_s"])
            case "device.restart":
                await self.devices.restart(args["device"])
        return Reply(id="1", result="done")

    def seen(self) -> Evidence:
        told = line_of(self.config, self.devices)
        return Evidence(Line.model_validate({"device": "it", **told}), SystemClock().now().wall_s)

    async def unheard(self) -> Evidence:
        """Once it is said that nobody, or nothing that makes sense, is heard."""
        seen = self.seen()
        async with asyncio.timeout(LONG_S):
            while cause_of(seen).code not in UNHEARD or not seen.line.traffic.sent.unanswered:
                await asyncio.sleep(0.05)
                seen = self.seen()
        return seen


@asynccontextmanager
async def node(folder: Path, family: str, peer: Simulator, baud: int) -> AsyncIterator[Node]:
    """What is configured is a device of this family at MEANT; at its port is `peer`, at `baud`."""

    async def keep(_event: object) -> None:
        pass

    model, settings = FAMILIES[family]
    async with serve_pty(AtSpeed(peer, baud, folder / "port"), folder / "port"):
        url = f"serial://{folder}/port?baud={MEANT}"
        loaded = Registry().resolve(family, model, url, settings)
        config = DeviceConfig(id="it", loaded=loaded, driver=family)
        seams = Seams(SystemClock(), random.Random(1), keep, lambda _: None, LINK_CONDITIONS)
        devices = Supervisor([config], seams)
        running = asyncio.create_task(devices.run())
        try:
            yield Node(config, devices)
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.parametrize(
    ("family", "baud", "cause", "says"),
    [("printer", 19200, "other_speed", "baud=19200"), ("sdt", 9600, "other_device", "swapped")],
)
async def test_a_printer_is_found_at_its_speed(
    tmp_path: Path, family: str, baud: int, cause: str, says: str
) -> None:
    async with node(tmp_path, family, PrinterSim(), baud) as at:
        judged = judge(await elsewhere.asked(at.ask, await at.unheard()))
        assert (judged.verdict, judged.cause.code) == ("fault", cause), judged
        assert says in judged.cause.next.en and "hallctl reload" in judged.cause.next.zh
        assert str(baud) in judged.evidence[0].zh and str(baud) in judged.evidence[0].en
        assert at.asked == ["device.release", "device.restart"]
        await at.unheard()  # the line is the driver's again


async def test_where_nobody_answers_at_any_speed_power_and_cable_are_likely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "ANSWER_S", 0.05)  # nobody is waited for
    async with node(tmp_path, "printer", Nobody(), 9600) as at:
        judged = judge(await elsewhere.asked(at.ask, await at.unheard()))
        assert judged.cause.code == "never_heard"
        assert "wrong baud rate" in judged.cause.what.en and "波特率" in judged.cause.what.zh
        assert "power or cable" in judged.evidence[0].en and "没通电" in judged.evidence[0].zh


async def test_a_line_that_is_not_given_away_stays_as_it_was(tmp_path: Path) -> None:
    async with node(tmp_path, "printer", Nobody(), 9600) as at:
        at.refuses = True
        judged = judge(await elsewhere.asked(at.ask, await at.unheard()))
        assert (judged.cause.code, judged.evidence[0].en) == ("never_heard", "it works")
        assert at.asked == ["device.release"]
