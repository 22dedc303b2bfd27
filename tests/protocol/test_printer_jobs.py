"""A slip from the order to the paper, on a healthy printer."""

from __future__ import annotations

from dataclasses import replace

from drivers.messages import Beep, PrintSlip, Result, SlipLine, SlipQr
from drivers.printer.sim import PrinterSim
from drivers.printer.sim_paper import Line, Qr
from tests.protocol.doubles_printer import FAST, SLIP, SLIP_TEXT, bench
from tests.warped import warped


@warped
async def test_a_slip_is_done_once_it_is_cut() -> None:
    async with bench() as b:
        await b.ready()
        outcome = await b.print()
        assert outcome.result is Result.DONE
        assert [slip.text for slip in b.sim.slips] == [SLIP_TEXT]
        assert b.sim.unknown == []


@warped
async def test_the_printer_tells_who_it_is() -> None:
    async with bench(PrinterSim(model="TM-T82")) as b:
        await b.ready()
        (identity,) = b.ctx.own.identities
        assert (identity.model, identity.serial, identity.firmware) == ("TM-T82", "S0000001", "1.00")


@warped
async def test_size_alignment_and_qr_reach_the_paper() -> None:
    blocks = (SlipLine("A012", 6, "center"), SlipLine("右", 2, "right"), SlipQr("https://例.cn/A012", 5))
    async with bench() as b:
        await b.ready()
        await b.print(PrintSlip("job", blocks))
        (slip,) = b.sim.slips
        assert slip.items[0] == Line("A012", (6, 6), "center")
        assert slip.items[1] == Line("右", (2, 2), "right")
        assert slip.items[2] == Qr("https://例.cn/A012", 5, "center")


@warped
async def test_slips_come_one_by_one_and_whole() -> None:
    async with bench(PrinterSim(line_s=0.005)) as b:
        await b.ready()
        orders = [b.ctx.order(PrintSlip(str(n), (SlipLine(f"A{n:03}"),))) for n in range(10)]
        for order in orders:
            assert (await b.ended(order)).result is Result.DONE
        assert [slip.text for slip in b.sim.slips] == [[f"A{n:03}"] for n in range(10)]


@warped
async def test_a_rare_name_is_drawn_and_the_rest_is_text() -> None:
    blocks = (SlipLine("姓名：王小䶮", 2), SlipLine("A012", 4))
    async with bench() as b:
        await b.ready()
        assert (await b.print(PrintSlip("job", blocks))).result is Result.DONE
        (slip,) = b.sim.slips
        assert slip.text == ["A012"]
        assert sum(band.height for band in slip.rasters) == 62  # 48 dots and the space between lines
        assert all(len(band.rows) <= FAST.band_bytes for band in slip.rasters)


@warped
async def test_a_bad_slip_is_rejected_and_nothing_is_printed() -> None:
    async with bench() as b:
        await b.ready()
        for block in (SlipLine("x", 9), SlipLine("x" * 513), SlipQr("x" * 332), SlipQr(""), SlipQr("x", 0)):
            outcome = await b.print(PrintSlip("job", (block,)))
            assert (outcome.result, outcome.code) == (Result.REJECTED, "bad_slip")
        assert b.sim.slips == []


@warped
async def test_what_a_printer_cannot_do_is_rejected() -> None:
    async with bench() as b:
        await b.ready()
        outcome = await b.ctx.outcome(b.ctx.order(Beep()))
        assert (outcome.result, outcome.code) == (Result.REJECTED, "unsupported")


@warped
async def test_the_heartbeat_keeps_the_device_alive() -> None:
    async with bench() as b:
        await b.ready()
        seen = b.ctx.alive_count
        await b.until(lambda: b.ctx.alive_count >= seen + 12)  # three sweeps of four


@warped
async def test_without_automatic_status_the_sweep_tells() -> None:
    async with bench(settings=replace(FAST, asb=False)) as b:
        await b.ready()
        b.sim.open_cover()
        await b.shows("cover_open")
        b.sim.close_cover()
        await b.shows()
        assert (await b.print(SLIP)).result is Result.DONE


@warped
async def test_the_status_is_read_while_a_long_slip_is_printing() -> None:
    settings = replace(FAST, job_timeout_s=5.0)
    async with bench(PrinterSim(line_s=0.05, buffer_bytes=64), settings) as b:
        await b.ready()
        order = b.ctx.order(PrintSlip("job", tuple(SlipLine(f"line {n}") for n in range(20))))
        await b.until(lambda: len(b.sim.uncut.items) > 2)
        b.sim.set_paper("near")
        await b.shows("paper_near_end")
        assert order.outcomes == []
        assert (await b.ended(order)).result is Result.DONE
