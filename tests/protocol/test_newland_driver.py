"""The serial scanner at work: lit while somebody asks, and honest about what it could not read."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

import pytest

from drivers.api import BadSettings, DeviceFault, Identity, LinkLost, ProtocolBreach
from drivers.messages import Beep
from drivers.newland.conditions import UNDECODABLE
from drivers.newland.driver import NewlandDriver
from drivers.newland.settings import NewlandSettings
from drivers.newland.sim import NewlandSim, simulator
from drivers.transport.sick import WELL, Ills
from tests.protocol.scanning_desk import Desk, desk, said
from tests.warped import warped

ON, OFF, ABOUT = b"#SCNTRG1", b"#SCNTRG0", b"@QRYSYS"
NAMED = "https://hall.example/?办事=税务"


def at(ills: Ills = WELL, *, ready: bool = True) -> AbstractAsyncContextManager[Desk[NewlandSim]]:
    return desk(NewlandDriver(), NewlandSettings(), NewlandSim(), ills, ready=ready)


def conditions(at: Desk[NewlandSim]) -> set[str]:
    return set(at.conditions)


async def read(scanner: Desk[NewlandSim], text: str | bytes, encoding: str = "utf-8") -> tuple[str, str]:
    command = await scanner.taken()
    await scanner.sim.lit.wait()
    assert await scanner.sim.scan(text, encoding)
    return said(await scanner.ended(command))


# --- who asks ---
@warped
async def test_it_says_who_it_is_and_is_asked_again_and_again() -> None:
    async with at() as scanner:
        assert scanner.ctx.own.identities == [Identity("NLS-SIM30", "SIM0001", "1.00.001")]
        await asyncio.sleep(95)
        assert list(scanner.sim.heard) == [ABOUT] * 4
        assert scanner.ctx.alive_count == 4


@warped
async def test_it_is_lit_while_somebody_asks_and_no_longer() -> None:
    async with at() as scanner:
        assert await read(scanner, "A012") == ("done", "A012")
        assert said(await scanner.ended(scanner.order(8))) == ("failed", "no_code")
        await asyncio.sleep(1)
        assert not scanner.sim.lit.is_set()
        assert list(scanner.sim.heard) == [ABOUT, ON, OFF, ON, ON, ON, OFF], "it stops by itself after 5 s"
        assert scanner.ctx.events == []


@warped
async def test_an_order_that_is_withdrawn_puts_the_light_out() -> None:
    async with at() as scanner:
        command = await scanner.taken()
        await scanner.sim.lit.wait()
        command.withdraw()
        assert said(await scanner.ended(command)) == ("failed", "withdrawn")
        await asyncio.sleep(1)
        assert not scanner.sim.lit.is_set()


@warped
async def test_what_is_scanned_while_nobody_asks_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with at() as scanner:
        await scanner.sim.read_by_hand("12345678")
        await scanner.sim.say(b"1234")
        await asyncio.sleep(0.1)
        command = await scanner.taken()
        await scanner.sim.say(b"5678\r\n")
        await scanner.sim.lit.wait()
        await scanner.sim.scan("A012")
        assert said(await scanner.ended(command)) == ("done", "A012")
        assert "5678" not in caplog.text


# --- what a code is ---
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_in_either_coding(encoding: str) -> None:
    async def test() -> None:
        async with at() as scanner:
            assert await read(scanner, NAMED, encoding) == ("done", NAMED)

    warped(test)()


@warped
async def test_what_cannot_be_read_is_told_kindly() -> None:
    async with at() as scanner:
        command = await scanner.taken()
        await scanner.sim.lit.wait()
        await scanner.sim.scan(b"\xff\xfe\x80")
        outcome = await scanner.ended(command)
        assert (said(outcome), outcome.detail) == (("failed", "undecodable"), UNDECODABLE)
        assert conditions(scanner) == {"undecodable"}
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == set()


@warped
async def test_control_characters_are_left_out_and_told() -> None:
    async with at() as scanner:
        assert await read(scanner, "\x1d0121\x7f") == ("done", "0121")
        assert conditions(scanner) == {"control_characters"}
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == set()


@warped
async def test_a_code_in_pieces_is_one_and_one_without_its_end_is_none() -> None:
    async with at() as scanner:
        command = await scanner.taken()
        await scanner.sim.lit.wait()
        await asyncio.sleep(0.1)  # it does not speak in the middle of a code
        for piece in (b"69", b"01", b"\r", b"\n"):
            await scanner.sim.say(piece)
            await asyncio.sleep(0.3)
        assert said(await scanner.ended(command)) == ("done", "6901")
        scanner.sim.trouble.no_end = True
        assert await read(scanner, "6901") == ("failed", "cut_short")
        assert conditions(scanner) == {"cut_short"}
        scanner.sim.trouble.no_end = False
        assert await read(scanner, "6901") == ("done", "6901")
        assert conditions(scanner) == set()


@warped
async def test_a_code_that_is_too_long_is_none() -> None:
    async with at() as scanner:
        assert await read(scanner, "1" * 5000) == ("failed", "code_too_long")
        assert conditions(scanner) == {"code_too_long"}
        assert await read(scanner, "1" * 4096) == ("done", "1" * 4096)
        assert conditions(scanner) == set()


# --- trouble ---
@warped
async def test_a_scanner_that_refuses() -> None:
    async with at() as scanner:
        scanner.sim.trouble.refuses = True
        assert said(await scanner.ended(scanner.order())) == ("rejected", "refused")
        assert conditions(scanner) == {"refused"}
        scanner.sim.trouble.refuses = False
        assert await read(scanner, "A012") == ("done", "A012")
        assert conditions(scanner) == set()


@warped
async def test_a_scanner_that_falls_silent_and_comes_back() -> None:
    async with at() as scanner:
        scanner.sick.ills = Ills(mute=True)
        assert said(await scanner.ended(scanner.order())) == ("unknown", "silent")
        assert conditions(scanner) == {"silent"}
        assert said(await scanner.ended(scanner.order())) == ("rejected", "silent")
        scanner.sick.ills = WELL
        await scanner.until(lambda: not conditions(scanner))
        assert await read(scanner, "A012") == ("done", "A012")


@warped
async def test_a_scanner_that_stays_silent_is_opened_afresh() -> None:
    async with at(Ills(mute=True), ready=False) as scanner:
        fault = await scanner.error()
        assert isinstance(fault, DeviceFault)
        assert fault.code == "silent"
        assert not scanner.ctx.is_ready


@warped
async def test_a_reply_that_comes_late_twice_or_cut_short_harms_nothing() -> None:
    async with at() as scanner:
        scanner.sick.ills = Ills(twin_s=0.0)
        assert await read(scanner, "A012") == ("done", "A012")
        scanner.sick.ills = Ills(cut=1.0, answers=1)
        assert await read(scanner, "B001") == ("done", "B001")
        assert scanner.sick.ills == WELL
        await asyncio.sleep(5)
        scanner.sick.ills = Ills(late_s=1.5)
        await scanner.ended(scanner.order(2))
        scanner.sick.ills = WELL
        await asyncio.sleep(10)
        assert await read(scanner, "C001") == ("done", "C001")


@warped
async def test_replies_that_nobody_asked_for_are_borne_and_too_many_reopen_the_line() -> None:
    async with at() as scanner:
        alive = scanner.ctx.alive_count
        stray = b"\x02\x010000#SCNTRG1\x06;\x03"
        await scanner.sim.say(stray * 10)
        assert await read(scanner, "A012") == ("done", "A012")
        assert scanner.ctx.alive_count <= alive + 2, "only what was asked for is a sign of life"
        await scanner.sim.say(stray * 100)
        assert isinstance(await scanner.error(), ProtocolBreach)


@warped
async def test_unplugged_with_an_order_in_hand() -> None:
    async with at() as scanner:
        command = await scanner.taken()
        await scanner.far.close()
        assert isinstance(await scanner.error(), LinkLost)
        assert said(command.outcomes[0]) == ("unknown", "link_lost")


@warped
async def test_other_orders_are_refused() -> None:
    async with at() as scanner:
        assert said(await scanner.obey(Beep())) == ("rejected", "unsupported")


# --- the simulator ---
@warped
async def test_a_scanner_that_is_dark_reads_nothing() -> None:
    async with at() as scanner:
        assert not await scanner.sim.scan("A012")


def test_options_of_the_simulator() -> None:
    sim = simulator({"shows": "A012", "refuses": "1"})
    assert (sim.shows, sim.trouble.refuses) == ("A012", True)
    with pytest.raises(BadSettings):
        simulator({"card": "resident"})
