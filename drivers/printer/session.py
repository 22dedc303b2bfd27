"""One link's life with a printer: one reader, one writer at a time, one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, Never, TypeVar

from drivers.api import BadFrame, Context, Identity, Link
from drivers.mishaps import Tolerance
from drivers.printer import commands
from drivers.printer.codec import Answer, Asb, Cleared, PaperReply, PrinterCodec, RealTime, Text
from drivers.printer.settings import PrinterSettings
from drivers.printer.status import ASB, CONDITIONS, REAL_TIME, Code, Source, StatusBook

T = TypeVar("T")
_QUERIES: tuple[Literal[1, 2, 3, 4], ...] = (1, 2, 3, 4)
_LONGEST_COMMAND = 512  # bytes, beside raster bands: a QR code with its data
_REMEDY = "Check line speed, parity, flow control and cable; one program only may use the line"


@dataclass(slots=True)
class Watch:
    """What ends the wait for a job: the print-done answer, or the condition that stopped the printer."""

    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    fault: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Session:
    def __init__(self, link: Link, ctx: Context[PrinterSettings]) -> None:
        self.book = StatusBook(ctx.settings.status)
        self.decided = asyncio.Event()  # the printer has answered once, or is known to be silent
        self.heard_s = ctx.clock.now().mono_s  # when a question was last answered
        self.identity = Identity()
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._codec = PrinterCodec()
        self._writing = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._naming = asyncio.Lock()
        self._answer: asyncio.Future[int] | None = None
        self._text: asyncio.Future[str] | None = None
        self._watch: Watch | None = None
        self._asb_frames = 0
        self._last_asb: Asb | None = None
        self._missed = 0
        self._told: dict[str, bool] = {}
        self._tolerance = Tolerance(ctx, ctx.settings.bad_frames, _REMEDY)
        self._drained_s = 0.0  # loop time by which a slow line has passed on all that it was handed
        self._drained = asyncio.Event()  # the printer has said so before

    # --- out ---
    async def send(self, data: bytes) -> None:
        """`data` is one or more whole commands: a status query may follow. Raises LinkLost."""
        async with self._writing:
            await self._link.write(data)
            self._drained.clear()
            self._drained_s = max(self._drained_s, _loop_s()) + len(data) / self._settings.line_bytes_per_s

    async def flush(self) -> None:
        """End a command that a lost line cut off: the printer would take all we say for its data. NUL is
        ignored outside commands."""
        await self.send(bytes(max(self._settings.band_bytes, _LONGEST_COMMAND)))

    async def ask(self, n: Literal[1, 2, 3, 4]) -> int | None:
        """The answer to DLE EOT n, or None where there was none in time.

        Answers carry no number, so one question is out at a time; after a time-out the line is given the
        same time again, so that a late answer does not pass for the next question's. While earlier bytes
        may still be on the way, it is not asked yet.
        """
        async with self._asking:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._drained_s):
                    await self._drained.wait()
            self._answer = asyncio.get_running_loop().create_future()
            try:
                await self.send(commands.status(n))
                async with asyncio.timeout(self._settings.answer_timeout_s):
                    status = await self._answer
            except TimeoutError:
                self._answer = None
                self._miss()
                await asyncio.sleep(self._settings.answer_timeout_s)
                return None
            finally:
                self._answer = None
            self.heard_s = self._now_s()
            return status

    async def sweep(self) -> bool:
        """Ask for the whole status. False where an answer is missing; then nothing is known anew, also not
        that it is silent no more: where answers come too late, some pass for the next question's."""
        asb_before = self._asb_frames
        status: dict[Source, int] = {}
        for n, source in zip(_QUERIES, REAL_TIME, strict=True):
            answer = await self.ask(n)
            if answer is None:
                return False
            status[source] = answer
        self._missed = 0
        self._mark_silent(False)
        if self._asb_frames == asb_before:  # else that was newer than our first question
            self.book.update(status)
        self._tell()
        return True

    async def answers(self) -> bool:
        """Ask for the whole status, as often as it takes to call it silent."""
        for _ in range(self._settings.tries):
            if await self.sweep():
                return True
        return False

    async def identify(self) -> None:
        """Learn model, serial number and firmware, as far as the printer tells them and only while online."""
        limit_s = self._settings.answer_timeout_s
        if model := await self._ask_text(commands.MODEL, limit_s):
            serial = await self._ask_text(commands.SERIAL, limit_s)
            self.identity = Identity(model, serial, await self._ask_text(commands.FIRMWARE, limit_s))

    async def fence(self) -> None:
        """Let every print-done answer that is still owed pass: the answer to GS I comes after them all.
        A printer without GS I is given time instead."""
        if self.identity.model:
            await self._ask_text(commands.MODEL, self._settings.job_timeout_s)
        else:
            await asyncio.sleep(self._settings.answer_timeout_s)

    async def _ask_text(self, n: int, limit_s: float) -> str:
        """The answer to GS I n, "" where there was none in time."""
        async with self._naming:
            self._text = asyncio.get_running_loop().create_future()
            self._codec.expect_text = True
            try:
                await self.send(commands.identify(n))
                async with asyncio.timeout(limit_s):
                    return await self._text
            except TimeoutError:
                return ""
            finally:
                self._text = None
                self._codec.expect_text = False

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Wait for the end of a job; one at a time."""
        self._watch = Watch()
        self._tell()
        try:
            yield self._watch
        finally:
            self._watch = None

    # --- in ---
    async def listen(self) -> Never:
        """Raises LinkLost, and ProtocolBreach when the budget of bad frames is spent."""
        while True:
            for frame in self._codec.feed(await self._link.read()):
                if isinstance(frame, BadFrame):
                    self._tolerance.spend(frame.reason, frame.data)
                elif self._use(frame):
                    self._ctx.alive()
                else:
                    self._tolerance.spend("not asked for", self._codec.encode(frame))

    def _use(self, frame: Answer) -> bool:
        """False where nobody waits for this frame and it tells nothing new."""
        match frame:
            case RealTime(status):
                return _settle(self._answer, status)
            case PaperReply():
                self._drained_s = _loop_s()
                self._drained.set()
                return _settle(self._watch.done if self._watch else None, None)
            case Text(text):
                return _settle(self._text, text)
            case Cleared():
                return False
            case Asb():
                new = frame != self._last_asb
                self._last_asb = frame
                self._asb_frames += 1
                self.book.update(dict(zip(ASB, frame.status, strict=True)))
                self._tell()
                return new or self._watch is not None  # a job asks for one

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s

    # --- what it means ---
    def _miss(self) -> None:
        if held := self._codec.drop():
            self._tolerance.spend(held.reason, held.data)
        self._missed += 1
        if self._missed >= self._settings.tries:
            self._mark_silent(True)

    def _mark_silent(self, on: bool) -> None:
        silent: Code = "silent"
        self.book.mark(silent, on)
        if on or self._told.get(silent):
            self._tell()
        if on:
            self.decided.set()

    def _tell(self) -> None:
        on = self.book.codes()
        for spec in CONDITIONS:
            if self._told.get(spec.code) != (spec.code in on):
                self._told[spec.code] = spec.code in on
                self._ctx.condition(spec.code, spec.code in on)
        stopped = self.book.stopped() or ("silent" if "silent" in on else "")
        if self._watch and stopped:
            _settle(self._watch.fault, stopped)


def _loop_s() -> float:
    return asyncio.get_running_loop().time()


def _settle(future: asyncio.Future[T] | None, value: T) -> bool:
    if future is None or future.done():
        return False
    future.set_result(value)
    return True
