"""A bench: the driver and a simulated printer at the two ends of a null modem."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import ClassVar

from drivers.api import Link
from drivers.messages import Outcome, PrintSlip, SlipLine
from drivers.printer.driver import PrinterDriver
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim import PrinterSim
from drivers.transport.sick import WELL, Ills
from tests.protocol import driver_bench
from tests.protocol.driver_bench import at_work

FAST = PrinterSettings(
    heartbeat_s=0.05,
    answer_timeout_s=0.1,
    silent_limit_s=30.0,
    job_timeout_s=0.5,
    recover_every_s=0.05,
    min_size=1,
)
# Nothing but an order is written, however long it takes to be.
UNASKED = replace(FAST, heartbeat_s=60.0, answer_timeout_s=10.0, job_timeout_s=60.0)
SLIP = PrintSlip("job", (SlipLine("A012", 6, "center"), SlipLine("请等候叫号", 2)))
SLIP_TEXT = ["A012", "请等候叫号"]


class Bench(driver_bench.Bench[PrinterSettings, PrinterSim]):
    LIMIT_S: ClassVar[float] = 10.0  # of real time

    async def print(self, slip: PrintSlip = SLIP) -> Outcome:
        return await self.obey(slip)


def experienced() -> PrinterDriver:
    """A driver that knows of no paper left hanging in the printer."""
    driver = PrinterDriver()
    driver._paper.residue = "none"
    return driver


def bench(
    sim: PrinterSim | None = None,
    settings: PrinterSettings = FAST,
    driver: PrinterDriver | None = None,
    ills: Ills = WELL,
    wrap: Callable[[Link], Link] = lambda link: link,
) -> AbstractAsyncContextManager[Bench]:
    """A driver at work with a simulated printer, by default one that has printed before. `wrap` puts
    something into the line on the driver's side."""
    return at_work(Bench, driver or experienced(), settings, sim or PrinterSim(), ills, wrap=wrap)
