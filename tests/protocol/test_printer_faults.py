"""Everything that may be wrong with a printer, before a job and in the middle of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from drivers.messages import PrintSlip, Result, SlipLine, SlipQr
from drivers.printer.sim import PrinterSim
from drivers.printer.sim_status import Fault
from tests.protocol.doubles_printer import FAST, SLIP, SLIP_TEXT, Bench, bench
from tests.warped import warped

VOID = ["作废 VOID", "以上内容无效，请重新取号"]
LONG = PrintSlip("long", tuple(SlipLine(f"line {n}") for n in range(10)))


def _texts(b: Bench) -> list[list[str]]:
    return [slip.text for slip in b.sim.slips]


# --- before a job ---
@pytest.mark.parametrize(
    ("spoil", "mend", "code"),
    [
        (lambda s: s.set_paper("out"), lambda s: s.set_paper("ok"), "paper_out"),
        (lambda s: s.open_cover(), lambda s: s.close_cover(), "cover_open"),
        (lambda s: s.fault("hot", True), lambda s: s.fault("hot", False), "head_hot"),
        (lambda s: s.fault("broken", True), lambda s: s.fault("broken", False), "unrecoverable_error"),
        (lambda s: s.fault("feeding", True), lambda s: s.fault("feeding", False), "offline"),
    ],
)
@pytest.mark.parametrize("asb", [True, False])
@warped
async def test_a_fault_refuses_jobs_until_it_is_mended(
    spoil: Callable[[PrinterSim], None], mend: Callable[[PrinterSim], None], code: str, asb: bool
) -> None:
    async with bench(settings=replace(FAST, asb=asb)) as b:
        await b.ready()
        spoil(b.sim)
        expected = {code, "paper_near_end"} if code == "paper_out" else {code}
        await b.shows(*expected)
        outcome = await b.print()
        assert (outcome.result, outcome.code) == (Result.REJECTED, code)
        assert b.sim.buffered == 0
        mend(b.sim)
        await b.shows()
        assert (await b.print()).result is Result.DONE
        assert _texts(b) == [SLIP_TEXT]


@warped
async def test_near_the_end_of_the_roll_it_goes_on_printing() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.set_paper("near")
        await b.shows("paper_near_end")
        assert (await b.print()).result is Result.DONE
        b.sim.set_paper("ok")
        await b.shows()


@warped
async def test_a_printer_found_without_paper_is_ready_and_named_once_it_can_answer() -> None:
    async with bench(PrinterSim(paper="out", model="TM-T82")) as b:
        await b.shows("paper_out", "paper_near_end")
        await b.ready()
        assert b.ctx.own.identities[0].model == ""
        b.sim.set_paper("ok")
        await b.until(lambda: b.ctx.own.identities[-1].model == "TM-T82")


@pytest.mark.parametrize(("error", "code"), [("mechanical", "mechanical_error"), ("cutter", "cutter_fault")])
@warped
async def test_an_error_that_waits_for_the_host_is_recovered(error: Fault, code: str) -> None:
    async with bench() as b:
        await b.ready()
        b.sim.fault(error, True)
        await b.until(lambda: code in b.conditions)
        await b.shows()
        assert {(op.kind, op.data) for op in b.sim.honoured} == {("DLE ENQ", b"\x02")}
        assert (await b.print()).result is Result.DONE


@pytest.mark.parametrize("asb", [True, False])
@warped
async def test_a_printer_that_waits_after_new_paper_is_brought_online(asb: bool) -> None:
    """DLE ENQ 2, which ends an error, is nothing to it."""
    async with bench(PrinterSim(paper="out", waits=True), replace(FAST, asb=asb)) as b:
        await b.shows("paper_out", "paper_near_end")
        b.sim.set_paper("ok")
        async with asyncio.timeout(b.LIMIT_S):
            await b.ctx.until(lambda: set(b.conditions) == {"awaiting_recovery"})  # for a moment only
        await b.shows()
        assert {(op.kind, op.data) for op in b.sim.honoured} == {("DLE ENQ", b"\x00")}
        assert (await b.print()).result is Result.DONE


# --- in the middle of a job ---
@pytest.mark.parametrize("asb", [True, False])
@warped
async def test_out_of_paper_before_the_cut_is_a_failure_and_the_rest_is_void(asb: bool) -> None:
    async with bench(PrinterSim(lines_left=4, line_s=0.01), replace(FAST, asb=asb)) as b:
        await b.ready()
        outcome = await b.print(LONG)
        assert (outcome.result, outcome.code) == (Result.FAILED, "paper_out")
        assert b.sim.slips == []
        b.sim.set_paper("ok")
        await b.until(lambda: len(b.sim.slips) == 1)
        assert _texts(b)[0][-2:] == VOID
        assert (await b.print()).result is Result.DONE
        assert _texts(b)[1] == SLIP_TEXT


@warped
async def test_the_rest_of_a_broken_job_is_taken_out_of_a_printer_that_can() -> None:
    settings = replace(FAST, clear="dc4")
    async with bench(PrinterSim(lines_left=4, line_s=0.01), settings) as b:
        await b.ready()
        assert (await b.print(LONG)).result is Result.FAILED
        await b.until(lambda: b.sim.buffered == 0)
        b.sim.set_paper("ok")
        await b.until(lambda: len(b.sim.slips) == 1)
        assert _texts(b)[0] == [f"line {n}" for n in range(4)] + VOID


@warped
async def test_the_cover_opened_before_the_cut_is_a_failure() -> None:
    async with bench(PrinterSim(line_s=0.02)) as b:
        await b.ready()
        order = b.ctx.order(LONG)
        await b.until(lambda: len(b.sim.uncut.items) >= 3)
        b.sim.open_cover()
        outcome = await b.ended(order)
        assert (outcome.result, outcome.code) == (Result.FAILED, "cover_open")
        b.sim.close_cover()
        await b.until(lambda: len(b.sim.slips) == 1)
        assert _texts(b)[0][-2:] == VOID


@warped
async def test_a_stuck_cutter_leaves_it_unknown_and_the_paper_is_cut_off_later() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.jam_cutter()
        outcome = await b.print()
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "cutter_fault")
        await b.until(lambda: "cutter_fault" in b.conditions)
        assert (await b.print()).result is Result.REJECTED
        b.sim.free_cutter()
        await b.until(lambda: len(b.sim.slips) == 1)
        assert _texts(b) == [SLIP_TEXT]  # someone may hold it: it is not void
        await b.shows()
        assert (await b.print()).result is Result.DONE
        assert _texts(b) == [SLIP_TEXT, SLIP_TEXT]


@warped
async def test_recovery_one_lets_the_printer_finish_the_job() -> None:
    async with bench(settings=replace(FAST, recovery=1, clear="none")) as b:
        await b.ready()
        b.sim.jam_cutter()
        assert (await b.print()).result is Result.UNKNOWN
        b.sim.free_cutter()
        await b.until(lambda: bool(b.sim.slips))
        assert _texts(b)[0] == SLIP_TEXT


@warped
async def test_paper_that_ends_in_the_cut_leaves_it_unknown() -> None:
    """The slip may have come out, and the answer was the first thing to be held back."""
    sim = PrinterSim()
    sim.on_slip = lambda _: sim.set_paper("out")
    async with bench(sim) as b:
        await b.ready()
        outcome = await b.print()
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "paper_out")
        assert len(b.sim.slips) == 1


@warped
async def test_a_hot_head_in_a_job_only_delays_it() -> None:
    async with bench(PrinterSim(line_s=0.01), replace(FAST, job_timeout_s=5.0)) as b:
        await b.ready()
        order = b.ctx.order(LONG)
        await b.until(lambda: len(b.sim.uncut.items) >= 3)
        b.sim.fault("hot", True)
        await b.shows("head_hot")
        assert order.outcomes == []
        b.sim.fault("hot", False)
        assert (await b.ended(order)).result is Result.DONE


@warped
async def test_a_job_that_is_never_confirmed_is_unknown_and_void() -> None:
    """A time-out proves nothing; what comes out later must not be taken for a valid slip."""
    async with bench(PrinterSim(line_s=0.1)) as b:
        await b.ready()
        outcome = await b.print(LONG)
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "unconfirmed")
        b.sim.line_s = 0.0
        await b.until(lambda: bool(b.sim.slips))
        assert _texts(b)[0] == [f"line {n}" for n in range(10)] + VOID
        assert (await b.print()).result is Result.DONE
        assert _texts(b)[-1] == SLIP_TEXT


@warped
async def test_a_late_print_done_answer_is_not_taken_for_the_next_job() -> None:
    """The answers of the broken job come while the next one waits: it must still wait for its own."""
    async with bench(PrinterSim(line_s=0.06)) as b:
        await b.ready()
        assert (await b.print(LONG)).result is Result.UNKNOWN
        assert (await b.print()).result is Result.DONE
        assert _texts(b) == [[f"line {n}" for n in range(10)] + VOID, SLIP_TEXT]


@warped
async def test_a_slip_can_be_all_raster_on_a_small_buffer() -> None:
    settings = replace(FAST, qr="raster", band_bytes=128, job_timeout_s=5.0)
    async with bench(PrinterSim(buffer_bytes=256), settings) as b:
        await b.ready()
        assert (await b.print(PrintSlip("job", (SlipQr("https://example.cn/A012"),)))).result is Result.DONE
        (slip,) = b.sim.slips
        assert all(band.row_bytes * band.height <= 128 for band in slip.rasters)


@warped
async def test_every_order_of_a_faulty_printer_is_answered_once() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.open_cover()
        await b.shows("cover_open")
        orders = [b.ctx.order(SLIP) for _ in range(5)]
        assert [(await b.ended(order)).code for order in orders] == ["cover_open"] * 5
