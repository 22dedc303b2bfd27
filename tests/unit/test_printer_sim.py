"""The simulated printer itself, told byte by byte by hand, so that its faults are not the driver's."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import BadSettings
from drivers.printer.sim import PrinterSim, simulator
from drivers.printer.sim_paper import Line, decode
from drivers.transport.null import NullLink, pair
from tests.warped import warped


@asynccontextmanager
async def _line(sim: PrinterSim) -> AsyncIterator[NullLink]:
    near, far = pair()
    task = asyncio.create_task(sim.run(far))
    try:
        yield near
    finally:
        await near.close()
        await asyncio.wait_for(task, 2)


async def _say(link: NullLink, text: str) -> None:
    await link.write(bytes.fromhex(text.replace(" ", "")))


async def _hear(link: NullLink, count: int) -> str:
    data = b""
    async with asyncio.timeout(2):
        while len(data) < count:
            data += await link.read()
    return data.hex(" ")


async def _nothing(link: NullLink) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await link.read()


def test_it_shares_no_code_with_the_driver() -> None:
    for path in Path("drivers/printer").glob("sim*.py"):
        tree = ast.parse(path.read_text())
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in modules if name.startswith("drivers.printer.")}
        assert all(name.startswith("drivers.printer.sim") for name in ours), path


@pytest.mark.parametrize(
    ("params", "answers"),
    [
        ({}, "12 12 12 12"),
        ({"paper": "near"}, "12 12 12 1e"),
        ({"paper": "out"}, "1a 32 12 7e"),
        ({"cover": "open"}, "1a 16 12 12"),
        ({"head": "hot"}, "1a 52 52 12"),
    ],
)
@warped
async def test_real_time_status(params: dict[str, str], answers: str) -> None:
    async with _line(simulator(params)) as link:
        await _say(link, "100401 100402 100403 100404")
        assert await _hear(link, 4) == answers


@warped
async def test_automatic_status_answers_at_once_and_on_change() -> None:
    sim = PrinterSim()
    async with _line(sim) as link:
        await _say(link, "1D61FF")
        assert await _hear(link, 4) == "10 00 00 00"
        sim.open_cover()
        assert await _hear(link, 4) == "38 00 00 00"
        sim.close_cover()
        sim.set_paper("near")
        assert await _hear(link, 8) == "10 00 00 00 10 00 03 00"


@warped
async def test_buffered_questions_wait_while_it_is_offline() -> None:
    sim = PrinterSim(paper="out")
    async with _line(sim) as link:
        await _say(link, "1D7201 1D4943")
        await _nothing(link)
        await _say(link, "100401")
        assert await _hear(link, 1) == "1a"
        sim.set_paper("ok")
        assert await _hear(link, 9) == "00 5f 53 49 4d 2d 38 30 00"


@warped
async def test_inside_data_a_status_query_is_data() -> None:
    async with _line(PrinterSim()) as link:
        await _say(link, "1D763000 0100 0300 100401")  # a raster of three bytes
        await _nothing(link)
        await _say(link, "1D286B 0600 315030 100401")  # QR data
        await _nothing(link)
        await _say(link, "100401")
        assert await _hear(link, 1) == "12"


@warped
async def test_a_cut_makes_a_slip_and_only_a_cut() -> None:
    sim = PrinterSim()
    async with _line(sim) as link:
        await _say(link, "1B40 1C26 1B6101 1D2111 C7EBC8A1BAC5 0A 1D7201")
        await _hear(link, 1)
        assert sim.slips == []
        assert sim.uncut.items == (Line("请取号", (2, 2), "center"),)
        await _say(link, "1D564200 1D7201")
        await _hear(link, 1)
        assert [slip.text for slip in sim.slips] == [["请取号"]]


@warped
async def test_with_new_paper_it_may_wait_to_be_brought_online() -> None:
    sim = simulator({"waits": "1"})
    async with _line(sim) as link:
        await _say(link, "1D61FF")
        await _hear(link, 4)
        sim.set_paper("out")
        assert await _hear(link, 4) == "18 00 0f 00"
        sim.set_paper("ok")
        assert await _hear(link, 4) == "18 01 00 00"
        await _say(link, "100501 100502 100401 100402")  # no error has to be recovered from
        assert await _hear(link, 2) == "3a 12"
        await _say(link, "100500")
        assert await _hear(link, 4) == "10 00 00 00"


@warped
async def test_a_stuck_cutter_waits_for_recovery() -> None:
    sim = PrinterSim()
    sim.jam_cutter()
    async with _line(sim) as link:
        await _say(link, "41 0A 1D564200 1D7201")
        await _nothing(link)
        await _say(link, "100403 100501 100403")  # it tries again, and sticks again
        assert await _hear(link, 2) == "1a 1a"
        sim.free_cutter()
        await _say(link, "100501")
        assert await _hear(link, 1) == "00"
        assert [slip.text for slip in sim.slips] == [["A"]]


@warped
async def test_recovery_two_forgets_the_rest() -> None:
    sim = PrinterSim()
    sim.jam_cutter()
    async with _line(sim) as link:
        await _say(link, "41 0A 1D564200 42 0A 1D7201")
        await _nothing(link)
        sim.free_cutter()
        await _say(link, "100502 100403")
        assert await _hear(link, 1) == "12"
        assert sim.buffered == 0
        assert sim.slips == []
        assert sim.uncut.text == ["A"]


@warped
async def test_recovery_counts_after_an_error_only() -> None:
    sim = PrinterSim(paper="out")
    async with _line(sim) as link:
        await _say(link, "41 0A 100502 100401")
        assert await _hear(link, 1) == "1a"
        assert sim.buffered == 2
        await _say(link, "10140801031401060208")
        assert await _hear(link, 3) == "37 25 00"
        assert sim.buffered == 0


@warped
async def test_the_roll_ends_in_the_middle() -> None:
    sim = PrinterSim(lines_left=2)
    async with _line(sim) as link:
        await _say(link, "41 0A 42 0A 43 0A 1D564200 100402")
        await _say(link, "100402")
        await asyncio.sleep(0.02)
        await _say(link, "100402")
        answers = await _hear(link, 3)
        assert answers.endswith("32")
        assert sim.uncut.text == ["A", "B"]


@warped
async def test_a_full_buffer_holds_the_host() -> None:
    sim = PrinterSim(paper="out", buffer_bytes=16)
    async with _line(sim) as link:
        await _say(link, "41" * 100)
        await _say(link, "100401")
        await _nothing(link)
        assert sim.buffered == 16
        sim.set_paper("ok")
        assert await _hear(link, 1) == "12"


@warped
async def test_power_off_forgets_all_but_the_paper() -> None:
    sim = PrinterSim()
    async with _line(sim) as link:
        await _say(link, "1D61FF")
        await _hear(link, 4)
        await _say(link, "41 0A 1D7630")  # and the beginning of a raster
        await asyncio.sleep(0.02)
        sim.power(False)
        await _say(link, "100401")
        await _nothing(link)
        sim.power(True)
        sim.set_paper("near")
        await _say(link, "100404")
        assert await _hear(link, 1) == "1e"
        assert sim.uncut.text == ["A"]


@warped
async def test_what_it_does_not_know_is_kept_for_the_test_to_see() -> None:
    sim = PrinterSim()
    async with _line(sim) as link:
        await _say(link, "1B7A 1D99 07 100401")
        await _hear(link, 1)
        assert [op.data.hex() for op in sim.unknown] == ["1b7a", "1d99", "07"]


def test_its_font_is_gbk() -> None:
    assert decode("号A".encode("gb18030"), True) == "号A"
    assert decode("㛃".encode("gb18030"), True) == "□"
    assert decode("号".encode("gb18030"), False) != "号"


@pytest.mark.parametrize("params", [{"paper": "blue"}, {"lines": "many"}, {"colour": "red"}])
def test_an_unknown_parameter_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        simulator(params)
