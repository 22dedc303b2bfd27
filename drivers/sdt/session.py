"""One link's life with a reader: one question at a time, and each answer held against it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Never

from drivers.api import BadFrame, Context, Identity, Link
from drivers.erase import erase
from drivers.mishaps import Tolerance
from drivers.sdt import commands
from drivers.sdt.codec import Answer, CardReply, SdtCodec, request
from drivers.sdt.commands import Command
from drivers.sdt.health import BLOCKING
from drivers.sdt.settings import SdtSettings

_REMEDY = "Check baud rate (115200) and cable; one program only may use the line"


class Session:
    """Used once: a line opened again gets a new one. Who asks holds `free`: no answer says whose it is."""

    def __init__(self, link: Link, ctx: Context[SdtSettings]) -> None:
        self.free = asyncio.Lock()
        self.heard_s = ctx.clock.now().mono_s  # when a question was last answered
        self._link = link
        self._ctx = ctx
        self._settings = settings = ctx.settings
        self._limits_s = {
            "status": settings.status_timeout_s,
            "find": settings.find_timeout_s,
            "select": settings.select_timeout_s,
            "read": settings.read_timeout_s,
        }
        self._codec = SdtCodec()
        self._asked: Command | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._owed_until_s = 0.0  # loop time; an answer that nobody waits for any more may still come
        self._late = asyncio.Event()  # it has come
        self._missed = 0
        self._greeted = False
        self._on: set[str] = set()
        self._tolerance = Tolerance(ctx, settings.bad_frames, _REMEDY)

    @property
    def problem(self) -> str:
        """The condition with which no card can be read, "" where there is none."""
        return next((code for code in BLOCKING if code in self._on), "")

    # --- out ---
    async def ask(self, command: Command) -> Answer | None:
        """The reader's answer, or None where there was none in time. May be cancelled at any moment.

        A command that was not understood is said again. What the answer says of the reader itself is told.
        Raises LinkLost.
        """
        for _ in range(self._settings.retries + 1):
            answer = await self._ask_once(command)
            if answer is None or answer.sw not in commands.MISUNDERSTOOD:
                break
        if answer is not None:
            self._learn(answer.sw)
        return answer

    async def answers(self) -> bool:
        """Ask how it is, as often as it takes to call it silent."""
        async with self.free:
            for _ in range(self._settings.tries):
                if await self.ask(commands.STATUS) is not None:
                    return True
        return False

    async def _ask_once(self, command: Command) -> Answer | None:
        """A question is put only when the answer to the one before has come, or can no longer come."""
        await self._settle()
        limit_s = self._limits_s[command.name] + self._settings.slack_s
        coming: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked, self._answer = command, coming
        answer: Answer | None = None
        try:
            await self._link.write(request(command.code))
            async with asyncio.timeout(limit_s):
                answer = await coming
        except TimeoutError:
            self._miss()
        finally:
            self._asked = self._answer = None
            if answer is None:
                self._give_up(coming, limit_s)
        return answer

    def _give_up(self, coming: asyncio.Future[Answer], limit_s: float) -> None:
        if coming.done() and not coming.cancelled():  # it came in the same turn of the loop
            _wipe(coming.result())
        else:
            self._late.clear()
            self._owed_until_s = _loop_s() + limit_s

    async def _settle(self) -> None:
        if self._owed_until_s > _loop_s():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._owed_until_s):
                    await self._late.wait()
        self._owed_until_s = 0.0
        self._take(self._codec.expire())

    # --- in ---
    async def listen(self) -> Never:
        """Raises LinkLost, and ProtocolBreach when the budget of bad frames is spent."""
        try:
            while True:
                data = await self._link.read()
                try:
                    self._take(self._codec.feed(data))
                finally:  # as there
                    erase(data)
        finally:
            self._codec.wipe()

    def _take(self, found: Sequence[Answer | BadFrame]) -> None:
        kept: Answer | None = None
        try:
            for frame in found:
                if isinstance(frame, BadFrame):
                    self._tolerance.spend(frame.reason)
                elif self._use(frame):
                    kept = frame
        finally:  # also where the budget is spent
            for frame in found:
                if isinstance(frame, CardReply) and frame is not kept:
                    frame.wipe()

    def _use(self, answer: Answer) -> bool:
        """False where nobody waits for it."""
        if self._answer is not None and self._asked is not None and not self._answer.done():
            if not self._asked.is_answered_by(answer):
                self._tolerance.spend(f"no answer to {self._asked.name}: SW {answer.sw:06X}")
                return False
            self._answer.set_result(answer)
            self._hear()
            return True
        if _loop_s() < self._owed_until_s and not self._late.is_set():
            self._late.set()
            self._ctx.log.debug("an answer came too late: SW %06X", answer.sw)
        else:
            self._tolerance.spend(f"not asked for: SW {answer.sw:06X}")
        return False

    # --- what it means ---
    def _hear(self) -> None:
        self._missed = 0
        self.heard_s = self._ctx.clock.now().mono_s
        self._ctx.alive()
        self._tell("silent", False)
        if not self._greeted:
            self._greeted = True
            self._ctx.ready(Identity(model="SDT"))

    def _miss(self) -> None:
        self._missed += 1
        if self._missed >= self._settings.tries:
            self._tell("silent", True)

    def _learn(self, sw: int) -> None:
        self._tell("self_test", sw == commands.SELF_TEST)
        self._tell("unauthorised", sw == commands.UNAUTHORISED)
        self._tell("garbled", sw in commands.MISUNDERSTOOD)

    def _tell(self, code: str, on: bool) -> None:
        if on == (code in self._on):
            return
        (self._on.add if on else self._on.discard)(code)
        self._ctx.condition(code, on)


def _loop_s() -> float:
    return asyncio.get_running_loop().time()


def _wipe(answer: Answer) -> None:
    if isinstance(answer, CardReply):
        answer.wipe()
