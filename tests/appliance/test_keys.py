"""Keys that are really pressed: they reach the hall, once each, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.appliance.hall import Hall, Keyboard

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

EAR = "console-ear"  # a unit that writes down what is typed at the console
HEARD = "/run/heard"


@pytest_asyncio.fixture(loop_scope="session")
async def console(hall: Hall) -> AsyncIterator[None]:
    listen = "exec </dev/tty1; stty -icanon -echo; exec cat"
    keep = f"--property=StandardOutput=truncate:{HEARD}"
    await hall.machine.must("systemd-run", "--quiet", f"--unit={EAR}", keep, "sh", "-c", listen)
    yield
    await hall.machine.must("systemctl", "stop", EAR)


async def heard(hall: Hall) -> str:
    return await hall.machine.must("cat", HEARD)


async def test_a_key_reaches_the_hall_and_not_the_console(hall: Hall, console: None) -> None:
    stranger = Keyboard(hall.machine, "STRANGER", 12)
    await hall.settle("printer")
    await stranger.plug()
    await asyncio.sleep(3)  # until the kernel and udev have taken it up
    await hall.machine.press("7")
    await asyncio.sleep(1)
    await hall.machine.key("8", True)  # held: the kernel repeats it
    await asyncio.sleep(2)
    await hall.machine.key("8", False)
    await stranger.pull()
    typed = await heard(hall)
    assert typed[0] == "7", "the console hears a keyboard that nobody has grabbed"
    assert set(typed[1:]) == {"8"}
    assert len(typed) > 5, "and its repeats"

    await hall.settle("printer", "pad")
    rated = len(hall.events("rating.given"))
    await hall.send("ticket.take", "service=tax")
    await hall.send("window.call", "window=1")
    await hall.send("window.start", "window=1")
    await hall.send("window.evaluate", "window=1")
    await hall.machine.press("5")
    (rating,) = (await hall.count("rating.given", rated + 1))[rated:]
    assert (rating["level"], rating["by"], rating["window"]) == (5, "pad", "1")
    assert await heard(hall) == typed


async def test_a_key_that_repeats_for_ever_is_one_press(hall: Hall) -> None:
    await hall.settle("printer", "buttons")
    before = len(hall.events("ticket.reserved"))
    await hall.machine.key("1", True)
    await hall.count("ticket.reserved", before + 1)
    await hall.until("buttons", lambda device: _codes(device) == ["key_stuck"])
    await hall.machine.key("1", False)
    await hall.until("buttons", lambda device: _codes(device) == [])
    assert len(hall.events("ticket.reserved")) == before + 1

    await asyncio.sleep(2)  # longer than what counts as the same press
    for _ in range(150):  # a contact that goes down and up by itself, until it is told, for 30 s at most
        await hall.machine.press("1", hold_ms=40)
        await asyncio.sleep(0.2)
        if _codes(hall.device("buttons")):
            break
    assert _codes(hall.device("buttons")) == ["key_stuck"]
    await hall.until("buttons", lambda device: _codes(device) == [])
    assert len(hall.events("ticket.reserved")) == before + 2

    await asyncio.sleep(2)
    await hall.machine.press("1")
    await hall.count("ticket.reserved", before + 3)
    await asyncio.sleep(2)
    assert len(hall.events("ticket.reserved")) == before + 3


def _codes(device: dict[str, object]) -> list[str]:
    conditions = device["conditions"]
    assert isinstance(conditions, list)
    return [each["code"] for each in conditions]
