"""When the demonstration's citizens come, and who is waited for, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from drivers.printer.sim_paper import Line, Slip
from edge.demo.day import IN_A_MINUTE
from edge.demo.observer import NodeView
from edge.demo.people import SLIP_PATIENCE_S, People, now_s
from edge.demo.rig import Rig
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


def people_at(panel: Panel, *, speed: float = 1.0) -> People:
    """Of a hall without windows: nobody is called."""
    settings = SimpleNamespace(services=["tax", "social"], windows={})
    rig = SimpleNamespace(panel=panel, panel_id="buttons", settings=settings, desks=[])
    panel.people = People(cast("Rig", rig), NodeView(), seed="7", speed=speed, arrivals_per_min=PER_MIN)
    return panel.people


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_so_many_come_in_a_minute_at_each_speed(speed: float) -> None:
    panel = Panel(print_s=0.0)

    @warped
    async def day() -> None:
        await people_at(panel, speed=speed).run(3600.0)

    day()
    gap_s = 60 / PER_MIN / speed + IN_A_MINUTE.step_up_s  # each stands there a moment, whatever the speed
    assert len(panel.pressed_s) == pytest.approx(3600 / gap_s, rel=0.15)


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
