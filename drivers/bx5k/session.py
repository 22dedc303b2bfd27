"""One opened line: one question at a time, each with its answer, or the reason why there is none.

An answer names its command and no more. An answer that comes late must not pass for the next question's, so
after a repeated question the answers that are still owed are let pass first.
"""

from __future__ import annotations

import asyncio
from typing import Never

from drivers.api import BadFrame, Context, Link
from drivers.bx5k import commands
from drivers.bx5k.codec import BoardCodec, Frame
from drivers.bx5k.commands import Reply
from drivers.bx5k.health import BoardHealth
from drivers.bx5k.settings import BoardSettings
from drivers.mishaps import Tolerance

_REMEDY = "Check speed, parity and cable; one program only may use the line"


class Silent(Exception):
    """No answer, as often as it was asked."""


class Refused(Exception):
    """The board's own no. `code` is the condition that says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Session:
    def __init__(self, link: Link, ctx: Context[BoardSettings], health: BoardHealth) -> None:
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._health = health
        self._codec = BoardCodec()
        self._asking = asyncio.Lock()
        self._question = Frame(b"")
        self._answer: asyncio.Future[Reply] | None = None
        self._asked = 0  # how often this question has been put
        self._owed = 0  # answers to it that have not come
        self._settled = asyncio.Event()  # none is owed
        self._answered_once = False  # this question, put once: another answer is another board's
        self._tolerance = Tolerance(ctx, ctx.settings.bad_frames, _REMEDY)
        self.heard_s = self._now_s()  # when the board last answered
        self.device = 0  # its type, by its own word

    async def ask(self, data: bytes) -> Reply:
        """The board's good answer to a command. Raises Silent, Refused and LinkLost."""
        async with self._asking:
            await self._let_pass()
            return await self._until_accepted(data)

    async def _until_accepted(self, data: bytes) -> Reply:
        """Every command may be repeated: it says how things are to be, not how they are to change."""
        settings = self._settings
        unheard = busy = self._asked = 0
        while True:
            reply = await self._once(data)
            if reply is not None:
                self.heard_s = self._now_s()
                self._health.tell("silent", False)
            if reply is None or reply.error == commands.BAD_CHECK:
                unheard += 1
                if unheard >= settings.tries:
                    raise Silent if reply is None else self._refused(data, reply.error)
            elif reply.error == commands.BUSY:
                busy += 1
                if busy >= settings.busy_tries:
                    raise self._refused(data, reply.error)
                await self._ctx.clock.sleep(settings.busy_pause_s)
            elif reply.error:
                raise self._refused(data, reply.error)
            else:
                self._health.accepted(data[:2])
                return reply

    async def _once(self, data: bytes) -> Reply | None:
        """What is answered to this one asking, None where nothing is in time."""
        self._question = Frame(data, self._settings.address, device=self._settings.device_type)
        self._answer = asyncio.get_running_loop().create_future()
        self._asked += 1
        self._answered_once = False
        self._owed += 1
        self._settled.clear()
        try:
            await self._link.write(self._codec.encode(self._question))
            async with asyncio.timeout(self._settings.answer_timeout_s):
                return await self._answer
        except TimeoutError:
            return None
        finally:
            self._answer = None

    async def _let_pass(self) -> None:
        """Answers that are lost for good cost this wait; those that are late cannot be told from them."""
        if self._owed:
            try:
                async with asyncio.timeout(self._settings.tries * self._settings.answer_timeout_s):
                    await self._settled.wait()
            except TimeoutError:
                self._owed = 0

    def _refused(self, data: bytes, error: int) -> Refused:
        code = self._health.refused(data[:2], error)
        return Refused(code, f"command {data[:2].hex(' ').upper()}: error {error:02X}")

    # --- in ---
    async def listen(self) -> Never:
        """Raises LinkLost, and ProtocolBreach when the budget of bad frames is spent."""
        while True:
            for frame in self._codec.feed(await self._link.read()):
                if isinstance(frame, BadFrame):
                    self._tolerance.spend(frame.reason, frame.data)
                elif frame != self._question:  # else the adapter hears itself
                    self._take(frame)

    def _take(self, frame: Frame) -> None:
        try:
            reply = commands.reply(frame.data)
        except ValueError as error:
            self._tolerance.spend(str(error), frame.data[:64])
            return
        if (reply.group, reply.command) != tuple(self._question.data[:2]) or not self._owed:
            if self._answered_once and bytes((reply.group, reply.command)) == self._question.data[:2]:
                self._health.tell("answers_twice", True)  # until the line is opened anew
            self._tolerance.spend("not asked for", frame.data[:64])
            return
        self._owed -= 1
        if not self._owed:
            self._settled.set()
        self._answered_once = self._asked == 1
        self.device = frame.device
        self._ctx.alive()
        if self._answer and not self._answer.done():
            self._answer.set_result(reply)

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
