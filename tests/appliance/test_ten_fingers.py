"""A touch screen that feels ten fingers, at a kiosk that draws on the screen itself: the kernel's own
events, by way of udev and SDL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.appliance import touch_screen
from tests.appliance.glass import Glass, Page, codes, controls, glass_of, middle_of
from tests.appliance.hall import Hall
from tests.appliance.machine import Machine

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

FIFO, UNIT, PROGRAM = "/run/fingers", "ten-fingers", "/run/touch_screen.py"
THERE = f"until grep -q 'Name=\"{touch_screen.NAME}\"' /proc/bus/input/devices; do sleep 1; done"


@dataclass
class Fingers:
    machine: Machine

    async def plug(self) -> None:
        text = Path(touch_screen.__file__).read_text(encoding="utf-8")
        await self.machine.must("tee", PROGRAM, given=text)
        await self.machine.must("modprobe", "uinput")
        await self.machine.must("mkfifo", FIFO)
        python = ("/opt/hall-edge/.venv/bin/python", PROGRAM, FIFO)
        await self.machine.must("systemd-run", "--quiet", f"--unit={UNIT}", *python)
        await self.machine.must("sh", "-c", THERE)

    async def pull(self) -> None:
        await self.machine.must("systemctl", "stop", UNIT)
        await self.machine.must("rm", FIFO)

    async def put(self, page: Page, ids: Sequence[str]) -> None:
        """A finger on the middle of each, all in one moment."""
        lines = []
        for finger, control in enumerate(ids):
            x, y = (round(share * touch_screen.MOST) for share in middle_of(page, control))
            lines.append(f"down {finger} {x} {y}")
        await self._say(*lines, "sync")

    async def take(self, count: int) -> None:
        await self._say(*(f"up {finger}" for finger in range(count)), "sync")

    async def _say(self, *lines: str) -> None:
        text = "\n".join((*lines, ""))
        await self.machine.must("sh", "-c", f"cat > {FIFO}", given=text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def glass(hall: Hall) -> AsyncIterator[Glass]:
    await hall.settle("printer")
    async with glass_of(hall) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fingers(glass: Glass) -> AsyncIterator[Fingers]:
    found = Fingers(glass.hall.machine)
    await found.plug()
    yield found
    await found.pull()


async def touch(glass: Glass, fingers: Fingers, page: Page, *ids: str) -> None:
    await glass.settle()
    await fingers.put(page, ids)
    await glass.hold()
    await fingers.take(len(ids))
    await glass.settle()


async def test_one_finger_of_a_touch_screen_is_felt_where_it_is(glass: Glass, fingers: Fingers) -> None:
    await glass.go({"attract": "wake"}, "home")
    found = await glass.look()
    assert found is not None and found[0] == "home"
    await touch(glass, fingers, found[1], "open-services")
    await glass.go({}, "services")


async def test_of_ten_fingers_at_once_the_first_takes_the_only_ticket(glass: Glass, fingers: Fingers) -> None:
    hall = glass.hall
    before = len(hall.events("ticket.printed"))
    page = await glass.go({"attract": "wake", "home": "open-services", "ticket": "done"}, "services")
    every = controls(page)
    ten = (["take-tax", *(each for each in every if each != "take-tax")] * 10)[:10]
    await touch(glass, fingers, page, *ten)
    await glass.go({}, "ticket")
    await asyncio.sleep(5.0)  # for a second slip, if there were one
    assert len(hall.events("ticket.printed")) == before + 1
    assert codes(hall.device("kiosk-1")) == []
