"""Which port a device is at: by its maker's number, by its socket, by kind and socket; and one owner each."""

from __future__ import annotations

import asyncio

import pytest

from tests.appliance.hall import LIMIT_S, Hall, Keyboard, is_node

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

OTHER_SOCKET = 12
SETTLE_S = 4.0  # a device that fits is online within 2 s


async def online_after(hall: Hall, keyboard: Keyboard) -> set[str]:
    """The keyboards of the hall that are online once this one is plugged in. It is pulled again."""
    await hall.settle()
    at = len(hall.machine.udev)
    await keyboard.plug()
    await hall.machine.udev.first(lambda it: is_node(it) and it.action == "add", at, LIMIT_S)
    await asyncio.sleep(SETTLE_S)
    found = {name for name in ("pad", "buttons", "caller") if hall.device(name)["state"] == "online"}
    await keyboard.pull()
    for name in found:
        await hall.until(name, lambda device: device["state"] != "online")
    return found


@pytest.mark.parametrize(
    ("serial", "socket", "device"),
    [
        ("PAD", 9, {"pad"}),
        ("PAD", OTHER_SOCKET, {"pad"}),  # by-id: the same thing in any socket
        ("OTHER", 9, set()),
        ("BUTTONS", 10, {"buttons"}),
        ("BUTTONS", OTHER_SOCKET, set()),  # VID:PID and socket: what is like it, in this socket
        ("OTHER", 10, {"buttons"}),
        ("CALLER", 11, {"caller"}),
        ("CALLER", OTHER_SOCKET, set()),  # by-path: whatever is in this socket
        ("OTHER", 11, {"caller"}),
        ("PAD", 11, {"pad", "caller"}),  # both names fit: one of them gets it
    ],
)
async def test_a_keyboard_is_who_the_configuration_says(
    serial: str, socket: int, device: set[str], hall: Hall
) -> None:
    found = await online_after(hall, Keyboard(hall.machine, serial, socket))
    assert found <= device
    assert len(found) == min(1, len(device))


async def test_one_port_has_one_owner_each_time_it_is_plugged(hall: Hall) -> None:
    await hall.settle()
    for _ in range(5):
        await hall.things["twin"].plug()
        owner, other = await _owner(hall), await _refused(hall)
        assert {owner, other} == {"twin-id", "twin-port"}
        assert owner in next(iter(hall.device(other)["conditions"]))["detail"]
        await hall.things["twin"].pull()
        await hall.until(owner, lambda device: device["state"] != "online")


async def _owner(hall: Hall) -> str:
    return await _one_of(hall, "online", "")


async def _refused(hall: Hall) -> str:
    return await _one_of(hall, "backoff", "device_in_use")


async def _one_of(hall: Hall, state: str, code: str) -> str:
    """Which of the twins is in this state, by this condition; once there is one."""

    def found() -> list[str]:
        return [
            name
            for name in ("twin-id", "twin-port")
            if (device := hall.device(name)) and device["state"] == state
            if code in [each["code"] for each in device["conditions"]] or not code
        ]

    await hall.heard.first(lambda _: bool(found()), 0, LIMIT_S)
    (name,) = found()
    return name


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        ("printer", ("serial-PRINTER", "serial@pci-0000:00:10.0-usb-0:1:1.0")),
        ("pad", ("input-PAD", "input@pci-0000:00:10.0-usb-0:9:1.0")),
        ("slips", ("printer@*",)),
    ],
)
async def test_a_device_has_names_that_stay(thing: str, names: tuple[str, ...], hall: Hall) -> None:
    await hall.settle(thing)
    for name in names:
        await hall.machine.must("sh", "-c", f"udevadm settle && test -c /dev/hall/{name}")
    await hall.settle()
    assert (await hall.machine.run("sh", "-c", "ls /dev/hall")).out == ""
