"""When the demonstration's citizens come, and who is waited for, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import pytest

from drivers.printer.sim_paper import Line, Slip
from edge.demo.clerk import come_back
from edge.demo.day import PlayedDay, hours_of
from edge.demo.observer import NodeView
from edge.demo.people import SLIP_PATIENCE_S, People
from edge.demo.rig import Rig
from edge.demo.room import Room, now_s
from edge.wire import Reply
from tests.warped import warped

PER_MIN = 10.0


class Panel:
    """Pressed, it has a slip printed after `print_s`, or never."""

    def __init__(self, print_s: float | None = 0.5) -> None:
        self.print_s = print_s
        self.pressed_s: list[float] = []
        self.people: People | None = None

    async def press(self, _button: int) -> SimpleNamespace:
        self.pressed_s.append(now_s())
        if self.print_s is not None:
            asyncio.get_running_loop().call_later(self.print_s, self._print, len(self.pressed_s))
        return SimpleNamespace(began_s=now_s(), sent=1)

    def _print(self, number: int) -> None:
        assert self.people is not None
        self.people.on_slip(Slip((Line(f"A{number:03}", (2, 2), "center"),), at_s=now_s()))


class Node:
    """Answers the same to whatever it is asked, after a while."""

    def __init__(self, result: Literal["done", "rejected"]) -> None:
        self.result: Literal["done", "rejected"] = result
        self.asked: list[tuple[str, float]] = []

    async def ask(self, verb: str, _args: dict[str, Any]) -> Reply:
        self.asked.append((verb, now_s()))
        await asyncio.sleep(0.2)
        return Reply(id="r", result=self.result)


def people_at(
    panel: Panel, *, speed: float = 1.0, day: PlayedDay | None = None, node: Node | None = None
) -> People:
    """Of a hall whose windows have nobody: nobody is called."""
    windows = {id_: SimpleNamespace(services=["tax", "social"]) for id_ in (day.hours if day else ())}
    settings = SimpleNamespace(services=["tax", "social"], windows=windows)
    rig = SimpleNamespace(panel=panel, panel_id="buttons", settings=settings, desks=[])
    ask = node.ask if node else None
    room = Room(cast("Rig", rig), NodeView(), random.Random(7), speed, day, ask)
    panel.people = People(room, arrivals_per_min=day.top_per_min() if day else PER_MIN)
    return panel.people


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_so_many_come_in_a_minute_at_each_speed(speed: float) -> None:
    panel = Panel(print_s=0.0)

    @warped
    async def day() -> None:
        await people_at(panel, speed=speed).run(3600.0)

    day()
    assert len(panel.pressed_s) == pytest.approx(60 * PER_MIN * speed, rel=0.15)


@warped
async def test_who_has_a_slip_is_waited_for_before_the_next_steps_up() -> None:
    panel = Panel()
    people = people_at(panel)
    taking = asyncio.create_task(people._take(1))
    await asyncio.sleep(0.51)
    assert people.waiting == {"A001"}
    assert not taking.done()
    await taking


@warped
async def test_who_stands_at_the_panel_when_the_doors_close_gets_a_slip() -> None:
    panel = Panel(print_s=3.0)
    people = people_at(panel)
    await people.run(1.0)
    assert people.waiting == {"A001"}
    assert people.tally.unanswered == 0


@warped
async def test_the_doors_stay_open_for_their_time_and_a_press_without_a_slip_is_told() -> None:
    panel = Panel(print_s=None)
    people = people_at(panel)
    began_s = now_s()
    await people.run(SLIP_PATIENCE_S + 1)
    assert now_s() - began_s >= SLIP_PATIENCE_S + 1
    assert (people.tally.unanswered, people.waiting) == (1, set())


# --- who goes to the kiosk and to the enquiry desk ---
@warped
async def test_the_kiosk_waits_for_who_stands_at_the_panel_and_is_no_more_once_the_doors_are_closed() -> None:
    node = Node("done")
    people = people_at(Panel(print_s=0.5), node=node)
    taking = asyncio.create_task(people._take(1))
    await asyncio.sleep(0.1)
    began_s = now_s()
    reply = await people.at_kiosk("ticket.take", {})
    assert reply is not None
    ((verb, at_s),) = node.asked
    assert (verb, round(at_s - began_s, 3)) == ("ticket.take", 0.4)
    await taking
    await people.run(0.5)
    assert await people.at_kiosk("ticket.take", {}) is None
    assert len(node.asked) == 1


@warped
async def test_who_came_back_is_waited_for_unless_he_is_told_no() -> None:
    people = people_at(Panel(), node=Node("done"))
    await come_back(people.room, "A001")
    assert (people.waiting, people.tally.came_back) == ({"A001"}, {"A001"})
    people = people_at(Panel(), node=Node("rejected"))
    await come_back(people.room, "A002")
    assert (people.waiting, people.tally.came_back) == (set(), set())
    await people.run(0.1)
    node = Node("done")
    people.room.ask = node.ask
    await come_back(people.room, "A003")
    assert (people.waiting, node.asked) == (set(), [])


# --- a day that is played ---
def test_people_come_by_the_curve_of_the_day() -> None:
    panel = Panel(print_s=0.0)
    zone = ZoneInfo("Asia/Shanghai")
    minutes: list[float] = []

    @warped
    async def play() -> None:
        day = PlayedDay(date(2026, 11, 30), 60.0, zone, hours_of([str(n) for n in range(1, 6)]))
        day.set(datetime(2026, 11, 30, 8, 20, tzinfo=zone).timestamp())
        began_s = now_s()
        await people_at(panel, speed=60.0, day=day).run(day.left_s(17 * 60))
        minutes.extend(8 * 60 + 20 + each - began_s for each in panel.pressed_s)

    play()
    assert 8 * 60 + 30 <= min(minutes) < 8 * 60 + 45
    assert max(minutes) < 17 * 60
    assert not [each for each in minutes if 12 * 60 + 2 <= each < 13 * 60 + 30]  # no window is open then
    peak, ebb = (sum(begin <= each < begin + 45 for each in minutes) for begin in (540, 675))
    assert peak > 2 * ebb > 0
