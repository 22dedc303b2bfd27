"""One opened line: what is heard becomes events and acknowledgements, orders become frames.

A press is acknowledged only once the hall has taken it, and a repeat of it makes no second event.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Never

from drivers.api import (
    BadFrame,
    BadSettings,
    Command,
    Context,
    Identity,
    Link,
    NotKept,
    ProtocolBreach,
)
from drivers.bus68.arbiter import BITS_PER_BYTE, SILENT, Acknowledgement, Arbiter, Job, Wait
from drivers.bus68.children import Roster
from drivers.bus68.codec import FUNC_BEEP, FUNC_DISPLAY, BusCodec, KeyFrame, StripAnswer, StripCommand, encode
from drivers.bus68.echo import EchoFilter
from drivers.bus68.health import BusHealth
from drivers.bus68.keymap import UnknownKey
from drivers.bus68.ledger import Heard, Ledger, Press
from drivers.bus68.orders import frame_of
from drivers.bus68.settings import BusSettings, Child
from drivers.bus68.waker import Waker
from drivers.messages import Body, Outcome, Result, ShowDigits, ShowText
from drivers.mishaps import cause

PRESSES = 64  # heard and not yet taken by the hall; beyond it a press stays unacknowledged and is repeated


class Session:
    """Used once: a line opened again gets a new one. `ledger` outlives it."""

    def __init__(self, link: Link, ctx: Context[BusSettings], ledger: Ledger) -> None:
        self._link = link
        self._ctx = ctx
        self._ledger = ledger
        try:
            self._roster = Roster(ctx.settings)
        except ValueError as error:
            raise BadSettings(str(error)) from error
        self._health = BusHealth(ctx)
        self._codec = BusCodec()
        self._arbiter = Arbiter(ctx.settings)
        self._waker = Waker(ctx.clock)
        self._echo = EchoFilter(BITS_PER_BYTE / ctx.settings.baud, removes=ctx.settings.local_echo)
        self._presses: asyncio.Queue[tuple[Press, Body, bytes]] = asyncio.Queue(PRESSES)
        self._bad_s: deque[float] = deque(maxlen=ctx.settings.bad_frames)  # when bad frames came

    async def run(self) -> Never:
        self._ctx.ready(Identity(model="bus68"))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read())
                tasks.create_task(self._talk())
                tasks.create_task(self._take_orders())
                tasks.create_task(self._hand_on())
                tasks.create_task(self._health.watch())
        except BaseExceptionGroup as group:
            raise cause(group) from group
        finally:
            self._arbiter.abandon()
            self._ledger.forget_waiting()
        raise AssertionError("the reader never ends")

    # --- the line → the hall ---
    async def _read(self) -> Never:
        while True:
            data = await self._link.read()
            now_s = self._now_s()
            if data := self._echo.remove(data, now_s):
                self._give_up_partial(now_s)
                found = self._codec.feed(data)
                self._arbiter.received(now_s, partial=self._codec.buffered > 0)
                self._take(found, now_s)
                self._waker.wake()

    def _give_up_partial(self, now_s: float) -> None:
        if self._arbiter.gap_over(now_s):
            found = self._codec.expire()
            self._arbiter.partial_given_up()
            self._take(found, now_s)

    def _take(self, found: Iterable[KeyFrame | StripAnswer | BadFrame], now_s: float) -> None:
        for frame in found:
            if isinstance(frame, BadFrame):
                self._count_bad(frame, now_s)
                continue
            self._ctx.alive()
            if isinstance(frame, StripAnswer):
                self._take_answer(frame)
            else:
                self._take_keys(frame, now_s)

    def _count_bad(self, bad: BadFrame, now_s: float) -> None:
        """Raises ProtocolBreach when there were too many in too short a time."""
        settings = self._ctx.settings
        self._ctx.bad_frame(bad.reason)
        self._ctx.log.debug("bad frame: %s: %s", bad.reason, bad.data.hex(" "))
        self._bad_s.append(now_s)
        if len(self._bad_s) == settings.bad_frames and now_s - self._bad_s[0] <= settings.bad_frames_s:
            raise ProtocolBreach(
                f"{settings.bad_frames} bad frames in {settings.bad_frames_s:g} s, the last: {bad.reason}",
                remedy="Check baud rate, A/B wires and termination; look for two devices at one address.",
            )

    def _take_answer(self, answer: StripAnswer) -> None:
        child = self._roster.strip(answer.address)
        if child is None:
            self._health.stranger(answer.address, "a strip's answer")
        else:
            self._health.answered(child)
            self._arbiter.answered(answer.address)

    def _take_keys(self, frame: KeyFrame, now_s: float) -> None:
        if self._echo.is_own(encode(frame), now_s):
            # A caller that did not hear its acknowledgement repeats the very bytes of it, and may do so while
            # ours are hardly out: it will ask again. Only what a host alone says proves an echo.
            if frame.func in (FUNC_DISPLAY, FUNC_BEEP):
                self._health.hears_itself()
            return
        child = self._roster.sender(frame)
        if child is None:
            self._health.stranger(frame.address, f"function 0x{frame.func:02X}")
            return
        self._health.heard(child)
        try:
            meaning = self._roster.meaning(child, frame)
        except UnknownKey as unknown:  # not acknowledged: the echo would say that the key was taken
            self._health.unknown_key(child, str(unknown))
            return
        self._take_press(child, frame, meaning, now_s)

    def _take_press(self, child: Child, frame: KeyFrame, body: Body | None, now_s: float) -> None:
        echo = encode(self._roster.acknowledgement(child, frame))
        identity = bytes([frame.address, frame.func]) + frame.data
        heard, press = self._ledger.hear(child.id, identity, now_s, self._ctx.settings.repeat_window_s)
        if heard is Heard.TAKEN or body is None:
            self._acknowledge(press, echo)
        elif heard is Heard.NEW:
            try:
                self._presses.put_nowait((press, body, echo))
            except asyncio.QueueFull:
                self._ledger.forget(press)
                self._ctx.log.warning("%s: the hall is busy, a press is not acknowledged", child.id)

    async def _hand_on(self) -> Never:
        while True:
            press, body, echo = await self._presses.get()
            try:
                await self._ctx.emit(body, press.child)
            except NotKept as error:  # no echo: the caller shows that, and repeats
                self._ledger.forget(press)
                self._ctx.log.info("%s: a press is not acknowledged: %s", press.child, error)
            else:
                self._acknowledge(press, echo)

    def _acknowledge(self, press: Press, echo: bytes) -> None:
        def sent(left_s: float) -> None:
            if press.acknowledged_s is None:
                press.acknowledged_s = left_s

        press.taken = True
        self._arbiter.acknowledge(Acknowledgement(press.child, echo, sent))
        self._waker.wake()

    # --- the hall → the line ---
    async def _take_orders(self) -> None:
        async for command in self._ctx.commands():
            self._submit(command)

    def _submit(self, command: Command) -> None:
        child = self._roster.get(command.device)
        if child is None:
            detail = f"{command.device} is no device on this bus"
            command.finish(Outcome(Result.REJECTED, "unsupported", detail))
            return
        frame = frame_of(command.order, child, self._roster.address(child), self._ctx.settings)
        if isinstance(frame, Outcome):
            command.finish(frame)
            return

        def finish(outcome: Outcome) -> None:
            if outcome.code == SILENT:
                self._health.unanswered(child.id, outcome.detail)
            command.finish(outcome)

        strip = child.address if isinstance(frame, StripCommand) else None
        display = isinstance(command.order, (ShowText, ShowDigits))
        self._arbiter.submit(Job(child.id, encode(frame), finish, strip, display))
        self._waker.wake()

    async def _talk(self) -> Never:
        while True:
            now_s = self._now_s()
            self._give_up_partial(now_s)
            step = self._arbiter.next(now_s)
            if isinstance(step, Wait):
                await self._waker.wait(step.until_s)
                continue
            self._echo.sent(step.data, now_s)
            await self._link.write(step.data)
            self._arbiter.sent(step, self._now_s())

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
