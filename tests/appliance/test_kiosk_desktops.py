"""The kiosk by other ways to the screen: under cage, which shows one program, and on an X server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.appliance.glass import UNIT, glass_of
from tests.appliance.hall import Hall
from tests.appliance.test_kiosk import takes_a_ticket

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

X_SERVER = ("Xorg", ":0", "vt1", "-nolisten", "tcp", "-ac", "-nocursor")


@pytest_asyncio.fixture(loop_scope="session")
async def x_server(hall: Hall) -> AsyncIterator[None]:
    await hall.machine.must("systemd-run", "--quiet", "--unit=x-server", *X_SERVER)
    await hall.machine.must("sh", "-c", "until [ -S /tmp/.X11-unix/X0 ]; do sleep 1; done")
    yield
    await hall.machine.must("systemctl", "stop", "x-server")


async def test_under_cage_touches_take_a_ticket(hall: Hall) -> None:
    await hall.settle("printer")
    async with glass_of(hall, "cage") as glass:
        await glass.shows("整机测试大厅")
        main = await hall.machine.must("cat", f"/proc/{await hall.show('MainPID', UNIT)}/comm")
        assert (main.strip(), await hall.show("User", UNIT)) == ("cage", "hall-kiosk")
        await takes_a_ticket(glass)


async def test_on_an_x_server_touches_take_a_ticket(hall: Hall, x_server: None) -> None:
    await hall.settle("printer")
    async with glass_of(hall, "x11") as glass:
        await glass.shows("整机测试大厅")
        await takes_a_ticket(glass)
