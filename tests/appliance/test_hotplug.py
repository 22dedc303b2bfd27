"""Devices that are really pulled out and plugged in: seen within 1 s of udev's word, back within 2 s."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from tests.appliance.figures import tell
from tests.appliance.hall import LIMIT_S, Hall, is_node

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

SEEN_S, BACK_S = 1.0, 2.0
CYCLES = 12


@pytest.mark.parametrize("name", ["printer", "scanner", "reader", "pad", "buttons", "caller"])
async def test_a_device_that_is_pulled_is_missed_and_comes_back(name: str, hall: Hall) -> None:
    await hall.settle(name)
    thing = hall.things[name]
    seen_s, back_s = [], []
    for _ in range(CYCLES):
        seen_s.append(await _after(hall, "remove", thing.pull, f"backoff: .*code=unplugged device={name}$"))
        back_s.append(await _after(hall, "add", thing.plug, f"online .*device={name}$"))
    tell(f"{name}: pulled, seen after udev's remove", seen_s)
    tell(f"{name}: plugged, online after udev's add", back_s)
    assert max(seen_s) < SEEN_S
    assert max(back_s) < BACK_S


async def _after(hall: Hall, action: str, do: Callable[[], Awaitable[None]], line: str) -> float:
    """Guest's seconds from udev's word to the daemon's line; below 0 where it knew before."""
    at, in_log = len(hall.machine.udev), len(hall.machine.log)
    await do()
    logged = await hall.machine.log.first(lambda it: bool(re.search(line, it.text)), in_log, LIMIT_S)
    told = await hall.machine.udev.first(lambda it: is_node(it) and it.action == action, at, LIMIT_S)
    return logged.mono_s - told.mono_s
