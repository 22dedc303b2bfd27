"""The kiosk on a real screen without a desktop, under its unit: drawn, touched, typed at, and killed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.appliance.figures import slower, tell_so
from tests.appliance.glass import KIOSK, SLOW_S, TO_SERVICES, UNIT, By, Glass, codes, glass_of
from tests.appliance.hall import Hall, Keyboard

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

USABLE_S = 5.0  # K17: from a crash to a kiosk that can be used, on a machine that is not emulated
RESTART_S = 1.0  # of it RestartSec= of the unit, which takes as long there as here
UNTIL_OPENED_AFRESH = f"until journalctl --quiet --unit={UNIT} | grep -q 'opened afresh'; do sleep 2; done"
PROMPTS = ("login:", "Traceback", "File", "Error")  # what no citizen is to see


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def glass(hall: Hall) -> AsyncIterator[Glass]:
    """As shipped: on the screen itself."""
    await hall.settle("printer")
    async with glass_of(hall) as found:
        yield found


async def test_the_screen_is_the_kiosks_and_says_what_to_do(glass: Glass) -> None:
    assert await glass.hall.show("User", UNIT) == "hall-kiosk"
    await glass.shows("整机测试大厅")
    pid = await glass.hall.show("MainPID", UNIT)
    assert "DISPLAY" not in await glass.hall.machine.must("cat", f"/proc/{pid}/environ")


async def test_touches_take_a_ticket(glass: Glass) -> None:
    await takes_a_ticket(glass)
    assert codes(glass.hall.device(KIOSK)) == []


async def takes_a_ticket(glass: Glass, by: By = "finger") -> None:
    """And the hall's printer prints it."""
    before = len(glass.hall.events("ticket.printed"))
    await glass.go({"attract": "wake"}, "home", by=by)
    await glass.shows("要办什么", "取号", "办事指南")
    page = await glass.go(TO_SERVICES | {"services": "take-tax"}, "ticket", by=by)
    await glass.shows("取号成功", "您的号码")
    (printed,) = (await glass.hall.count("ticket.printed", before + 1, SLOW_S))[before:]
    assert printed["ticket"] in json.dumps(page)
    await glass.go({"ticket": "done"}, "home", by=by)


async def test_k7_keys_alone_take_a_ticket(glass: Glass) -> None:
    """Of a keypad that is a USB keyboard."""
    keypad = Keyboard(glass.hall.machine, "KEYPAD", 8)
    await keypad.plug()
    try:
        await takes_a_ticket(glass, "keys")
    finally:
        await keypad.pull()


async def test_k19_a_touch_device_that_is_pulled_is_told_and_felt_again(glass: Glass) -> None:
    await glass.pull()
    await glass.told(lambda device: "touch_lost" in codes(device))
    await glass.hall.machine.must("sh", "-c", UNTIL_OPENED_AFRESH, limit_s=SLOW_S)
    await glass.plug()
    await glass.told(lambda device: device["state"] == "online" and codes(device) == [])
    await glass.go(TO_SERVICES, "services")


async def test_k17_a_kiosk_that_is_killed_is_usable_again_and_nobody_sees_how(glass: Glass) -> None:
    """By the machine's own clock it takes long. How much slower it is than this one is measured beside it, by
    the same piece of Python in both."""
    before = (await glass.told(lambda device: device["state"] == "online"))["restarts"]
    began_s = time.monotonic()
    await glass.hall.machine.must("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT)
    seen: list[str] = []
    watching = asyncio.create_task(_watched(glass, seen))
    await glass.told(lambda device: device["restarts"] == before + 1 and device["state"] == "online")
    took_s = time.monotonic() - began_s
    times = await slower(glass.hall.machine)
    watching.cancel()
    assert seen and not [text for text in seen if any(each in text for each in PROMPTS)]
    await glass.go({"attract": "wake"}, "home")
    unhurried_s = RESTART_S + max(0.0, took_s - RESTART_S) / times
    here = f"{took_s:.1f} s on a machine {times:.0f} times slower: {unhurried_s:.1f} s"
    tell_so("kiosk killed → usable", here)
    assert unhurried_s <= USABLE_S


async def _watched(glass: Glass, seen: list[str]) -> None:
    while True:
        seen.append(await glass.read())
