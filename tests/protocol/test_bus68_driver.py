"""The driver against a simulated bus: what is pressed becomes events, what is ordered is shown."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.api import Link, LinkLost
from drivers.bus68.driver import BusDriver
from drivers.bus68.settings import Child
from drivers.bus68.sim import BusSim, simulator
from drivers.conformance import run_warped
from drivers.messages import (
    AskRating,
    Beep,
    ButtonPressed,
    KeyAction,
    KeyPressed,
    LevelPressed,
    Outcome,
    PrintSlip,
    Result,
    ShowDigits,
    ShowText,
)
from tests.protocol.doubles_bus68 import RecordingContext, Running, settings, start, window

LINES = {"instant": {}, "9600 baud": {"line": "9600"}, "hears itself": {"line": "9600", "echo": "1"}}
DONE = Outcome(Result.DONE)
UNCONFIRMED = Outcome(Result.DONE, "unconfirmed")


class ByteAtATime:
    """A link that hands on one byte each time, as the slowest adapters do."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._rest = b""

    @property
    def url(self) -> str:
        return self._link.url

    async def read(self) -> bytes:
        data = self._rest or await self._link.read()
        self._rest = data[1:]
        return data[:1]

    async def write(self, data: bytes) -> None:
        for byte in data:
            await self._link.write(bytes([byte]))
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self._link.close()


def one_window(options: dict[str, str], **own: Any) -> tuple[RecordingContext, BusSim]:
    bus = simulator({"callers": "3", "pads": "0x83", "strips": "3", "buttons": "9", **options})
    ctx = RecordingContext(
        settings([*window(3), Child("panel", "buttons", 9)], local_echo=options.get("echo") == "1", **own)
    )
    return ctx, bus


async def a_window_at_work(running: Running, bus: BusSim) -> None:
    """Log in, call, be shown, rate: everything that one window does."""
    ctx = running.ctx
    for digits, key in (("107", 0x0F), ("", 0x0C), ("023", 0x0C), ("5", 0x0F)):
        press = await bus.caller(3).press(digits, key)
        assert press.acknowledged_s is not None
        await asyncio.sleep(1)
    assert ctx.events == [
        ("caller-3", KeyPressed(KeyAction.LOGIN, "107")),
        ("caller-3", KeyPressed(KeyAction.CALL)),
        ("caller-3", KeyPressed(KeyAction.CALL, "023")),
        ("caller-3", KeyPressed(KeyAction.SKIP)),
    ]
    text = ctx.order("strip-3", ShowText("请A023到3号窗口", "green"))
    number = ctx.order("caller-3", ShowDigits("023"))
    beep = ctx.order("caller-3", Beep())
    rating = ctx.order("pad-3", AskRating())
    outcomes = [await command.outcome for command in (text, number, beep, rating)]
    assert outcomes == [DONE, UNCONFIRMED, UNCONFIRMED, UNCONFIRMED]
    await bus.pad(0x83).invited.wait()
    await asyncio.sleep(0.1)  # "unconfirmed" is sent, not yet heard
    assert (bus.strip(3).text, set(bus.strip(3).colors)) == ("请A023到3号窗口", {1})
    assert (bus.caller(3).display, bus.caller(3).beeps) == ("   023", 1)
    assert (await bus.pad(0x83).rate(3)).acknowledged_s is not None
    assert (await bus.buttons(9).press(12)).acknowledged_s is not None
    assert ctx.events[4:] == [("pad-3", LevelPressed(5, 3)), ("panel", ButtonPressed(12))]


@pytest.mark.parametrize("wrap", [None, ByteAtATime], ids=["whole", "a byte at a time"])
@pytest.mark.parametrize("line", LINES)
def test_a_window_at_work(line: str, wrap: Any) -> None:
    async def story() -> None:
        ctx, bus = one_window(LINES[line])
        running = start(ctx, bus, wrap=wrap)
        await a_window_at_work(running, bus)
        assert bus.violations == []
        assert bus.line.collisions == 0
        assert ctx.conditions == {}
        assert all(health.identity is not None for health in ctx.children.values())
        await running.stop()

    run_warped(story())


def test_a_press_is_acknowledged_only_once_the_hall_has_taken_it() -> None:
    async def story() -> None:
        ctx, bus = one_window({"line": "9600"})
        running = start(ctx, bus)
        ctx.accepts.clear()
        press = asyncio.ensure_future(bus.caller(3).press())
        await asyncio.sleep(0.6)  # it repeats meanwhile
        assert bus.caller(3).acknowledged == 0
        ctx.accepts.set()
        done = await press
        assert done.acknowledged_s is not None
        assert done.sent > 1
        assert len(ctx.events) == 1
        await running.stop()

    run_warped(story())


def test_a_press_that_the_hall_never_takes_is_never_acknowledged() -> None:
    async def story() -> None:
        ctx, bus = one_window({})
        running = start(ctx, bus)
        ctx.accepts.clear()
        assert (await bus.caller(3).press()).acknowledged_s is None
        await running.stop()
        assert ctx.events == []

    run_warped(story())


