"""One opened keyboard: what is typed becomes presses, or a code for who asks for one."""

from __future__ import annotations

import asyncio
from typing import Never

from drivers.api import BadFrame, Command, Context, Identity, Link, NotKept
from drivers.hid.board import Board
from drivers.hid.codec import HidCodec
from drivers.hid.keymap import UnknownKey
from drivers.hid.keys import name_of
from drivers.hid.settings import HidSettings
from drivers.hid.strokes import Lost, Stroke, Strokes
from drivers.hid.typist import Typed, Typist
from drivers.messages import AskRating, Body, Outcome, ReadCode, Result
from drivers.mishaps import Tolerance
from drivers.scanning import Asking, read

_REMEDY = "Give the path of an input device; update the kernel if it is one."
PRESSES = 16  # heard and not yet taken by the hall: a minute of hurried pressing
_OF_A_CODE = ("control_characters", "code_too_long", "events_lost")


class Session:
    """Used once: a device opened again gets a new one."""

    def __init__(self, link: Link, ctx: Context[HidSettings]) -> None:
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._codec = HidCodec()
        self._strokes = Strokes(ctx.settings.stuck_s)
        self._board = Board(ctx.settings)
        self._asking = Asking()
        self._typist = Typist(ctx.settings.gap_s, lambda: self._asking.is_open)
        self._presses: asyncio.Queue[tuple[int, Body]] = asyncio.Queue(PRESSES)
        self._stuck: frozenset[int] = frozenset()
        self._lost = False
        self._unknown = ""
        self._tolerance = Tolerance(ctx, ctx.settings.bad_frames, _REMEDY)

    # --- the device → the hall ---
    async def listen(self) -> Never:
        """Raises LinkLost."""
        self._ctx.ready(Identity(model="HID"))  # it is there, and it is ours: more a keyboard does not say
        while True:
            data = await self._hear()
            now_s = self._now_s()
            for event in self._codec.feed(data):
                if isinstance(event, BadFrame):
                    self._tolerance.spend(event.reason)
                    continue
                self._ctx.alive()
                self._take(self._strokes.take(event, now_s), now_s)
            self._strokes.tick(now_s)
            self._tell_stuck()
            self._use(self._typist.tick(now_s))

    async def _hear(self) -> bytes:
        """What it says next; b"" where something else is due before."""
        due_s = [due_s for due_s in (self._strokes.due_s, self._typist.due_s) if due_s is not None]
        try:
            async with asyncio.timeout(max(0.0, min(due_s) - self._now_s()) if due_s else None):
                return await self._link.read()
        except TimeoutError:
            return b""

    def _take(self, stroke: Stroke | Lost | None, now_s: float) -> None:
        match stroke:
            case Lost():
                self._lose(now_s)
            case Stroke() if self._settings.use == "scanner":
                self._use(self._typist.take(stroke, now_s))
            case Stroke():
                self._press(stroke, now_s)

    def _lose(self, now_s: float) -> None:
        self._lost = True
        self._ctx.condition("events_lost", True)
        self._board.lose()
        if self._settings.use == "scanner":
            self._typist.lose(now_s)

    def _press(self, stroke: Stroke, now_s: float) -> None:
        try:
            body = self._board.take(stroke, now_s)
        except UnknownKey as unknown:
            self._tell_unknown(str(unknown))
            return
        if body is None:
            return
        if self._lost:
            self._lost = False
            self._ctx.condition("events_lost", False)
        try:
            self._presses.put_nowait((stroke.code, body))
        except asyncio.QueueFull:
            self._board.forget(stroke.code)
            self._ctx.log.warning("the hall is busy, a press is lost")

    async def hand_on(self) -> Never:
        while True:
            code, body = await self._presses.get()
            try:
                await self._ctx.emit(body)
            except NotKept as error:  # a keyboard cannot be told; who pressed sees that nothing follows
                self._board.forget(code)
                self._ctx.log.info("a press has no effect: %s", error)

    def _use(self, typed: Typed | None) -> None:
        """A code that somebody asked for."""
        if typed is None:
            return
        self._ctx.condition("control_characters", typed.left_out > 0, f"{typed.left_out} keys")
        for code in _OF_A_CODE[1:]:
            self._ctx.condition(code, typed.fault == code)
        self._lost = typed.fault == "events_lost"
        if typed.fault:
            self._asking.settle(Outcome(Result.FAILED, typed.fault))
        elif typed.text:
            self._asking.settle(read(typed.text, typed.left_out))

    # --- the hall → the device ---
    async def obey(self) -> None:
        async for command in self._ctx.commands():
            outcome = None
            try:
                outcome = await self._carry_out(command)
            finally:  # also when the device is unplugged or the driver is stopped with the order in hand
                self._typist.forget()
                command.finish(outcome or Outcome(Result.UNKNOWN, "link_lost"))

    async def _carry_out(self, command: Command) -> Outcome:
        match command.order, self._settings.use:
            case ReadCode(within_s), "scanner":
                return await self._asking.outcome(command, within_s)
            case AskRating(), "pad":
                return Outcome(Result.DONE, detail="it takes a rating at any time")
        name = type(command.order).__name__
        return Outcome(Result.REJECTED, "unsupported", f"a {self._settings.use} cannot {name}")

    # --- how it is ---
    def _tell_stuck(self) -> None:
        if self._strokes.stuck == self._stuck:
            return
        self._stuck = self._strokes.stuck
        names = ", ".join(name_of(code) for code in sorted(self._stuck))
        detail = names if self._settings.use != "scanner" else ""  # what was scanned is nobody's business
        self._ctx.condition("key_stuck", bool(self._stuck), detail)

    def _tell_unknown(self, detail: str) -> None:
        if detail != self._unknown:
            self._unknown = detail
            self._ctx.condition("unknown_key", True, detail)

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
