"""What follows once facts are kept: slips, strips, callers' displays, pads, calls and timers.

Every effect ends in an input again (`Printed`, `TimerFired`) or in nothing; none is waited for by the hall.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Protocol

from drivers.api import Clock, NotKept
from drivers.messages import AskRating, Beep, Order, Outcome, PrintSlip, Result, ShowDigits, ShowText
from edge.bus import Bus
from edge.calls import Calls
from edge.rules import shown_at, slip
from edge.rules.effects import (
    CallOff,
    CallOut,
    CancelTimer,
    Display,
    Effect,
    InviteRating,
    Print,
    PrintReceipt,
    Refuse,
    SetTimer,
    Show,
    ShowCalled,
    ShowNotice,
)
from edge.rules.model import Input, Printed, State, TimerFired
from edge.rules.payments_model import ReceiptEnded
from edge.settings import Settings

log = logging.getLogger(__name__)

PRINT_DEADLINE_S = (
    20.0  # a slip takes 2 s; a citizen waits no longer, and a printer in trouble says so sooner
)
SHOW_DEADLINE_S = 5.0  # a text that is older than this is no longer true
RETRY_S = 1.0  # between tries to hand an outcome to a hall that cannot keep it now (disk full)


class Devices(Protocol):
    """What effects need of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...
    def problem(self, device: str) -> str: ...


class Effects:
    """Runs effects against the devices of the settings. Owns its tasks and timers: `close` ends them all.

    Their number is bounded by what causes them: one print a reserved ticket, one order a device's queue
    place, one timer a ticket or window.
    """

    def __init__(self, settings: Settings, devices: Devices, bus: Bus, clock: Clock) -> None:
        self._settings = settings
        self._hall = settings.rules_hall()
        self._devices = devices
        self._bus = bus
        self._clock = clock
        self._calls = Calls(settings, devices, clock, self._tell)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._receipt: Callable[[PrintReceipt], None] = self._no_receipt

    def print_receipts_by(self, receipt: Callable[[PrintReceipt], None]) -> None:
        """Who has their texts from the services; each of them ends in a `ReceiptEnded`."""
        self._receipt = receipt

    def adopt(self, settings: Settings) -> None:
        """After a reload: other devices may be at work, in the same hall."""
        self._settings = settings
        self._calls.adopt(settings)

    def printer_problem(self) -> str:
        """The condition that stops the ticket printer now, "" when it can print."""
        return self._devices.problem(self._hall.printer) if self._hall.printer else "no_printer"

    def run(self, effect: Effect, state: State) -> None:
        match effect:
            case Print():
                self._start(self._print(effect, self._slip(effect, state)))
            case PrintReceipt():
                self._receipt(effect)
            case Show(window, text, color):
                self._tell(self._settings.strip_of(window), ShowText(text, color))
            case Display(window, digits):
                self._tell(self._settings.caller_of(window), ShowDigits(digits))
            case Refuse(window):
                self._tell(self._settings.caller_of(window), Beep())
            case CallOut():
                self._calls.out(effect)
            case CallOff():
                self._calls.off(effect)
            case ShowCalled():
                self._calls.reset(effect)
            case ShowNotice(text):
                self._calls.notice(text)
            case InviteRating(window):
                self._tell(self._settings.pad_of(window), AskRating())
            case SetTimer(timer, after_s):
                self._cancel(timer)
                real_s = after_s / self._settings.played.speed  # the rules speak of the hall's own time
                self._timers[timer] = asyncio.get_running_loop().call_later(real_s, self._fire, timer)
            case CancelTimer(timer):
                self._cancel(timer)

    def refresh(self, board: str) -> None:
        """A board is back: it is told everything again."""
        self._calls.refresh(board)

    def shown_on(self, device: str, state: State) -> tuple[Order, ...]:
        """What is to stand on a strip, a caller's display or a board; nothing for any other device."""
        settings = self._settings
        if device in settings.all_of("board"):
            return self._calls.shown()
        window = settings.window_of(device)
        if not window:
            return ()
        show, display = shown_at(state, self._hall, self._hall.windows[window])
        told: dict[str | None, Order] = {
            settings.strip_of(window): ShowText(show.text, show.color),
            settings.caller_of(window): ShowDigits(display.digits),
        }
        return (told[device],) if device in told else ()

    async def close(self) -> None:
        await self._calls.close()
        for timer in list(self._timers):
            self._cancel(timer)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _slip(self, effect: Print, state: State) -> PrintSlip:
        ticket = state.tickets[effect.ticket]
        return PrintSlip(ticket.act, slip(state, ticket, self._hall, copy=effect.copy))

    async def _print(self, effect: Print, order: PrintSlip) -> None:
        outcome = await self._devices.order(self._hall.printer, order, PRINT_DEADLINE_S)
        await self._say(Printed(effect.ticket, effect.day, outcome.result, outcome.code), self._hall.printer)

    def _no_receipt(self, effect: PrintReceipt) -> None:
        self._start(self._say(ReceiptEnded(effect.key, effect.slips, Result.REJECTED, "no_upstream"), "node"))

    def _tell(self, device: str | None, order: Order) -> None:
        if device:
            self._start(self._show(device, order))

    async def _show(self, device: str, order: Order) -> None:
        outcome: Outcome = await self._devices.order(device, order, SHOW_DEADLINE_S)
        log.debug("%s: %s %s", device, type(order).__name__, outcome.result)

    def _fire(self, timer: str) -> None:
        self._timers.pop(timer, None)
        self._start(self._say(TimerFired(timer), "node"))

    def _cancel(self, timer: str) -> None:
        handle = self._timers.pop(timer, None)
        if handle:
            handle.cancel()

    async def _say(self, wish: Input, by: str) -> None:
        """Hand an input to the hall, again and again while it has no room to keep what follows."""
        while True:
            try:
                await self._bus.ask(wish, by)
            except NotKept:
                await self._clock.sleep(RETRY_S)
            else:
                return

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an effect failed: %s", error, exc_info=error)
