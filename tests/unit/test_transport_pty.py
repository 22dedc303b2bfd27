"""The pty behaves as a cable does: bytes, line time, unplug, plug in again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from drivers.api import Link, LinkLost
from drivers.conformance import run_warped
from drivers.transport import open_link
from drivers.transport import pty as transport
from drivers.transport.pty import Pty


async def test_what_is_said_before_anyone_listens_is_not_echoed() -> None:
    with Pty() as line:
        await line.link.write(b"hello\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await line.link.read()


async def test_the_far_end_outlives_a_near_side_that_closes() -> None:
    with Pty() as line:
        far = line.link
        for _ in range(3):
            near = await open_link(f"serial://{line.path}")
            await near.write(b"q")
            assert await far.read() == b"q"
            await far.write(b"a")
            assert await near.read() == b"a"
            await near.close()


async def test_a_symlink_is_the_same_path_after_plugging_in_again(tmp_path: Path) -> None:
    path = tmp_path / "ttyPrinter"
    with Pty(path) as line:
        assert line.path == str(path)
        near, first = await open_link(f"serial://{path}"), line.link
        line.unplug()
        assert not path.exists()
        assert not line.plugged.is_set()
        for lost in (near.read(), first.read(), first.write(b"x")):
            with pytest.raises(LinkLost):
                await lost
        with pytest.raises(LinkLost) as missing:
            await open_link(f"serial://{path}")
        assert missing.value.code == "port_missing"
        line.plug()
        assert line.plugged.is_set()
        again = await open_link(f"serial://{path}")
        await line.link.write(b"back")
        assert await again.read() == b"back"
        await near.close()
        await again.close()
    assert not path.is_symlink()


async def test_plug_and_unplug_are_idempotent_and_leave_no_descriptor() -> None:
    before = _descriptors()
    line = Pty()
    line.plug()
    first = line.link
    line.plug()
    assert line.link is first
    line.unplug()
    line.unplug()
    with pytest.raises(LinkLost):
        _ = line.link
    assert _descriptors() == before


async def test_what_nobody_reads_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "OVERRUN_AFTER_S", 0.02)
    with Pty() as line:
        for _ in range(40):
            await line.link.write(b"x" * 1000)
        assert line.link.overruns >= 10_000
        near = await open_link(f"serial://{line.path}")
        await line.link.write(b"fresh")  # opening threw the stale bytes away
        assert await near.read() == b"fresh"
        await near.close()


@pytest.mark.parametrize("baud", [9600, 115_200])
async def test_with_a_baud_rate_both_directions_take_a_lines_time(baud: int) -> None:
    count = baud // 100  # a tenth of a second at 10 bits a byte
    data = os.urandom(count)
    loop = asyncio.get_running_loop()
    with Pty(baud=baud) as line:
        near = await open_link(f"serial://{line.path}?baud={baud}")
        started = loop.time()
        _, got = await asyncio.gather(line.link.write(data), _read(near, count))
        out_s = loop.time() - started
        assert got == data
        started = loop.time()
        _, got = await asyncio.gather(near.write(data), _read(line.link, count))
        in_s = loop.time() - started
        assert got == data
        await near.close()
    for taken_s in (out_s, in_s):
        assert 0.099 <= taken_s < 5


def test_the_lateness_of_timers_does_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(delay_s: float) -> None:
        await sleep(delay_s + 0.001)  # as the loop's timers are, rounded up to a millisecond

    async def main() -> float:
        loop = asyncio.get_running_loop()
        with Pty(baud=9600) as line:
            began_s = loop.time()
            await line.link.write(b"x" * 96)
            return loop.time() - began_s

    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", late)
    assert 0.1 <= run_warped(main()) < 0.15  # 96 characters are 100 ms; one by one late they were 200


async def test_a_paced_frame_arrives_bit_by_bit_and_not_in_one_piece() -> None:
    frame = bytes(960)  # a second of the line, which no reader sleeps through
    with Pty(baud=9600) as line:
        near = await open_link(f"serial://{line.path}")
        sending = asyncio.create_task(line.link.write(frame))
        assert len(await near.read()) < len(frame)
        sending.cancel()
        await near.close()


async def test_a_paced_read_that_is_cancelled_loses_nothing() -> None:
    with Pty(baud=1200) as line:
        near = await open_link(f"serial://{line.path}")
        await near.write(b"kept")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await line.link.read()
        assert await line.link.read() == b"kept"
        await near.close()


async def test_without_a_baud_rate_nothing_waits() -> None:
    with Pty() as line:
        near = await open_link(f"serial://{line.path}?baud=50")
        async with asyncio.timeout(1):  # 1000 bytes at 50 baud would be 200 s
            await near.write(b"x" * 1000)
            assert len(await _read(line.link, 1000)) == 1000
        await near.close()


async def _read(link: Link, count: int) -> bytes:
    data = b""
    async with asyncio.timeout(10):
        while len(data) < count:
            data += await link.read()
    return data


def _descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir() if entry.exists()}
