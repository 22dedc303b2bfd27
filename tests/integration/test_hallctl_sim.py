"""`hallctl sim`, run as a technician runs it: whoever opens its URL meets the device."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drivers.registry import Registry, check_url
from drivers.transport import open_link
from drivers.transport.pty import Pty
from edge.diag.cli import app
from edge.diag.peers import Place, made, served

ANSWER_S = 60.0  # for a machine that has other work too
ASKED = bytes.fromhex("100404")  # DLE EOT 4
WELL, NO_PAPER = b"\x12", b"\x7e"  # near its end, and ended


@asynccontextmanager
async def simulated(*args: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    code = "from edge.diag.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "sim", *args, "--json", "--lang", "en", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), ANSWER_S)
        yield json.loads(line)["url"], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def asked(url: str, question: bytes) -> bytes:
    link = await open_link(url)
    try:
        await link.write(question)
        return await asyncio.wait_for(link.read(), ANSWER_S)
    finally:
        await link.close()


async def test_at_a_pty_of_its_own_with_its_fault_and_it_ends_when_told_to(tmp_path: Path) -> None:
    pty = tmp_path / "printer"
    async with simulated("printer", "paper=out", "--pty", str(pty)) as (url, process):
        assert url == f"serial://{pty}"
        assert await asked(url, ASKED) == NO_PAPER
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), ANSWER_S) == 0


async def test_at_a_free_port_of_this_machine() -> None:
    async with simulated("printer", "--tcp", "0") as (url, _):
        assert url.startswith("tcp://127.0.0.1:")
        assert await asked(url, ASKED) == WELL


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("prinetr",), "no such driver is installed"),
        (("printer", "paper=gone"), "must be one of ok, near, out"),
        (("voice", "--tcp", "0"), "lives on alsa, sim, wav alone"),
        (("printer", "sick=sad"), "sick is one or more of"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_listens(args: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, ["sim", *args, "--lang", "en"])
    assert result.exit_code == 2
    assert said in result.output


async def test_at_a_serial_port_whose_cable_leads_to_who_is_tried() -> None:
    with Pty() as cable:
        async with simulated("printer", "--port", cable.path) as (url, _):
            assert url == f"serial://{cable.path}?baud=9600"
            await cable.link.write(ASKED)
            assert await asyncio.wait_for(cable.link.read(), ANSWER_S) == WELL


@pytest.mark.parametrize(
    "family", [name for name in Registry().families() if name not in {"camera", "voice"}]
)
async def test_each_family_listens_at_a_url_that_its_driver_takes(family: str) -> None:
    simulator, links = made(family, {})
    async with served(family, simulator, links, Place()) as url:
        assert check_url(url, Registry().driver(family).spec, allow_sim=True) == []
        await (await open_link(url)).close()
