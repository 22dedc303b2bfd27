"""Shows four digits, by three commands of the board.

`Q` asks how it is (answer `S`: 0, or 1 for a dead segment, then its version), `B` sets the brightness and `D`
shows digits (answer `K`: what was set).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar, Never

from drivers.api import (
    BadFrame,
    Command,
    ConditionSpec,
    Context,
    DriverSpec,
    Identity,
    Link,
    LinkLost,
    ProtocolBreach,
)
from drivers.messages import Outcome, Result, ShowDigits

from .codec import MAX_FRAME, DigitsCodec, Frame
from .settings import DigitsSettings

DIGITS = 4
HEARTBEAT_S = 2.0
ANSWER_S = 0.5  # the board answers within 50 ms (its manual, p. 4)
TRIES = 3
BAD_FRAMES = 50  # within one run of the driver: noise on a line that is otherwise good stays far below

_DEAD_SEGMENT = ConditionSpec(
    "dead_segment", "warning", "有笔段不亮", "a segment is dead", "更换显示板", "replace the board"
)


@dataclass(slots=True)
class _Run:
    """One life of the line: who speaks waits for the one answer that the board gives."""

    link: Link
    ctx: Context[DigitsSettings]
    codec: DigitsCodec = field(default_factory=DigitsCodec)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    answers: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(1))
    bad: int = 0

    async def listen(self) -> None:
        while True:
            for frame in self.codec.feed(await self.link.read()):
                if isinstance(frame, BadFrame):
                    self.bad += 1
                    if self.bad > BAD_FRAMES:
                        raise ProtocolBreach(f"more than {BAD_FRAMES} bad frames")
                elif frame.address == self.ctx.settings.address:
                    self.ctx.alive()
                    if self.answers.empty():  # what nobody asked for is thrown away at the next question
                        self.answers.put_nowait(frame)

    async def ask(self, command: str, data: str, answer: str) -> Frame | None:
        """The board's answer, None where it gives none in TRIES."""
        async with self.turn:
            for _ in range(TRIES):
                while not self.answers.empty():
                    self.answers.get_nowait()
                frame = Frame(self.ctx.settings.address, command, data)
                await self.link.write(self.codec.encode(frame))
                try:
                    async with asyncio.timeout(ANSWER_S):
                        while (found := await self.answers.get()).command != answer:
                            pass
                    return found
                except TimeoutError:
                    continue
        return None

    async def tend(self) -> None:
        is_ready = False
        while True:
            status = await self.ask("Q", "", "S")
            if status is None:
                raise LinkLost("the board does not answer")
            self.ctx.condition("dead_segment", status.data[:1] == "1")
            if not is_ready and await self.ask("B", str(self.ctx.settings.brightness), "K"):
                self.ctx.ready(Identity(model="four digits", firmware=status.data[1:]))
                is_ready = True
            await self.ctx.clock.sleep(HEARTBEAT_S)

    async def obey(self) -> None:
        async for command in self.ctx.commands():
            outcome = Outcome(Result.UNKNOWN, "link_lost")
            try:
                outcome = await self._show(command)
            finally:
                command.finish(outcome)

    async def _show(self, command: Command) -> Outcome:
        order = command.order
        if not isinstance(order, ShowDigits) or len(order.digits) > DIGITS:
            return Outcome(Result.REJECTED, "unsupported", f"a board of {DIGITS} digits")
        digits = order.digits.rjust(DIGITS)
        answer = await self.ask("D", digits, "K")
        if answer is None or answer.data != digits:
            return Outcome(Result.UNKNOWN, "link_lost", "no answer")
        return Outcome(Result.DONE)


class DigitsDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="acme_digits",
        links=frozenset({"serial", "tcp"}),
        settings=DigitsSettings,
        orders=frozenset({ShowDigits}),
        events=frozenset(),
        conditions=(_DEAD_SEGMENT,),
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=4,
    )

    async def run(self, link: Link, ctx: Context[DigitsSettings]) -> Never:
        run = _Run(link, ctx)
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (run.listen, run.tend, run.obey):
                    tasks.create_task(part())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        raise AssertionError("the three go on until one raises")
