"""What the demonstration's clerks do where the strip is slow, a paper is missing, or lunch begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from random import Random
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

from drivers.bus68.sim_devices import CALL, EVALUATE
from edge.demo.clerk import CALL_PATIENCE_S, FUNCTION, HOLD, RECALL, START, Clerk
from edge.demo.day import PlayedDay
from edge.demo.observer import NodeView
from edge.demo.rig import Desk, Rig
from edge.demo.room import Room, now_s
from tests.warped import warped

ZONE = ZoneInfo("Asia/Shanghai")
NAMES = {CALL: "call", START: "start", RECALL: "recall", EVALUATE: "finish"}
SURE, NEVER = 0.5, 0.06  # chances: who comes and has all with him; and who has to fetch something


class Dice(Random):
    """Of who is called: what falls is told beforehand; all times are the middle of their range."""

    def __init__(self, *falls: float) -> None:
        super().__init__(1)
        self.falls = list(falls)

    def random(self) -> float:
        return self.falls.pop(0) if self.falls else 0.9  # nobody rates

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Window:
    """One caller, one strip and the queue behind them. `deaf`: so many calls do not come to the strip."""

    def __init__(self, *waiting: str, deaf: int = 0) -> None:
        self.waiting, self.deaf, self.beeps = list(waiting), deaf, 0
        self.text, self.shown = "", list[tuple[float, str]]()
        self.open = ""  # the ticket there
        self.pressed: list[str] = []
        self.on_call: Callable[[], None] | None = None

    async def press(self, digits: str, key: int) -> SimpleNamespace:
        name = NAMES.get(key, f"{digits}F")
        self.pressed.append(f"{name} {digits}".strip() if key == CALL else name)
        await asyncio.sleep(0.01)
        if key == CALL and (self.waiting or digits):
            self.open = f"A{digits}" if digits else self.waiting.pop(0)
            self._show(f"请{self.open}号")
        elif key == RECALL and self.open:
            self._show(f"请{self.open}号")
        elif key in (START, FUNCTION, EVALUATE):
            self.text = ""
        else:
            self.beeps += 1
        return SimpleNamespace(began_s=now_s(), sent=2, acknowledged_s=now_s())

    def _show(self, text: str) -> None:
        self.deaf -= 1
        if self.deaf < 0:
            self.text = text
            self.shown.append((now_s(), text))


def clerk_at(
    window: Window, *falls: float, day: PlayedDay | None = None, speed: float = 1.0
) -> tuple[Clerk, Room]:
    settings = SimpleNamespace(
        windows={"1": SimpleNamespace(services=["tax"])}, services={"tax": SimpleNamespace(prefix="A")}
    )
    rig = SimpleNamespace(settings=settings, desks=[])
    desk = SimpleNamespace(window="1", caller=window, caller_id="caller-1", pad=None, strip=window)
    room = Room(cast("Rig", rig), NodeView(), Dice(*falls), speed, day)
    room.waiting |= set(window.waiting)
    return Clerk(room, cast("Desk", desk), cast("asyncio.TaskGroup", None)), room


async def until_home(clerk: Clerk) -> None:
    async with asyncio.TaskGroup() as tasks:
        clerk._tasks = tasks
        tasks.create_task(clerk.run())


@warped
async def test_a_call_that_the_strip_does_not_show_is_recalled_and_not_called_again() -> None:
    window = Window("A001", "A002", deaf=1)
    clerk, room = clerk_at(window, SURE, 0.9, SURE, 0.9)
    room.closed.set()
    began_s = now_s()
    await until_home(clerk)
    assert window.pressed[1:4] == ["call", "recall", "start"]
    assert now_s() - began_s > CALL_PATIENCE_S
    assert (room.waiting, room.tally.served) == (set(), {"A001", "A002"})


@warped
async def test_while_somebody_fetches_a_paper_the_window_goes_on_with_others() -> None:
    window = Window("A001", "A002")
    clerk, room = clerk_at(window, NEVER, SURE, 0.9)
    room.closed.set()
    await until_home(clerk)
    keys = [key for key in window.pressed if key not in ("start", "recall")]
    assert keys == ["101F", "call", f"{HOLD}F", "call", "finish", "call 001", "finish", "4F"]
    assert room.tally.served == {"A001", "A002"}


@warped
async def test_who_the_strip_calls_at_last_is_here() -> None:
    window = Window("A001", "A002")
    clerk, room = clerk_at(window, SURE, 0.9)
    room.closed.set()

    def twice() -> None:
        """The line has taken the call for two, a moment later."""
        window.open = window.waiting.pop(0)
        window._show(f"请{window.open}号")

    asyncio.get_running_loop().call_later(0.3, twice)
    await until_home(clerk)
    assert (room.waiting, room.tally.served) == (set(), {"A002"})


@warped
async def test_at_lunch_clerks_go_home_whoever_waits() -> None:
    window = Window(*(f"A{number:03}" for number in range(1, 10)))
    day = PlayedDay(date(2026, 11, 27), 60.0, ZONE, {"1": [(690, 720), (810, 1020)]})
    day.set(datetime(2026, 11, 27, 11, 30, tzinfo=ZONE).timestamp())
    clerk, room = clerk_at(window, *[SURE, 0.9] * 9, day=day, speed=60.0)
    going = asyncio.create_task(until_home(clerk))
    await asyncio.sleep(day.left_s(750))
    assert window.pressed[-1] == "4F"
    assert 2 <= len(room.tally.served) <= 5
    assert len(room.waiting) >= 4
    room.closed.set()
    await going
    assert room.waiting == set(), "they are served afterwards"
