"""One link's life with a scanner: one command at a time, each reply held against it, and codes between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Never

from drivers.api import BadFrame, Context, Link
from drivers.messages import Outcome, Result
from drivers.mishaps import Tolerance
from drivers.newland.codec import Command, Frame, NewlandCodec, Reply, Scan, Spoilt
from drivers.newland.commands import ABOUT, LIGHT_ON, identity
from drivers.newland.conditions import UNDECODABLE
from drivers.newland.settings import NewlandSettings
from drivers.scanning import Asking, read, without_controls

_REMEDY = "Check baud rate and cable; one program only may use the line"
_OF_A_CODE = ("control_characters", "undecodable", "cut_short", "code_too_long")


class Session:
    """Used once: a line opened again gets a new one."""

    def __init__(self, link: Link, ctx: Context[NewlandSettings]) -> None:
        self.asking = Asking()
        self.silent = False
        self.heard_s = ctx.clock.now().mono_s  # when a command was last answered
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._codec = NewlandCodec()
        self._one_at_a_time = asyncio.Lock()
        self._asked: Command | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self._missed = 0
        self._greeted = False
        self._on: set[str] = set()
        self._tolerance = Tolerance(ctx, ctx.settings.bad_frames, _REMEDY)

    # --- out ---
    async def ask(self, command: Command) -> Reply | None:
        """The reply, or None where there was none in time. Raises LinkLost."""
        async with self._one_at_a_time:
            self._asked, self._answer = command, asyncio.get_running_loop().create_future()
            try:
                await self._link.write(command.encode())
                async with asyncio.timeout(self._settings.answer_timeout_s):
                    reply = await self._answer
            except TimeoutError:
                self._miss()
                return None
            finally:
                self._asked = self._answer = None
        if command == LIGHT_ON:
            self._tell("refused", not reply.ok)
        return reply

    async def answers(self) -> bool:
        """Ask who it is, as often as it takes to call it silent."""
        for _ in range(self._settings.tries):
            if await self.ask(ABOUT) is not None:
                return True
        return False

    def forget(self) -> None:
        """Nobody asks for a code any more."""
        self._codec.wipe()

    # --- in ---
    async def listen(self) -> Never:
        """Raises LinkLost, and ProtocolBreach when the budget of bad frames is spent."""
        try:
            while True:
                try:
                    async with asyncio.timeout(self._settings.gap_s if self._codec.pending else None):
                        data = await self._link.read()
                except TimeoutError:
                    self._take(self._codec.expire())
                    continue
                self._codec.keep = self.asking.is_open
                self._take(self._codec.feed(data))
        finally:
            self._codec.wipe()

    def _take(self, found: Sequence[Frame | BadFrame]) -> None:
        for frame in found:
            match frame:
                case Reply():
                    self._use(frame)
                case Scan(data):
                    self._read(data)
                case Spoilt(code):
                    self._settle(Outcome(Result.FAILED, code), code)
                case BadFrame(reason):
                    self._tolerance.spend(reason)

    def _use(self, reply: Reply) -> None:
        asked, answer = self._asked, self._answer
        fits = asked is not None and (asked.kind, asked.tag) == (reply.kind, reply.tag)
        if not fits or answer is None or answer.done():
            self._tolerance.spend(f"a reply that was not asked for: {reply.kind}{reply.tag}")
            return
        answer.set_result(reply)
        self._hear(reply)

    def _read(self, data: bytes) -> None:
        try:
            text = _text(data)
        except UnicodeDecodeError:
            self._settle(Outcome(Result.FAILED, "undecodable", UNDECODABLE), "undecodable")
            return
        text, left_out = without_controls(text)
        problem = "control_characters" if left_out else ""
        if text:
            self._settle(read(text, left_out), problem)
        else:
            self._tell("control_characters", left_out > 0)

    def _settle(self, outcome: Outcome, problem: str) -> None:
        for code in _OF_A_CODE:
            self._tell(code, code == problem)
        self.asking.settle(outcome)

    # --- how it is ---
    def _hear(self, reply: Reply) -> None:
        self._missed, self.silent = 0, False
        self.heard_s = self._ctx.clock.now().mono_s
        self._ctx.alive()
        self._tell("silent", False)
        if reply.tag == ABOUT.tag and not self._greeted:
            self._greeted = True
            self._ctx.ready(identity(reply))

    def _miss(self) -> None:
        self._missed += 1
        if self._missed >= self._settings.tries:
            self.silent = True
            self._tell("silent", True)

    def _tell(self, code: str, on: bool) -> None:
        if on == (code in self._on):
            return
        (self._on.add if on else self._on.discard)(code)
        self._ctx.condition(code, on)


def _text(data: bytes) -> str:
    """UTF-8 where it is that, else GBK. Raises UnicodeDecodeError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gbk")
