"""The line between: silence, noise, stalls, unplugging, and a printer that is switched off and on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from drivers.api import BadSettings, DeviceFault, Link, LinkLost, ProtocolBreach
from drivers.conformance import RecordingContext
from drivers.messages import PrintSlip, Result, SlipLine
from drivers.printer.driver import PrinterDriver
from drivers.printer.sim import PrinterSim
from drivers.transport import null
from drivers.transport.sick import Ills
from tests.protocol.doubles_printer import (
    FAST,
    SLIP,
    SLIP_TEXT,
    UNASKED,
    Bench,
    bench,
    experienced,
)
from tests.warped import warped

DRAWN = PrintSlip("drawn", (SlipLine("䶮" * 10, 4), SlipLine("䶮" * 10, 4)))


# --- silence ---
@warped
async def test_a_printer_that_never_answers_is_silent_and_not_ready() -> None:
    async with bench(ills=Ills(mute=True)) as b:
        await b.shows("silent")
        outcome = await b.print()
        assert (outcome.result, outcome.code) == (Result.REJECTED, "silent")
        assert b.ctx.own.identities == []
        assert b.ctx.alive_count == 0


@warped
async def test_an_order_given_at_once_waits_for_the_first_word() -> None:
    async with bench() as b:
        assert (await b.print()).result is Result.DONE


@warped
async def test_long_silence_asks_for_the_line_to_be_opened_afresh() -> None:
    async with bench(settings=replace(FAST, silent_limit_s=0.2), ills=Ills(mute=True)) as b:
        error = await b.error()
        assert isinstance(error, DeviceFault)
        assert error.code == "silent"


@warped
async def test_a_printer_switched_off_and_on_is_set_up_again() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.power(False)
        await b.shows("silent")
        b.sim.power(True)
        await b.shows()
        b.sim.open_cover()  # told by the automatic status, which was lost with the power
        await b.shows("cover_open")
        b.sim.close_cover()
        await b.shows()
        assert (await b.print()).result is Result.DONE
        assert b.sim.slips[-1].text == SLIP_TEXT


@warped
async def test_power_lost_in_a_job_leaves_it_unknown() -> None:
    async with bench(PrinterSim(line_s=0.05)) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: len(b.sim.uncut.items) == 1)
        b.sim.power(False)
        assert (await b.ended(order)).result is Result.UNKNOWN
        b.sim.power(True)
        await b.until(lambda: bool(b.sim.slips))
        assert b.sim.slips[0].text[0] == SLIP_TEXT[0]
        assert "作废 VOID" in b.sim.slips[0].text


@warped
async def test_what_a_killed_daemon_left_in_the_printer_is_no_part_of_the_next_slip() -> None:
    """Only what is left is cut off, without a mark, since its number may be good; and only for a job."""
    sim = PrinterSim(line_s=0.05)
    async with bench(sim, driver=PrinterDriver()) as b:
        await b.ready()
        b.ctx.order(SLIP)
        await b.until(lambda: len(sim.uncut.items) == 1)
    sim.line_s = 0.0
    for _ in range(3):
        async with bench(sim, driver=PrinterDriver()) as b:
            await b.ready()
    assert (sim.slips, sim.blanks) == ([], 1)  # one before the first job ever
    async with bench(sim, driver=PrinterDriver()) as b:
        await b.ready()
        assert (await b.print()).result is Result.DONE
        assert (await b.print()).result is Result.DONE
    left, *slips = [slip.text for slip in sim.slips]
    assert left == SLIP_TEXT[: len(left)]
    assert slips == [SLIP_TEXT, SLIP_TEXT]


@warped
async def test_a_break_on_the_line_is_no_print_done_answer() -> None:
    """A printer that loses power may leave a 00 behind, which is how print-done looks."""
    driver = experienced()
    async with bench(PrinterSim(line_s=0.1), driver=driver) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: driver._paper.residue == "uncut")
        b.sim._say(b"\x00")
        b.sim.power(False)
        assert (await b.ended(order)).result is Result.UNKNOWN
        assert b.sim.slips == []


@warped
async def test_late_answers_are_no_answers() -> None:
    """They carry no number: taken for the next question's they would tell the wrong fault."""
    async with bench(ills=Ills(late_s=0.15)) as b:
        await b.shows("silent")
        assert b.ctx.own.identities == []


