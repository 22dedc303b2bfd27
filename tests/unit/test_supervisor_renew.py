"""Devices that are stopped and started while the others work: all at once, one request after the other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.api import Context, Identity, Link
from edge import supervisor as supervisor_module
from edge.supervisor import Stopping
from tests.unit.supervision import FakeChild, FakeConfig, FakeLoaded, running, settle


def device(name: str, *children: str) -> tuple[FakeConfig, FakeLoaded]:
    loaded = FakeLoaded()
    return FakeConfig(name, loaded, {child: FakeChild() for child in children}), loaded


class Stubborn:
    """A driver that does not end before it is let go."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def run(self, _link: Link, ctx: Context[Any]) -> None:
        ctx.ready(Identity())
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError


async def test_all_are_stopped_before_any_is_started_and_the_others_are_left_alone() -> None:
    (a, a_was), (b, b_was), (c, c_is) = device("a"), device("b", "b-1"), device("c")
    (new_a, a_is), (new_b, b_is) = device("a"), device("b", "b-1")
    async with running(a, b, c) as hall:
        told = len(hall.told)

        def between() -> None:
            assert [link.closed for loaded in (a_was, b_was) for link in loaded.links] == [1, 1]
            assert (a_is.opens, b_is.opens) == (0, 0)
            assert {hall.now(name).state for name in ("a", "b", "b-1")} == {"stopped"}

        assert await hall.supervisor.renew([new_b, new_a], between) == []
        await settle()
        assert (a_was.opens, b_was.opens, a_is.opens, b_is.opens) == (1, 1, 1, 1)
        assert [each.device for each in hall.supervisor.statuses()] == ["a", "b", "b-1", "c"]
        assert {hall.now(name).state for name in ("a", "b", "c")} == {"online"}
        assert (c_is.opens, c_is.links[0].closed) == (1, 0)
        assert "c" not in {each.device for each in hall.told[told:]}


async def test_whoever_asks_at_the_same_time_waits_for_the_other() -> None:
    config, loaded = device("printer")
    async with running(config) as hall:
        restarts = (hall.supervisor.restart("printer") for _ in range(3))
        assert await asyncio.gather(*restarts) == [True, True, True]
        await settle()
        assert hall.now("printer").state == "online"
        assert [link.closed for link in loaded.links] == [1] * (len(loaded.links) - 1) + [0]


async def test_a_stranger_or_an_id_of_another_device_stops_nothing() -> None:
    (a, a_is), (b, _) = device("a"), device("b", "b-1")
    async with running(a, b) as hall:
        with pytest.raises(KeyError):
            await hall.supervisor.renew([a, device("c")[0]])
        with pytest.raises(ValueError, match="'b-1'"):
            await hall.supervisor.renew([device("a", "b-1")[0]])
        assert a_is.links[0].closed == 0


async def test_a_driver_left_behind_holds_up_nobody_and_starts_as_configured_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_TIMEOUT_S", 0.05)
    (a, a_was), (b, _), stubborn = device("a"), device("b"), Stubborn()
    (new_a, a_is), (new_b, b_is) = device("a"), device("b")
    a_was.puppet.script = stubborn.run
    async with running(a, b) as hall:
        assert await hall.supervisor.renew([new_a, new_b]) == ["a"]
        await settle()
        assert (hall.now("b").state, b_is.opens) == ("online", 1)
        assert (hall.now("a").state, hall.codes("a"), a_is.opens) == ("faulted", ["driver_stuck"], 0)
        stubborn.released.set()
        await settle()
        assert await hall.supervisor.restart("a")
        await settle()
        assert (hall.now("a").state, a_was.opens, a_is.opens) == ("online", 1, 1)


async def test_what_is_stopped_at_the_end_is_not_started_again() -> None:
    config, loaded = device("printer")
    new, new_loaded = device("printer")
    taken: list[bool] = []
    stubborn = Stubborn()
    loaded.puppet.script = stubborn.run
    async with running(config) as hall:
        renewing = asyncio.create_task(hall.supervisor.renew([new], lambda: taken.append(True)))
        await settle()
        asyncio.get_running_loop().call_later(0.01, stubborn.released.set)
    with pytest.raises(Stopping):
        await renewing
    with pytest.raises(Stopping):
        await hall.supervisor.restart("printer")
    assert (taken, new_loaded.opens, hall.now("printer").state) == ([], 0, "stopped")


async def test_a_line_that_was_released_comes_back_by_itself_or_at_once_when_told_to() -> None:
    config, loaded = device("printer")
    async with running(config) as hall:
        assert await hall.supervisor.release("printer", 20.0)
        assert (hall.now("printer").state, loaded.links[0].closed, loaded.opens) == ("stopped", 1, 1)
        await hall.clock.advance(19.0)
        assert loaded.opens == 1
        await hall.clock.advance(1.0)
        assert (hall.now("printer").state, loaded.opens) == ("online", 2)

        assert await hall.supervisor.release("printer", 20.0)
        assert await hall.supervisor.release("printer", 20.0), "the later one counts"
        assert await hall.supervisor.restart("printer")
        await settle()
        assert (hall.now("printer").state, loaded.opens) == ("online", 3)
        await hall.clock.advance(60.0)
        assert loaded.opens == 3, "who took it back early is not started again"

        assert await hall.supervisor.release("printer", 20.0)
    assert hall.now("printer").state == "stopped"
