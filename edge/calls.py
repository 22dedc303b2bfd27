"""Boards and voice: the rules' FIFO of calls at work, one call after another.

A board or an announcer that is away, broken or hung delays nobody: the floor passes on after its time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from drivers.api import Clock
from drivers.messages import Announce, Order, Outcome, Result, ShowLines
from edge.rules import boards, call_lines, notice_lines, sentence, volume
from edge.rules.effects import CallOff, CallOut, ShowCalled
from edge.settings import Settings

log = logging.getLogger(__name__)

SPEAK_DEADLINE_S = 20.0  # for one time: a call takes 6 s with its chime, and drivers stop what hangs before


class Devices(Protocol):
    """What is needed of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...


class Calls:
    """Owns the floor and, while somebody is in line, one task. `tell` gives a board an order to carry out."""

    def __init__(
        self, settings: Settings, devices: Devices, clock: Clock, tell: Callable[[str, Order], None]
    ) -> None:
        self._hall = settings.rules_hall()
        self._hold_s = settings.hall.call_hold_s
        self._say_times = settings.hall.announce_times
        self._times = settings.speech_times()
        self._columns = settings.boards.columns
        self._devices = devices
        self._clock = clock
        self._tell = tell
        self._floor = boards.Floor()
        self._notice = self._hall.notice
        self._task: asyncio.Task[None] | None = None
        self.adopt(settings)

    def adopt(self, settings: Settings) -> None:
        """After a reload: other boards and voices may be at work, in the same hall."""
        self._boards, self._voices = settings.all_of("board"), settings.all_of("voice")

    def out(self, call: CallOut) -> None:
        if not (self._boards or self._voices):
            return
        self._floor = boards.call(self._floor, call)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="calls")
            self._task.add_done_callback(_ended)

    def off(self, call: CallOff) -> None:
        before = self._floor.shown
        self._floor = boards.call_off(self._floor, call.ticket, taken_back=call.taken_back)
        if self._floor.shown != before:
            self._show()

    def reset(self, shown: ShowCalled) -> None:
        self._floor = boards.reset(self._floor, shown.calls)
        self._show()

    def notice(self, text: str) -> None:
        self._notice = text
        for board in self._boards:
            self._tell(board, ShowLines("notice", notice_lines(text)))

    def refresh(self, board: str) -> None:
        """It is back, and may have forgotten what it showed."""
        for lines in self.shown():
            self._tell(board, lines)

    def shown(self) -> tuple[ShowLines, ShowLines]:
        """What is to stand on each board."""
        return self._lines(), ShowLines("notice", notice_lines(self._notice))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        """Until nobody is in line."""
        while (wait_s := boards.next_in_s(self._floor, self._now_s())) is not None:
            if wait_s > 0:
                await self._clock.sleep(wait_s)
                continue
            self._floor, call = boards.step(self._floor, self._now_s(), self._hold_s)
            if call is not None:
                self._show()
                try:
                    await self._speak(call)
                finally:
                    self._floor = boards.spoken(self._floor)

    async def _speak(self, call: CallOut) -> None:
        """By every announcer at once; returns when the last of them is through."""
        per_cent = volume(self._times, self._clock.now(), self._hall.zone)
        if per_cent:
            words = Announce(sentence(call, self._hall), self._say_times, per_cent)
            await asyncio.gather(*(self._say(voice, words) for voice in self._voices))

    async def _say(self, voice: str, words: Announce) -> None:
        outcome = await self._devices.order(voice, words, SPEAK_DEADLINE_S * words.times)
        if outcome.result is not Result.DONE:
            what = "".join(words.words)
            log.info("%s: %s: %s %s %s", voice, what, outcome.result, outcome.code, outcome.detail)

    def _show(self) -> None:
        for board in self._boards:
            self._tell(board, self._lines())

    def _lines(self) -> ShowLines:
        return ShowLines("calls", call_lines(self._floor.shown, self._hall, self._columns))

    def _now_s(self) -> float:
        return self._clock.now().mono_s


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("calling failed: %s", error, exc_info=error)