# --- noise ---
@pytest.mark.parametrize("flood", ["garbage", "status"])
@warped
async def test_a_flood_spends_the_budget(flood: str) -> None:
    async with bench() as b:
        await b.ready()
        b.sim.flood = flood
        error = await b.error()
        assert isinstance(error, ProtocolBreach)
        assert error.remedy


@warped
async def test_a_loopback_plug_is_no_printer() -> None:
    sim = PrinterSim()
    sim.power(False)  # nothing is at the line but the plug
    async with bench(sim, ills=Ills(echo=True)) as b:
        await b.shows("silent")
        assert b.ctx.own.identities == []


@warped
async def test_a_little_noise_is_forgiven() -> None:
    async with bench() as b:
        await b.ready()
        for _ in range(20):
            b.sim._say(b"\xff")
        assert (await b.print()).result is Result.DONE


# --- stalls and losses ---
@warped
async def test_a_held_write_ends_unknown_and_the_line_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null, "WRITE_TIMEOUT_S", 0.3)
    monkeypatch.setattr(null, "BUFFER_LIMIT", 64)
    async with bench(settings=UNASKED) as b:
        await b.ready()
        b.sick.ills = Ills(stuck=True)
        order = b.ctx.order(DRAWN)
        assert isinstance(await b.error(), LinkLost)
        assert [(o.result, o.code) for o in order.outcomes] == [(Result.UNKNOWN, "link_lost")]


@warped
async def test_the_status_is_read_while_a_write_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null, "BUFFER_LIMIT", 64)
    async with bench(PrinterSim(line_s=0.1, buffer_bytes=32)) as b:
        await b.ready()
        b.ctx.order(PrintSlip("job", tuple(SlipLine("x" * 40) for _ in range(20))))
        await b.until(lambda: len(b.sim.uncut.items) >= 1)
        b.sim.open_cover()
        await b.shows("cover_open")


@warped
async def test_unplugged_in_a_job_ends_unknown() -> None:
    async with bench(PrinterSim(line_s=0.05)) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: len(b.sim.uncut.items) == 1)
        await b.far.close()
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]


@warped
async def test_stopped_in_a_job_ends_unknown() -> None:
    async with bench(PrinterSim(line_s=0.05)) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: len(b.sim.uncut.items) == 1)
        b.run.cancel()
        await asyncio.wait([b.run], timeout=Bench.LIMIT_S)
        assert b.run.cancelled()
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]


@warped
async def test_unplugged_before_a_job_has_begun_is_a_rejection() -> None:
    async with bench(ills=Ills(mute=True)) as b:
        order = b.ctx.order(SLIP)
        await b.until(lambda: order.taken)
        await b.far.close()
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.REJECTED]


class CutOff:
    """A link that dies in the middle of a write, as when the plug is pulled in a raster band."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.url = link.url
        self.left: int | None = None

    async def read(self) -> bytes:
        return await self.link.read()

    async def write(self, data: bytes) -> None:
        if self.left is not None and len(data) > self.left:
            await self.link.write(data[: self.left])
            await self.link.close()
            raise LinkLost("pulled")
        if self.left is not None:
            self.left -= len(data)
        await self.link.write(data)

    async def close(self) -> None:
        await self.link.close()


@warped
async def test_a_printer_left_in_the_middle_of_a_raster_is_brought_back() -> None:
    """It takes all that we say for dots until the band is full: DLE EOT among them."""
    sim, driver = PrinterSim(), experienced()
    async with bench(sim, driver=driver, wrap=CutOff) as b:
        await b.ready()
        assert isinstance(b.link, CutOff)
        b.link.left = 500
        order = b.ctx.order(DRAWN)
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]
    async with bench(sim, driver=driver) as b:
        await b.ready()
        await b.until(lambda: len(sim.slips) == 1)
        assert "作废 VOID" in sim.slips[0].text  # what the lost line left in the paper path
        assert (await b.print()).result is Result.DONE
        assert sim.slips[1].text == SLIP_TEXT


@warped
async def test_a_font_that_is_not_there_is_a_setting_to_mend() -> None:
    near, _ = null.pair()
    with pytest.raises(BadSettings, match=r"nowhere\.ttf"):
        await PrinterDriver().run(
            near, RecordingContext(PrinterDriver.spec, replace(FAST, fonts=("/nowhere.ttf",)))
        )
