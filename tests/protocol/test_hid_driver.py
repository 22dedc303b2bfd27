"""Keyboards at work: presses, codes, stuck keys, and what becomes of a code that nobody asked for."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from drivers.api import BadSettings, LinkLost, ProtocolBreach
from drivers.conformance import RecordedCommand
from drivers.hid.driver import HidDriver
from drivers.hid.settings import HidSettings
from drivers.hid.sim import HidSim, simulator
from drivers.messages import AskRating, Beep, LevelPressed, ReadCode
from tests.protocol.scanning_desk import Desk, desk, said
from tests.warped import warped

PAD = HidSettings("pad", levels={"KEY_1": 1, "KEY_5": 5})
SCANNER = HidSettings("scanner")
KEY_1, KEY_5, KEY_A = 2, 6, 30
CODE = "https://hall.example/?id=A-012&x=%7E"


def at(settings: HidSettings) -> AbstractAsyncContextManager[Desk[HidSim]]:
    return desk(HidDriver(), settings, HidSim())


def conditions(at: Desk[HidSim]) -> dict[str, str]:
    return at.conditions


# --- pads ---
@warped
async def test_each_press_is_one_rating() -> None:
    async with at(PAD) as pad:
        await pad.sim.press(KEY_5)
        await pad.sim.bounce(KEY_5)
        await asyncio.sleep(2)
        await pad.sim.press(KEY_1, for_s=3)  # the kernel repeats it
        await asyncio.sleep(2)
        assert pad.ctx.events == [("device", LevelPressed(5, KEY_5)), ("device", LevelPressed(1, KEY_1))]
        assert conditions(pad) == {}


@warped
async def test_a_stuck_key_is_told_and_the_others_work_on() -> None:
    async with at(PAD) as pad:
        stuck = asyncio.create_task(pad.sim.press(KEY_1, for_s=60))
        await asyncio.sleep(20)
        assert conditions(pad) == {"key_stuck": "KEY_1"}
        await pad.sim.press(KEY_5)
        await stuck
        assert conditions(pad) == {}
        assert [body for _, body in pad.ctx.events] == [LevelPressed(1, KEY_1), LevelPressed(5, KEY_5)]


@warped
async def test_a_key_that_stays_down_without_a_word_is_told_too() -> None:
    async with at(PAD) as pad:
        await pad.sim.down(KEY_1)
        await pad.until(lambda: "key_stuck" in conditions(pad))
        await pad.sim.up(KEY_1)
        await pad.until(lambda: not conditions(pad))


@warped
async def test_a_contact_that_never_rests_is_no_storm() -> None:
    async with at(PAD) as pad:
        await pad.sim.bounce(KEY_1, times=5000)
        assert conditions(pad) == {"key_stuck": "KEY_1"}
        assert len(pad.ctx.events) == 1
        await pad.until(lambda: not conditions(pad))


@warped
async def test_a_key_without_meaning_is_told() -> None:
    async with at(PAD) as pad:
        await pad.sim.press(KEY_A)
        await pad.until(lambda: conditions(pad) == {"unknown_key": "KEY_A"})
        assert pad.ctx.events == []


@warped
async def test_keys_that_the_kernel_dropped_are_told_until_the_next_press() -> None:
    async with at(PAD) as pad:
        await pad.sim.drop()
        await pad.until(lambda: "events_lost" in conditions(pad))
        await pad.sim.press(KEY_5)
        await pad.until(lambda: not conditions(pad))


@warped
async def test_a_busy_hall_loses_no_more_than_it_must() -> None:
    async with at(replace(PAD, repeat_s=0.0)) as pad:
        pad.ctx.hold()
        for n in range(40):
            await pad.sim.press((KEY_1, KEY_5)[n % 2])
        pad.ctx.release()
        await asyncio.sleep(5)
        assert len(pad.ctx.events) == 17, "one in hand and sixteen waiting"
        await pad.sim.press(KEY_1)
        await pad.until(lambda: len(pad.ctx.events) == 18)


@warped
async def test_orders_of_a_pad() -> None:
    async with at(PAD) as pad:
        ends = [await pad.obey(order) for order in (AskRating(), ReadCode(1), Beep())]
        assert [said(end) for end in ends] == [
            ("done", ""),
            ("rejected", "unsupported"),
            ("rejected", "unsupported"),
        ]


# --- scanners ---
@warped
async def test_a_code_goes_to_who_asked_for_it() -> None:
    async with at(SCANNER) as scanner:
        command = await scanner.taken()
        await scanner.sim.scan(CODE)
        assert said(await scanner.ended(command)) == ("done", CODE)
        command = await scanner.taken()
        await scanner.sim.scan("A012", enter=False)
        assert said(await scanner.ended(command)) == ("done", "A012")
        assert said(await scanner.ended(await scanner.taken(2.0))) == ("failed", "no_code")
        assert scanner.ctx.events == []


@warped
async def test_what_is_scanned_while_nobody_asks_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with at(SCANNER) as scanner:
        await scanner.sim.scan(CODE)
        half = asyncio.create_task(scanner.sim.scan("12345678"))
        await asyncio.sleep(0.008)
        command = await scanner.taken()
        await half
        await scanner.sim.scan("A012")
        assert said(await scanner.ended(command)) == ("done", "A012")
        assert CODE not in caplog.text


@warped
async def test_an_order_that_is_withdrawn_ends_and_the_next_one_gets_its_own() -> None:
    async with at(SCANNER) as scanner:
        command = await scanner.taken()
        half = asyncio.create_task(scanner.sim.scan("12345678"))
        await asyncio.sleep(0.008)
        command.withdraw()
        assert said(await scanner.ended(command)) == ("failed", "withdrawn")
        following = await scanner.taken()
        await half
        await scanner.sim.scan("A012")
        assert said(await scanner.ended(following)) == ("done", "A012")


async def read(scanner: Desk[HidSim], text: str) -> tuple[str, str]:
    command: RecordedCommand = await scanner.taken()
    await scanner.sim.scan(text)
    return said(await scanner.ended(command))


@warped
async def test_control_characters_are_left_out_and_told() -> None:
    async with at(SCANNER) as scanner:
        assert await read(scanner, "01\x1d21\x01") == ("done", "0121")
        assert conditions(scanner) == {"control_characters": "2 keys"}
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == {}


@warped
async def test_a_code_that_is_too_long_is_none() -> None:
    async with at(SCANNER) as scanner:
        command = await scanner.taken(60)
        await scanner.sim.scan("12" * 2049)
        assert said(await scanner.ended(command)) == ("failed", "code_too_long")
        assert "code_too_long" in conditions(scanner)
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == {}


@warped
async def test_a_code_of_which_the_kernel_dropped_a_part_is_none() -> None:
    async with at(SCANNER) as scanner:
        command = await scanner.taken()
        await scanner.sim.scan("A0", enter=False)
        await scanner.sim.drop()
        await scanner.sim.scan("12")
        assert said(await scanner.ended(command)) == ("failed", "events_lost")
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == {}


@warped
async def test_a_stuck_key_of_a_scanner_does_not_say_which() -> None:
    async with at(SCANNER) as scanner:
        await scanner.sim.down(KEY_A)
        await scanner.until(lambda: conditions(scanner) == {"key_stuck": ""})
        await scanner.sim.up(KEY_A)
        await scanner.shows()


# --- the line ---
@warped
async def test_rubbish_is_borne_and_too_much_of_it_reopens_the_line() -> None:
    async with at(PAD) as pad:
        await pad.far.write(b"\xff" * 1000)
        await pad.sim.press(KEY_5)
        await pad.until(lambda: len(pad.ctx.events) == 1)
        for _ in range(10):
            await pad.far.write(b"\xff" * 4000)
        assert isinstance(await pad.error(), ProtocolBreach)


@warped
async def test_unplugged_with_an_order_in_hand() -> None:
    async with at(SCANNER) as scanner:
        command = await scanner.taken()
        await scanner.far.close()
        assert isinstance(await scanner.error(), LinkLost)
        assert said(command.outcomes[0]) == ("unknown", "link_lost")


@pytest.mark.parametrize("params", [{"every_s": "x"}, {"every_s": "0"}, {"types": "税"}, {"keys": "1"}])
def test_options_of_the_simulator_that_cannot_be(params: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        simulator(params)


def test_options_of_the_simulator() -> None:
    sim = simulator({"types": "A012", "every_s": "2"})
    assert (sim.types, sim.every_s) == ("A012", 2.0)
