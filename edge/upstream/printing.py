"""Papers of payments on the printer of the tickets: a receipt's text is had of the services each time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from drivers.api import Clock
from drivers.messages import Order, Outcome, PrintSlip, Result
from edge.rules.effects import PrintReceipt
from edge.rules.model import Input
from edge.rules.payments_model import ReceiptEnded
from edge.settings import Settings
from edge.upstream.messages import Receipt
from edge.upstream.papers import Block, Sheet
from edge.upstream.payments import Hall
from edge.upstream.port import Away, Upstream, UpstreamError
from edge.wire import PaymentsSettled

log = logging.getLogger(__name__)

DEADLINE_S = 30.0  # as of a notice, which is as long
TRIES = 3  # to have a receipt's text, while a citizen waits for it
AGAIN_S = 1.0


class Devices(Protocol):
    """What printing needs of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...


class Papers:
    """`say` hands the end of each receipt to the rules. Its tasks are as many as receipts are begun."""

    def __init__(
        self,
        *,
        settings: Settings,
        hall: Hall,
        devices: Devices,
        problem: Callable[[], str],
        upstream: Upstream,
        clock: Clock,
        say: Callable[[Input], Coroutine[None, None, object]],
    ) -> None:
        self._hall_name = settings.hall.name  # no reload changes what is used of them
        self._zone = ZoneInfo(settings.hall.timezone)
        self._columns = settings.rules_hall().slip_columns
        self._printer = settings.printer
        self._hall = hall
        self._devices = devices
        self.problem = problem  # that stops the printer now, "" while it can print
        self._upstream = upstream
        self._clock = clock
        self._say = say
        self._tasks: set[asyncio.Task[None]] = set()

    def receipt(self, effect: PrintReceipt) -> None:
        task = asyncio.create_task(self._receipt(effect))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def certificate(self, job: str, paper: Receipt) -> Outcome:
        sheet = await self._sheet()
        return await self._print(job, sheet.receipt(paper, "", copy=False))

    async def settlement(self, job: str, settled: PaymentsSettled) -> Outcome:
        sheet = await self._sheet()
        return await self._print(job, sheet.settlement(settled))

    async def note(self, job: str, write: Callable[[Sheet], tuple[Block, ...]]) -> Outcome:
        """Of a case or an appointment."""
        return await self._print(job, write(await self._sheet()))

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receipt(self, effect: PrintReceipt) -> None:
        try:
            blocks = await self._text(effect)
        except UpstreamError as error:
            log.info("the receipt of payment …%s: %s", effect.key[-4:], error)
            outcome = Outcome(Result.FAILED, error.code)
        else:
            outcome = await self._print(f"{effect.key}/{effect.slips}", blocks)
        await self._say(ReceiptEnded(effect.key, effect.slips, outcome.result, outcome.code))

    async def _text(self, effect: PrintReceipt) -> tuple[Block, ...]:
        payment = self._hall.state.payments.get(effect.key)
        for _ in range(TRIES - 1):
            try:
                paper = await self._upstream.receipt(effect.key)
                break
            except Away:
                await self._clock.sleep(AGAIN_S)
        else:
            paper = await self._upstream.receipt(effect.key)
        sheet = await self._sheet()
        return sheet.receipt(paper, payment.order if payment else "", copy=effect.copy)

    async def _print(self, job: str, blocks: tuple[Block, ...]) -> Outcome:
        outcome = await self._devices.order(self._printer, PrintSlip(job, blocks), DEADLINE_S)
        log.info("a paper of payments: %s %s", outcome.result, outcome.code)
        return outcome

    async def _sheet(self) -> Sheet:
        """Whether it is made-up data is asked first: nothing of it goes on paper unmarked."""
        about = await self._upstream.about()
        now = datetime.fromtimestamp(self._hall.clock.now().wall_s, self._zone)
        return Sheet(self._hall_name, self._columns, about.sandbox, f"{now:%Y-%m-%d %H:%M}")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a receipt failed: %s", error, exc_info=error)
