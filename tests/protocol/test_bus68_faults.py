"""Lossy lines, cables pulled, strangers, devices that say nothing or nonsense."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from drivers.api import Link, LinkLost, ProtocolBreach
from drivers.bus68.arbiter import SHOW_AGAIN_S
from drivers.bus68.driver import BusDriver
from drivers.bus68.settings import Child
from drivers.bus68.sim import BusSim, simulator
from drivers.bus68.sim_devices import Press
from drivers.conformance import run_warped
from drivers.messages import Beep, KeyAction, KeyPressed, Result, ShowText
from tests.protocol.doubles_bus68 import RecordingContext, settings, start, window


def bus_and_context(options: dict[str, str], **own: Any) -> tuple[RecordingContext, BusSim]:
    bus = simulator({"callers": "3", "pads": "0x83", "strips": "3", **options})
    return RecordingContext(settings(window(3), **own)), bus


MORE = [pytest.param(n, marks=pytest.mark.thorough) for n in range(3, 6)]


@pytest.mark.parametrize("seed", [*range(3), *MORE])
def test_on_a_lossy_line_no_press_counts_twice_and_none_acknowledged_is_lost(seed: int) -> None:
    async def story() -> None:
        options = {"line": "9600", "loss": "0.01", "noise": "0.01", "seed": str(seed)}
        bus = simulator({"callers": "1,2,3", "strips": "1,2,3", **options})
        children = [child for number in (1, 2, 3) for child in window(number)]
        ctx = RecordingContext(settings(children, bad_frames=1000))
        ctx.on_event = lambda device: ctx.order(device.replace("caller", "strip"), ShowText(device))
        running = start(ctx, bus)
        acknowledged: list[tuple[str, str]] = []

        async def staff(address: int) -> None:
            """Each press with digits of its own, so that it can be told from all others."""
            for number in range(100, 160):
                press = await bus.caller(address).press(str(number))
                if press.acknowledged_s is not None:
                    acknowledged.append((f"caller-{address}", str(number)))

        await asyncio.gather(*(staff(address) for address in (1, 2, 3)))
        counted = Counter(
            (device, body.digits) for device, body in ctx.events if isinstance(body, KeyPressed)
        )
        assert max(counted.values()) == 1
        assert set(acknowledged) <= set(counted)
        assert len(acknowledged) > 100
        assert bus.violations == []
        await running.stop()

    run_warped(story())


def test_an_acknowledgement_that_was_not_heard_is_given_again() -> None:
    class Deaf:
        """Swallows the first bytes that the host writes."""

        def __init__(self, link: Link) -> None:
            self._link = link
            self.url = link.url
            self.read = link.read
            self.close = link.close
            self.swallowed = 0

        async def write(self, data: bytes) -> None:
            if self.swallowed < 2:
                self.swallowed += 1
            else:
                await self._link.write(data)

    async def story() -> None:
        ctx, bus = bus_and_context({"line": "9600"})
        running = start(ctx, bus, wrap=Deaf)
        press = await bus.caller(3).press()
        assert (press.sent, press.acknowledged_s is not None) == (3, True)
        assert len(ctx.events) == 1
        await running.stop()

    run_warped(story())


def test_a_press_that_cannot_be_kept_is_not_acknowledged_and_the_bus_works_on() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"line": "9600"})
        running = start(ctx, bus)
        ctx.refuses = 4  # as often as a caller sends a press
        refused = await bus.caller(3).press()
        assert (refused.sent, refused.acknowledged_s, ctx.events) == (4, None, [])
        ctx.refuses = 1
        kept = await bus.caller(3).press("12")
        assert (kept.sent, kept.acknowledged_s is not None) == (2, True), "the repeat found room"
        assert ctx.events == [("caller-3", KeyPressed(KeyAction.CALL, "12"))]
        shown = await ctx.order("strip-3", ShowText("A012")).outcome
        assert shown.result is Result.DONE
        await running.stop()

    run_warped(story())


def test_a_cable_pulled_before_the_acknowledgement_makes_no_second_press() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"line": "9600"})
        driver = BusDriver()
        running = start(ctx, bus, driver)
        ctx.on_event = lambda _: pulled.set()
        pulled = asyncio.Event()
        press = asyncio.ensure_future(bus.caller(3).press())
        await pulled.wait()
        await running.unplug()
        with pytest.raises(LinkLost):
            await running.driver
        await asyncio.sleep(0.3)
        again = start(ctx, bus, driver)
        result: Press = await press
        assert result.acknowledged_s is not None
        assert len(ctx.events) == 1
        await again.stop()

    run_warped(story())


def test_a_press_waiting_when_the_cable_was_pulled_is_counted_when_repeated() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"line": "9600"})
        driver = BusDriver()
        running = start(ctx, bus, driver)
        ctx.accepts.clear()
        press = asyncio.ensure_future(bus.caller(3).press())
        await asyncio.sleep(0.1)
        await running.unplug()
        with pytest.raises(LinkLost):
            await running.driver
        ctx.accepts.set()
        again = start(ctx, bus, driver)
        assert (await press).acknowledged_s is not None
        assert ctx.events == [("caller-3", KeyPressed(KeyAction.CALL))]
        await again.stop()

    run_warped(story())


def test_orders_end_honestly_when_the_cable_is_pulled() -> None:
    async def story() -> None:
        bus = simulator({"strips": "3,4", "silent": "strip:3", "line": "9600"})
        ctx = RecordingContext(settings([Child("strip-3", "strip", 3), Child("strip-4", "strip", 4)]))
        running = start(ctx, bus)
        asked = ctx.order("strip-3", ShowText("asked"))
        unsent = ctx.order("strip-4", ShowText("unsent"))
        await asyncio.sleep(0.1)
        await running.unplug()
        with pytest.raises(LinkLost):
            await running.driver
        assert ((await asked.outcome).result, (await unsent.outcome).result) == (
            Result.UNKNOWN,
            Result.REJECTED,
        )

    run_warped(story())


def test_a_silent_strip_is_unknown_and_says_so_until_it_answers() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"silent": "strip:3"})
        running = start(ctx, bus)
        outcome = await ctx.order("strip-3", ShowText("x")).outcome
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "silent")
        assert ctx.children["strip-3"].conditions == {"silent": "no answer from strip 0x03"}
        assert ctx.children["strip-3"].identity is None
        bus.strip(3).silent = False
        assert (await ctx.order("strip-3", ShowText("y")).outcome).result is Result.DONE
        assert ctx.children["strip-3"].conditions == {}
        assert ctx.children["strip-3"].identity is not None
        await running.stop()

    run_warped(story())


def test_a_strip_that_was_without_power_is_shown_its_text_when_it_is_back() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"silent": "strip:3"})
        running = start(ctx, bus)
        assert (await ctx.order("strip-3", ShowText("x")).outcome).result is Result.UNKNOWN
        bus.strip(3).silent = False
        await asyncio.sleep(SHOW_AGAIN_S + 1)
        assert [text for _, text in bus.strip(3).shown] == ["x"]
        assert ctx.children["strip-3"].conditions == {}
        await running.stop()

    run_warped(story())


def test_a_strip_whose_answers_are_lost_has_shown_the_text_all_the_same() -> None:
    """Why the outcome is UNKNOWN and not FAILED."""

    async def story() -> None:
        ctx, bus = bus_and_context({})
        bus.strip(3).mute = True
        running = start(ctx, bus)
        assert (await ctx.order("strip-3", ShowText("x")).outcome).result is Result.UNKNOWN
        assert [text for _, text in bus.strip(3).shown] == ["x", "x", "x"]
        await running.stop()

    run_warped(story())


def test_a_stranger_is_named_and_not_acknowledged() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"callers": "3,7", "pads": "0x83,0x87", "pad_model": "B"})
        running = start(ctx, bus)
        assert (await bus.caller(7).press()).acknowledged_s is None
        assert ctx.conditions == {"unknown_address": "address 0x07 (7), function 0x01"}
        assert (await bus.pad(0x87).rate(1)).acknowledged_s is None
        assert ctx.conditions == {"unknown_address": "address 0x87 (135), function 0x11"}
        assert ctx.events == []
        await running.stop()

    run_warped(story())


def test_an_unknown_key_is_a_condition_and_is_not_acknowledged() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"pad_model": "B"}, pad_model="B")
        running = start(ctx, bus)
        assert (await bus.caller(3).press("", 0x14)).acknowledged_s is None
        assert ctx.children["caller-3"].conditions == {"unknown_key": "14 is not in the key map"}
        assert (await bus.pad(0x83).rate(9)).acknowledged_s is None
        assert ctx.children["pad-3"].conditions == {"unknown_key": "rating 09"}
        assert (await bus.caller(3).press()).acknowledged_s is not None
        assert len(ctx.events) == 1
        await running.stop()

    run_warped(story())


def test_a_key_to_be_ignored_is_acknowledged_and_tells_nothing() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({}, key_map="transfer")
        running = start(ctx, bus)
        assert (await bus.caller(3).press("", 0x11)).acknowledged_s is not None
        assert ctx.events == []
        await running.stop()

    run_warped(story())


def test_bad_frames_beyond_the_budget_reopen_the_line() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({}, bad_frames=8)
        running = start(ctx, bus)
        await bus.caller(3).press("", 0x0C, bad_check=True)  # sent 4 times
        await asyncio.sleep(20)
        await bus.caller(3).press("", 0x0C, bad_check=True)
        assert not running.driver.done()  # eight, but not within ten seconds
        await bus.caller(3).press("", 0x0C, bad_check=True)
        with pytest.raises(ProtocolBreach, match="8 bad frames in 10 s"):
            await running.driver
        assert ctx.events == []

    run_warped(story())


def test_an_adapter_that_hears_itself_unasked_is_told_and_does_no_harm() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({"echo": "1", "line": "9600"})
        running = start(ctx, bus)
        assert (await bus.caller(3).press()).acknowledged_s is not None
        await asyncio.sleep(5)
        assert ctx.conditions == {}  # an acknowledgement's bytes may as well be the caller's repeat
        assert len(ctx.events) == 1
        ctx.order("caller-3", Beep())
        await asyncio.sleep(1)
        assert ctx.conditions == {"hears_itself": ""}
        assert bus.caller(3).acknowledged == 1  # no echo of an echo
        await running.stop()

    run_warped(story())


def test_a_press_swallowed_by_a_broken_answer_is_found_in_the_pause_after_it() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({})
        running = start(ctx, bus)
        await asyncio.sleep(0.01)  # both ends have begun
        await bus.line.say(bytes.fromhex("A0 90 03"), bus.strip(3))
        press = await bus.caller(3).press()
        assert (press.sent, press.acknowledged_s is not None) == (1, True)
        assert len(ctx.events) == 1
        await running.stop()

    run_warped(story())


def test_two_devices_at_one_address_are_one_to_us() -> None:
    """What they press at the same moment garbles; nothing breaks, and each is acknowledged in the end."""

    async def story() -> None:
        ctx, bus = bus_and_context({"callers": "3,3", "line": "9600"})
        running = start(ctx, bus)
        first, second = bus.callers
        await asyncio.gather(first.press(listen_first=False), second.press("1", 0x0C, listen_first=False))
        assert bus.line.collisions > 0
        digits = [body.digits for _, body in ctx.events if isinstance(body, KeyPressed)]
        assert sorted(digits) in (["", "1"], [""], ["1"], [])
        assert bus.violations == []
        await running.stop()

    run_warped(story())


def test_a_child_not_heard_for_long_is_told_and_taken_back() -> None:
    async def story() -> None:
        ctx, bus = bus_and_context({}, silent_after_s=3600)
        running = start(ctx, bus)
        await asyncio.sleep(1800)
        await bus.caller(3).press()
        await asyncio.sleep(1900)
        assert "not_heard" not in ctx.children["caller-3"].conditions
        assert ctx.children["pad-3"].conditions == {"not_heard": "never heard; opened 3600 s ago"}
        await asyncio.sleep(1800)
        assert ctx.children["caller-3"].conditions == {"not_heard": "last heard 3600 s ago"}
        await bus.caller(3).press()
        assert ctx.children["caller-3"].conditions == {}
        await running.stop()

    run_warped(story())


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_a_window_goes_on_through_noise(level: float) -> None:
    """However bad the line, nothing raises but the budget, and no event is made up."""

    async def story() -> None:
        ctx, bus = bus_and_context({"line": "9600", "noise": str(level), "loss": str(level)}, bad_frames=1000)
        running = start(ctx, bus)
        for number in range(100, 130):
            await bus.caller(3).press(str(number))
            ctx.order("strip-3", ShowText(str(number)))
        pressed = {KeyPressed(KeyAction.CALL, str(number)) for number in range(100, 130)}
        assert {body for _, body in ctx.events} <= pressed
        assert not running.driver.done()
        await running.stop()

    run_warped(story())
