"""A context that records, and a bench: driver and simulated printer at the two ends of a null modem."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Never

from drivers.api import DriverError, Health, Identity, Link
from drivers.messages import Body, Instant, Order, Outcome, PrintSlip, SlipLine
from drivers.printer.driver import PrinterDriver
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim import PrinterSim
from drivers.transport import null

FAST = PrinterSettings(
    heartbeat_s=0.05,
    answer_timeout_s=0.1,
    silent_limit_s=30.0,
    job_timeout_s=0.5,
    recover_every_s=0.05,
    min_size=1,
)
LIMIT_S = 10.0  # for anything to come about in a test
SLIP = PrintSlip("job", (SlipLine("A012", 6, "center"), SlipLine("请等候叫号", 2)))
SLIP_TEXT = ["A012", "请等候叫号"]


class LoopClock:
    def now(self) -> Instant:
        return Instant(1_700_000_000.0, asyncio.get_running_loop().time(), clock_ok=True)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


@dataclass(slots=True, eq=False)
class RecordedCommand:
    device: str
    order: Order
    changed: Callable[[], None]
    outcomes: list[Outcome] = field(default_factory=list)

    def finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.changed()

    async def withdrawn(self) -> None:
        await asyncio.Event().wait()


class RecordingContext:
    """What the driver says is kept; `order` gives it something to do."""

    def __init__(self, settings: PrinterSettings) -> None:
        self.settings = settings
        self.device = "printer"
        self.clock = LoopClock()
        self.log = logging.LoggerAdapter(logging.getLogger(__name__), {})
        self.identities: list[Identity] = []
        self.alive_count = 0
        self.conditions: set[str] = set()
        self.history: list[tuple[str, bool]] = []
        self._waiting: deque[RecordedCommand] = deque()
        self._changed = asyncio.Event()

    def ready(self, identity: Identity) -> None:
        self.identities.append(identity)
        self._notify()

    def alive(self) -> None:
        self.alive_count += 1
        self._notify()

    def condition(self, code: str, on: bool, detail: str = "") -> None:  # noqa: ARG002 the contract's shape
        (self.conditions.add if on else self.conditions.discard)(code)
        self.history.append((code, on))
        self._notify()

    def attribute(self, name: str, value: str) -> None:
        raise AssertionError(f"a printer has no {name} to tell: {value}")

    def child(self, device: str) -> Health:
        raise KeyError(device)

    async def emit(self, body: Body, device: str | None = None) -> None:  # noqa: ARG002 the same
        raise AssertionError(f"a printer has nothing to tell: {body}")

    async def commands(self) -> AsyncIterator[RecordedCommand]:
        while True:
            await self.until(lambda: bool(self._waiting))
            yield self._waiting.popleft()

    def order(self, order: Order) -> RecordedCommand:
        command = RecordedCommand(self.device, order, self._notify)
        self._waiting.append(command)
        self._notify()
        return command

    async def outcome(self, command: RecordedCommand) -> Outcome:
        await self.until(lambda: bool(command.outcomes))
        assert len(command.outcomes) == 1
        return command.outcomes[0]

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._changed.wait()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


@dataclass(slots=True)
class Bench:
    ctx: RecordingContext
    sim: PrinterSim
    link: Link
    run: asyncio.Task[Never]

    async def ready(self) -> None:
        await self.until(lambda: bool(self.ctx.identities))

    async def shows(self, *codes: str) -> None:
        """Wait until exactly these conditions are on."""
        await self.until(lambda: self.ctx.conditions == set(codes))

    async def print(self, slip: PrintSlip = SLIP) -> Outcome:
        return await self.ctx.outcome(self.ctx.order(slip))

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the driver or the simulator has brought it about; fails when the driver ends first."""
        async with asyncio.timeout(LIMIT_S):
            while not true():
                if self.run.done():
                    await self.run
                await asyncio.sleep(0.005)

    async def error(self) -> DriverError:
        """What the driver ended with."""
        done, _ = await asyncio.wait([self.run], timeout=LIMIT_S)
        assert done, "the driver has not ended"
        error = self.run.exception()
        assert isinstance(error, DriverError), error
        return error


def experienced() -> PrinterDriver:
    """A driver that knows of no paper left hanging in the printer."""
    driver = PrinterDriver()
    driver._paper.residue = "none"
    return driver


@asynccontextmanager
async def bench(
    sim: PrinterSim | None = None,
    settings: PrinterSettings = FAST,
    driver: PrinterDriver | None = None,
    wrap: Callable[[Link], Link] = lambda link: link,
) -> AsyncIterator[Bench]:
    """A driver at work with a simulated printer, by default one that has printed before. `wrap` puts
    something into the line on the driver's side."""
    near, far = null.pair("printer")
    sim = sim or PrinterSim()
    ctx = RecordingContext(settings)
    link = wrap(near)
    peer = asyncio.create_task(sim.run(far))
    run = asyncio.create_task((driver or experienced()).run(link, ctx))
    try:
        yield Bench(ctx, sim, link, run)
    finally:
        run.cancel()
        await near.close()
        await asyncio.wait([peer], timeout=0.2)  # it ends by itself, unless something holds it
        peer.cancel()
        ended = await asyncio.gather(run, peer, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, DriverError):
                raise error