def test_the_same_key_after_the_window_is_another_press() -> None:
    async def story() -> None:
        ctx, bus = one_window({"line": "9600"})
        running = start(ctx, bus)
        for _ in range(3):
            assert (await bus.caller(3).press()).acknowledged_s is not None
            await asyncio.sleep(1.0)
        assert len(ctx.events) == 3
        await bus.caller(3).press()
        assert (await bus.caller(3).press()).acknowledged_s is not None  # within it: the same press
        assert len(ctx.events) == 4
        await running.stop()

    run_warped(story())


def test_a_text_follows_a_key_as_soon_as_the_bus_allows() -> None:
    async def story() -> None:
        ctx, bus = one_window({"line": "9600"})
        ctx.on_event = lambda _: ctx.order("strip-3", ShowText("请A023号"))
        running = start(ctx, bus)
        press = await bus.caller(3).press()
        await asyncio.sleep(0.5)
        began_s, text = bus.strip(3).shown[0]
        assert text == "请A023号"
        byte_s = 10 / 9600
        floor_s = 10 * byte_s + 10 * byte_s + 0.08 + byte_s  # key, echo, silence, first byte of the text
        assert floor_s <= began_s - press.began_s < floor_s + 0.01
        await running.stop()

    run_warped(story())


def test_six_windows_press_at_once() -> None:
    async def story() -> None:
        numbers = range(1, 7)
        listed = ",".join(map(str, numbers))
        bus = simulator({"callers": listed, "strips": listed, "line": "9600"})
        children = [child for number in numbers for child in window(number) if child.kind != "pad"]
        ctx = RecordingContext(settings(children))
        ctx.on_event = lambda device: ctx.order(device.replace("caller", "strip"), ShowText(device))
        running = start(ctx, bus)
        for _ in range(5):
            presses = await asyncio.gather(*(caller.press() for caller in bus.callers))
            assert [press.acknowledged_s is not None for press in presses] == [True] * 6
            await asyncio.sleep(2)
        assert sorted(device for device, _ in ctx.events) == sorted(5 * [f"caller-{n}" for n in numbers])
        assert [strip.text for strip in bus.strips] == [f"caller-{n}" for n in numbers]
        assert bus.violations == []
        await running.stop()

    run_warped(story())


def test_orders_to_nobody_and_of_no_use_are_rejected() -> None:
    async def story() -> None:
        ctx, bus = one_window({})
        running = start(ctx, bus)
        for device, order in (
            ("bus", ShowText("x")),
            ("strip-9", ShowText("x")),
            ("pad-3", PrintSlip("j", ())),
        ):
            outcome = await ctx.order(device, order).outcome
            assert (outcome.result, outcome.code) == (Result.REJECTED, "unsupported")
        await running.stop()

    run_warped(story())


def test_pads_of_model_b_begin_by_themselves_and_hear_their_value() -> None:
    async def story() -> None:
        bus = simulator({"pads": "3", "pad_model": "B", "line": "9600"})
        ctx = RecordingContext(settings([Child("pad-3", "pad", 0x83)], "bus68-five"))
        running = start(ctx, bus)
        assert (await ctx.order("pad-3", AskRating()).outcome).result is Result.DONE
        assert (await bus.pad(3).rate(0)).acknowledged_s is not None
        assert ctx.events == [("pad-3", LevelPressed(1, 0))]
        await running.stop()

    run_warped(story())


def test_a_pad_is_reached_where_it_was_heard() -> None:
    """Configured by its caller's address, it answers at 0x80 above: asked there from then on."""

    async def story() -> None:
        bus = simulator({"pads": "0x83"})
        ctx = RecordingContext(settings([Child("pad", "pad", 3)]))
        running = start(ctx, bus)
        await ctx.order("pad", AskRating()).outcome
        assert bus.pad(0x83).invitations == 0
        bus.pad(0x83).invited.set()  # by hand
        assert (await bus.pad(0x83).rate(1)).acknowledged_s is not None
        await ctx.order("pad", AskRating()).outcome
        await asyncio.sleep(0.1)
        assert bus.pad(0x83).invitations == 1
        await running.stop()

    run_warped(story())


def test_the_last_of_many_texts_is_the_one_shown() -> None:
    async def story() -> None:
        ctx, bus = one_window({"line": "9600"})
        running = start(ctx, bus)
        await bus.caller(3).press()
        commands = [ctx.order("strip-3", ShowText(f"text {number}")) for number in range(20)]
        outcomes = [await command.outcome for command in commands]
        assert {outcome.code for outcome in outcomes[:-1]} == {"replaced"}
        assert outcomes[-1] == DONE
        assert bus.strip(3).text == "text 19"
        assert len(bus.strip(3).shown) == 1
        await running.stop()

    run_warped(story())


def test_a_driver_lives_until_its_link_is_lost() -> None:
    async def story() -> None:
        ctx, bus = one_window({})
        driver = BusDriver()
        running = start(ctx, bus, driver)
        await bus.caller(3).press()
        await running.unplug()
        with pytest.raises(LinkLost):
            await running.driver
        again = start(ctx, bus, driver)
        await bus.caller(3).press("1")
        assert len(ctx.events) == 2
        await again.stop()

    run_warped(story())
