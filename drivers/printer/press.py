"""Printing one slip, and an honest word on whether it came out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from drivers.api import Context
from drivers.messages import Outcome, PrintSlip, Result, SlipLine
from drivers.printer import commands, render
from drivers.printer.session import Session
from drivers.printer.settings import PrinterSettings
from drivers.printer.status import RECOVERABLE, STOPPING

_VOID = (SlipLine("作废 VOID", 4, "center"), SlipLine("以上内容无效，请重新取号", 2, "center"))
_UNCONFIRMED = "unconfirmed"  # the printer answers, but never said that the job is through


@dataclass(slots=True)
class Paper:
    """What a broken job may have left under the cutter. Outlives a link.

    "unknown", at the start: a daemon that was killed may have left half a slip there, and the next one would
    hang on it. That is cut off before the first job and not before, so that a daemon which starts again and
    again cuts no paper. It bears no mark, because its number may be good.
    """

    residue: Literal["none", "uncut", "void", "unknown"] = "unknown"


class Press:
    """Prints slips one at a time, in two steps: the cut is sent only once the printer has said that all
    before it is worked off. So as long as it has not been sent, no slip can have come out whole."""

    def __init__(self, session: Session, ctx: Context[PrinterSettings], paper: Paper) -> None:
        self.begun = False  # the order in hand has reached the printer, in part at least
        self._session = session
        self._settings = ctx.settings
        self._clock = ctx.clock
        self._log = ctx.log
        self._paper = paper
        self._lock = asyncio.Lock()
        self._recovered_s = -self._settings.recover_every_s

    async def print(self, slip: PrintSlip) -> Outcome:
        """Raises LinkLost; the order is then UNKNOWN where `begun`."""
        self.begun = False
        if code := self._session.book.blocking():
            return Outcome(Result.REJECTED, code)
        try:
            pieces = await self._render(slip)
        except render.BadSlip as bad:
            return Outcome(Result.REJECTED, "bad_slip", str(bad))
        async with self._lock:
            await self._clean()
            if code := self._session.book.blocking():
                return Outcome(Result.REJECTED, code)
            self.begun = True
            return await self._run(pieces)

    @property
    def busy(self) -> bool:
        return self._lock.locked()

    async def tidy(self) -> None:
        """Cut off what a broken job left, once the printer can; nothing while a job is under way."""
        if self._paper.residue in ("uncut", "void") and not self.busy:
            async with self._lock:
                await self._clean()

    async def recover(self) -> None:
        """Bring the printer back after an error whose cause may be gone."""
        now_s = self._clock.now().mono_s
        due = now_s - self._recovered_s >= self._settings.recover_every_s
        ends = RECOVERABLE & self._session.book.codes()
        if due and ends:
            self._recovered_s = now_s
            n = 0 if ends == {"awaiting_recovery"} else self._settings.recovery
            await self._session.send(commands.recover(n))

    # --- one job ---
    async def _render(self, slip: PrintSlip) -> list[bytes]:
        if render.draws(slip.blocks, self._settings):
            return await asyncio.to_thread(render.render, slip.blocks, self._settings)
        return render.render(slip.blocks, self._settings)

    async def _run(self, pieces: Sequence[bytes]) -> Outcome:
        self._paper.residue = "void"
        stop = await self._stage(pieces)
        if stop is not None:
            await self._forget()
            certain = stop in STOPPING
            detail = "stopped before the cut" if certain else "no print-done answer before the cut"
            return Outcome(Result.FAILED if certain else Result.UNKNOWN, stop, detail)
        self._paper.residue = "uncut"
        stop = await self._stage([commands.feed_and_cut(self._settings.cut_feed)])
        if stop is None and await self._session.ask(1) is None:
            stop = "silent"  # a line that breaks reads as 00, which looks like a print-done answer
        if stop is not None:
            await self._forget()
            return Outcome(Result.UNKNOWN, stop, "no print-done answer after the cut")
        self._paper.residue = "none"
        return Outcome(Result.DONE)

    async def _stage(self, pieces: Sequence[bytes]) -> str | None:
        """None once all of it is worked off, else why the wait ended: a condition's code or `unconfirmed`."""
        with self._session.watch() as watch:
            for piece in [*pieces, commands.PRINT_DONE]:
                if watch.fault.done():
                    break
                await self._session.send(piece)
            ends: list[asyncio.Future[Any]] = [watch.done, watch.fault]
            limit_s = self._settings.job_timeout_s
            await asyncio.wait(ends, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if not watch.done.done():
                # Answers come in order: one already on its way is here before this one. And a printer
                # without ASB tells its fault only now.
                await self._session.sweep()
            if watch.done.done():
                return None
            return watch.fault.result() if watch.fault.done() else _UNCONFIRMED

    async def _forget(self) -> None:
        """Take the rest of the job out of the printer, as far as the model can."""
        if self._settings.clear == "dc4":
            await self._session.send(commands.CLEAR_BUFFERS)
        elif self._settings.clear == "enq":
            await self._session.send(commands.recover(2))

    async def _clean(self) -> None:
        """Mark what is not cut off yet as void, where it is, and cut it off. A printer that does not confirm
        even this is not asked again: paper would run out without end."""
        residue = self._paper.residue
        if residue == "none" or self._session.book.blocking():
            return
        self._log.info("cutting off what a broken job left (%s)", residue)
        void = render.render(_VOID, self._settings) if residue == "void" else [render.start(self._settings)]
        stop = await self._stage([*void, commands.feed_and_cut(self._settings.cut_feed)])
        if stop is None:
            await self._session.fence()  # lest a late answer be taken for the next job's
        if stop in (None, _UNCONFIRMED):
            self._paper.residue = "none"
