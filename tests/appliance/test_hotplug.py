"""Devices that are really pulled out and plugged in: seen within 1 s of udev's word, back within 2 s."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from tests.appliance.figures import tell
from tests.appliance.hall import DEVICES, LIMIT_S, Hall, is_node

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

SEEN_S, BACK_S = 1.0, 2.0
CYCLES = 12
AWAY_S = 25.0  # the rests grow by 1.8: the sixth try is after 20 s, the seventh after 35 s


@pytest.mark.parametrize("name", DEVICES)
async def test_a_device_that_is_pulled_is_missed_and_comes_back(name: str, hall: Hall) -> None:
    await hall.settle(name)
    thing = hall.things[name]
    seen_s, back_s = [], []
    for _ in range(CYCLES):
        seen_s.append(await _after(hall, "remove", thing.pull, f"backoff: .*code=unplugged device={name}$"))
        back_s.append(await _after(hall, "add", thing.plug, _online(name)))
    tell(f"{name}: pulled, seen after udev's remove", seen_s)
    tell(f"{name}: plugged, online after udev's add", back_s)
    assert max(seen_s) < SEEN_S
    assert max(back_s) < BACK_S


async def test_who_was_away_for_long_is_back_as_soon(hall: Hall) -> None:
    """Its tries are a quarter of a minute apart by now: it is udev's word that wakes it."""
    await hall.settle(*DEVICES)
    for name in DEVICES:
        await hall.things[name].pull()
    await asyncio.sleep(AWAY_S)
    back_s = [await _after(hall, "add", hall.things[name].plug, _online(name)) for name in DEVICES]
    tell("all, one after another, after 25 s: back", back_s)
    assert max(back_s) < BACK_S


@pytest.mark.parametrize("name", ["scanner", "pad"])
async def test_a_loose_cable_ends_in_a_device_that_works(name: str, hall: Hall) -> None:
    await hall.settle(name)
    thing = hall.things[name]
    for rest_s in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9):
        await thing.pull()
        await asyncio.sleep(rest_s)
        await thing.plug()
        await asyncio.sleep(rest_s)
    await thing.pull()
    await asyncio.sleep(2)
    assert await _after(hall, "add", thing.plug, _online(name)) < BACK_S


async def test_words_of_udev_that_mean_no_plug_disturb_nobody(hall: Hall) -> None:
    await hall.settle("scanner", "pad")
    await asyncio.sleep(2)  # the log comes later than the broker's word
    in_log = len(hall.machine.log)
    await hall.machine.must("udevadm", "trigger", "--action=add", "--settle")
    await hall.machine.must("udevadm", "trigger", "--action=change", "--settle")
    await hall.machine.must("systemctl", "restart", "systemd-udevd")
    await asyncio.sleep(3)
    assert [said for said in hall.machine.log.since(in_log) if "device=" in said.text] == []
    for name in ("scanner", "pad"):
        seen_s = await _after(hall, "remove", hall.things[name].pull, f"backoff: .*device={name}$")
        back_s = await _after(hall, "add", hall.things[name].plug, _online(name))
        assert (seen_s < SEEN_S, back_s < BACK_S) == (True, True), (seen_s, back_s)


def _online(name: str) -> str:
    return f"online .*device={name}$"


async def _after(hall: Hall, action: str, do: Callable[[], Awaitable[None]], line: str) -> float:
    """Guest's seconds from udev's word to the daemon's line; below 0 where it knew before."""
    at, in_log = len(hall.machine.udev), len(hall.machine.log)
    await do()
    logged = await hall.machine.log.first(lambda it: bool(re.search(line, it.text)), in_log, LIMIT_S)
    told = await hall.machine.udev.first(lambda it: is_node(it) and it.action == action, at, LIMIT_S)
    return logged.mono_s - told.mono_s
