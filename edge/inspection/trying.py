"""A device tried once, for a technician: asked how it is, or made to show something, and put back after.

Whoever is served goes first: before each step it is looked again whether somebody needs the device, and what
stood on it is taken from the hall's state at the moment in which it is told again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from drivers.checking.words import NOTHING, Text
from drivers.messages import (
    Announce,
    AskRating,
    CheckHealth,
    Order,
    Outcome,
    PrintSlip,
    Result,
    ShowDigits,
    ShowLines,
    ShowText,
)
from edge.abilities import Abilities, abilities
from edge.hall import HallAtWork
from edge.inspection import words
from edge.inspection.patterns import Step, of_check, of_pattern
from edge.inspection.verdict import Found, shown, told
from edge.settings import DeviceConfig
from edge.supervisor import Supervisor
from edge.wire import Check, Pattern, Reply, Request, rejected

ASK_S = 15.0  # three questions with their time-outs, by any driver's defaults
SHOW_S = 5.0  # as of what the hall itself shows
PRINT_S = 20.0  # as of a slip, and of one announcement
STRIP_COLUMNS = 80  # of the widest; its driver leaves out what does not fit
_UNCONFIRMED = (ShowDigits, AskRating)  # the lines of callers and pads answer nothing
BUSY = Outcome(Result.REJECTED, "busy")


@dataclass(frozen=True, slots=True)
class Trial:
    device: str
    config: DeviceConfig  # of whose line it is
    kind: str
    able: Abilities
    hall: HallAtWork
    devices: Supervisor

    @property
    def is_at_work(self) -> bool:
        """It reads a card, prints, speaks. What is on its way to a display is what the hall shows anyhow."""
        return not self.able.shows and self.devices.has_order(self.device)

    @property
    def is_needed(self) -> bool:
        """By somebody who is served."""
        return self.hall.serves(self.device) or self.is_at_work

    async def ask(self) -> Outcome | None:
        """How it answers now. A strip has no question for its state, and acknowledges what it shows already.
        None where its protocol has neither."""
        loaded = self.config.loaded
        if loaded and CheckHealth in loaded.spec.orders:
            answered = await self.devices.order(self.device, CheckHealth(), ASK_S)
            return answered if answered.code != "unsupported" else None
        if self.able.seen is ShowText:
            return _worst([await self._order(order) for order in self.hall.shown_on(self.device)])
        return None

    async def do(self, steps: Sequence[Step]) -> tuple[Outcome, Outcome | None]:
        """How it went, the worst of all, and how what stood there was put back: None where nothing did."""
        try:
            done = await self._all(steps)
        finally:  # also where it is broken off
            back = await self._put_back()
        return done, back

    async def _all(self, steps: Sequence[Step]) -> Outcome:
        done: list[Outcome] = []
        for step in steps:
            if self.is_needed:
                return BUSY
            done += await self._at_once(step.orders)
            if _worst(done).result is not Result.DONE:
                break
            await self.hall.clock.sleep(step.hold_s)
        return _worst(done)

    async def _put_back(self) -> Outcome | None:
        orders = self.hall.shown_on(self.device)
        return _worst(await self._at_once(orders)) if orders else None

    async def _at_once(self, orders: Iterable[Order]) -> list[Outcome]:
        """Given in this moment, so that nothing that the hall tells comes between and is lost."""
        return await asyncio.gather(*(self._order(order) for order in orders))

    async def _order(self, order: Order) -> Outcome:
        limit_s = PRINT_S if isinstance(order, PrintSlip | Announce) else SHOW_S
        return await self.devices.order(self.device, order, limit_s)

    def found(self, asked: Outcome | None, done: Outcome | None) -> Found:
        status = self.devices.status(self.device)
        is_line = self.device == self.config.id and bool(self.config.children)
        sources = self.config.children if is_line else (self.device,)
        heard = [self.devices.status(each).last_heard for each in sources]
        latest = max((each for each in heard if each is not None), default=None)
        return Found(
            status=status,
            meant=self.devices.words_of(self.device),
            asked=asked,
            done=done,
            heard_s=None if latest is None else time.time() - latest,
            is_line=is_line,
            confirms=self.able.seen not in _UNCONFIRMED,
        )


def trial(device: str, hall: HallAtWork, devices: Supervisor) -> Trial | None:
    """None for a stranger."""
    try:
        config, kind = hall.settings.found(device)
    except KeyError:
        return None
    return Trial(device, config, kind, abilities(config, device), hall, devices)


def refusal(trial: Trial, order: str, how: str, *, is_tried: bool) -> tuple[str, Text] | None:
    """A code and why, where it is not to be tried so, or not now. The internal check is seen by nobody: who
    is served at a window is not in its way."""
    shows = trial.able.shows
    if trial.kind == "camera":
        return "unsupported", words.A_CAMERA
    if order == "check" and how not in trial.able.checks:
        return "unsupported", words.NO_SUCH_CHECK
    if order == "show" and not shows:
        return "unsupported", words.NO_PATTERNS
    if order == "show" and how not in shows:
        return "unsupported", words.filled(words.NO_SUCH_PATTERN, patterns=", ".join(shows))
    if is_tried:
        return "busy", words.TRIED
    if trial.is_at_work or (how != "internal" and trial.is_needed):
        return "busy", words.SERVING
    return None


async def check(trial: Trial, request: Request, level: Check, page: Callable[[str, str], PrintSlip]) -> Reply:
    """`page`: what a printer prints as this job, for itself."""
    asked = await trial.ask()
    done = back = look = None
    if level == "external" and (seen := trial.able.seen):
        done, back = await trial.do(of_check(seen, page(request.id, trial.device)))
        look = words.LOOKS[seen.__name__]
    if done == BUSY:
        return _broken_off(request)
    data = told(trial.found(asked, done), back, look)
    return Reply(id=request.id, result="done", data={"device": trial.device, "level": level, **data})


async def show(trial: Trial, request: Request, pattern: Pattern) -> Reply:
    seen = trial.able.seen or ShowText  # it has patterns, so it is one of these
    columns = trial.hall.settings.boards.columns if seen is ShowLines else STRIP_COLUMNS
    done, back = await trial.do(of_pattern(seen, pattern, columns))
    if done == BUSY:
        return _broken_off(request)
    data = shown(trial.found(None, done), back, words.PATTERNS[pattern])
    said = NOTHING if done.result is Result.DONE else words.NOT_SHOWN
    return Reply(
        id=request.id,
        result=done.result.value,
        code=done.code,
        zh=said.zh,
        en=said.en,
        data={"device": trial.device, "pattern": pattern, **data},
    )


def _broken_off(request: Request) -> Reply:
    return rejected(request.id, BUSY.code, words.BROKEN_OFF.zh, words.BROKEN_OFF.en)


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    """A board need not have every area, but one."""
    there = [each for each in outcomes if each.code != "unknown_area"] or outcomes
    return next((each for each in there if each.result is not Result.DONE), Outcome(Result.DONE))
