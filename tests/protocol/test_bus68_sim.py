"""The simulated bus itself: it must not flatter the driver."""

from __future__ import annotations

import asyncio

import pytest

from drivers.api import BadSettings
from drivers.bus68.sim import simulator
from drivers.conformance import run_warped
from drivers.transport.null import NullLink, pair
from tests.golden.bus68_frames import HEARD, SENT

BYTE_S = 10 / 9600
CALL = HEARD["caller 3, call next (layout)"][0]
SHOW = SENT["show 请 in colour 1 on strip 5 (layout)"][1]


async def silence() -> None:
    await asyncio.sleep(0.2)


async def heard(link: NullLink, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await link.read()
    return data


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_devices_send_what_the_documents_print() -> None:
    async def story() -> None:
        bus = simulator({"callers": "3", "pads": "0x83", "pad_model": "B", "strips": "5"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        press = asyncio.ensure_future(bus.caller(3).press())
        assert await heard(near, len(CALL)) == CALL
        await near.write(CALL)
        assert (await press).sent == 1
        rating = asyncio.ensure_future(bus.pad(0x83).rate(3))
        frame = HEARD["pad of caller 3, excellent (layout)"][0]
        assert await heard(near, len(frame)) == frame
        rating.cancel()
        await silence()
        await near.write(SENT["show 023 on caller 3"][1])
        await near.write(SHOW)
        answer = await heard(near, 6)
        assert answer == bytes.fromhex("A0 90 05 A5 A5 AA")
        assert (bus.caller(3).display, bus.strip(5).text, bus.strip(5).colors) == ("   023", "请", (1,))
        running.cancel()

    run_warped(story())


@pytest.mark.parametrize("name", ["show 023 on caller 3", "show 请 in colour 1 on strip 5 (layout)"])
def test_devices_do_not_hear_a_frame_with_any_byte_wrong(name: str) -> None:
    async def story() -> None:
        data = SENT[name][1]
        for index in range(1, len(data)):  # without its first byte, FF, a key frame is still one
            bus = simulator({"callers": "3", "strips": "5"})
            near, far = pair()
            running = asyncio.ensure_future(bus.run(far))
            await near.write(data[:index] + bytes([data[index] ^ 0x40]) + data[index + 1 :])
            await silence()
            assert (bus.caller(3).display, bus.strip(5).shown) == ("", [])
            running.cancel()

    run_warped(story())


def test_a_host_that_breaks_the_silence_is_not_heard() -> None:
    async def story() -> None:
        bus = simulator({"callers": "3", "strips": "5"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        press = asyncio.ensure_future(bus.caller(3).press())
        await heard(near, len(CALL))
        await near.write(CALL)
        await press
        await asyncio.sleep(0.079)
        await near.write(SHOW)
        await asyncio.sleep(0.01)
        assert [round(violation.gap_s, 3) for violation in bus.violations] == [0.079]
        assert bus.strip(5).shown == []
        await near.write(SHOW)
        await asyncio.sleep(0.01)
        assert bus.strip(5).text == "请"
        running.cancel()

    run_warped(story())


def test_a_caller_repeats_until_its_patience_ends() -> None:
    async def story() -> None:
        bus = simulator({"callers": "3"})
        press = await bus.caller(3).press()
        assert (press.sent, press.acknowledged_s) == (4, None)
        assert 0.8 <= now_s() - press.began_s <= 1.3

    run_warped(story())


def test_another_ones_echo_is_no_acknowledgement() -> None:
    async def story() -> None:
        bus = simulator({"callers": "3"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        press = asyncio.ensure_future(bus.caller(3).press("1"))
        await heard(near, len(CALL))
        await near.write(CALL)
        assert (await press).acknowledged_s is None
        running.cancel()

    run_warped(story())


def test_bytes_take_their_time_and_two_at_once_spoil_each_other() -> None:
    async def story() -> None:
        bus = simulator({"callers": "1,2", "line": "9600"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        one = asyncio.ensure_future(bus.caller(1).press(listen_first=False))
        await heard(near, 10)
        assert now_s() - 1000.0 == pytest.approx(10 * BYTE_S)
        one.cancel()
        both = [asyncio.ensure_future(caller.press(listen_first=False)) for caller in bus.callers]
        data = await heard(near, 20)
        assert bus.line.collisions == 20
        assert CALL[2:4] not in data
        for press in both:
            press.cancel()
        running.cancel()

    run_warped(story())


def test_devices_that_listen_first_do_not_collide() -> None:
    async def story() -> None:
        bus = simulator({"callers": "1,2,3,4,5,6", "line": "9600"})
        await asyncio.gather(*(caller.press() for caller in bus.callers))
        assert bus.line.collisions == 0

    run_warped(story())


def test_the_host_is_heard_by_itself_where_asked() -> None:
    async def story() -> None:
        for echo, expected in (("0", b""), ("1", SHOW)):
            bus = simulator({"echo": echo})
            near, far = pair()
            running = asyncio.ensure_future(bus.run(far))
            await near.write(SHOW)
            await silence()
            await near.close()
            await running
            try:
                data = await near.read()
            except Exception:  # noqa: BLE001 closed and empty
                data = b""
            assert data == expected

    run_warped(story())


def test_a_pad_of_model_a_is_dead_until_a_rating_is_begun() -> None:
    async def story() -> None:
        bus = simulator({"pads": "0x83"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        assert (await bus.pad(0x83).rate(3)).sent == 0
        await near.write(SENT["begin a rating on pad model A (layout)"][1])
        await bus.pad(0x83).invited.wait()
        press = asyncio.ensure_future(bus.pad(0x83).rate(3))
        await heard(near, 10)
        await near.write(SENT["acknowledge pad model A (layout)"][1])
        assert (await press).acknowledged_s is not None
        assert (await bus.pad(0x83).rate(3)).sent == 0
        running.cancel()

    run_warped(story())


def test_a_device_without_power_does_nothing() -> None:
    async def story() -> None:
        bus = simulator({"callers": "3", "strips": "5", "silent": "caller:3,strip:0x05"})
        near, far = pair()
        running = asyncio.ensure_future(bus.run(far))
        assert (await bus.caller(3).press()).sent == 0
        await near.write(SHOW)
        await silence()
        assert bus.strip(5).shown == []
        running.cancel()

    run_warped(story())


@pytest.mark.parametrize(
    "params",
    [
        {"caller": "3"},
        {"callers": "three"},
        {"callers": "300"},
        {"pad_model": "C"},
        {"noise": "much"},
        {"silent": "strip:3"},
        {"silent": "lamp:3"},
    ],
)
def test_a_wrong_option_is_named(params: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=next(iter(params)) + "|no such device at address 0x03"):
        simulator(params)
