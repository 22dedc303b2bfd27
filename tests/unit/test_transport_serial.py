"""The serial link on ptys: bytes both ways, stalled lines, unplugged lines, ports that do not open."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from unittest import mock

import pytest
import serial as pyserial

from drivers.api import BadSettings, Link, LinkLost
from drivers.transport import offloop, open_link
from drivers.transport import serial as transport
from drivers.transport.null import READ_LIMIT
from drivers.transport.pty import Pty


@pytest.fixture
async def line() -> AsyncIterator[Pty]:
    with Pty() as line:
        yield line


@pytest.fixture
async def near(line: Pty) -> AsyncIterator[Link]:
    link = await open_link(f"serial://{line.path}?baud=4000000&write_timeout_s=0.2")
    yield link
    await link.close()


async def test_bytes_go_both_ways_unchanged(line: Pty, near: Link) -> None:
    every = bytes(range(256))  # with those that a cooked terminal would swallow or turn into others
    await near.write(every)
    await line.link.write(every[::-1])
    assert await _read(line.link, 256) == every
    assert await _read(near, 256) == every[::-1]


async def test_a_read_waits_for_bytes_and_is_bounded(line: Pty, near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0.01)
    assert not reading.done()
    await line.link.write(b"x" * (READ_LIMIT + 100))
    assert 1 <= len(await reading) <= READ_LIMIT


async def test_what_the_kernel_takes_in_parts_arrives_whole(line: Pty) -> None:
    near = await open_link(f"serial://{line.path}?baud=4000000&write_timeout_s=30")
    data = os.urandom(100_000)  # five times what a pty holds
    writing = asyncio.create_task(near.write(data))
    assert await _read(line.link, len(data)) == data
    await writing
    await near.close()


async def test_a_line_that_takes_nothing_more_is_lost_within_the_deadline(line: Pty, near: Link) -> None:
    started = time.monotonic()
    with pytest.raises(LinkLost, match="takes no more data") as loss:
        await near.write(b"x" * 100_000)
    assert loss.value.code == "line_stalled"
    assert "100000 bytes left" in str(loss.value)
    assert 0.2 <= time.monotonic() - started < 10


async def test_a_slow_line_gets_the_time_that_its_bytes_need(line: Pty) -> None:
    near = await open_link(f"serial://{line.path}?baud=2400&write_timeout_s=0.1")

    async def read_slowly() -> bytes:
        await asyncio.sleep(0.3)  # beyond the bare deadline, within that of 24,000 bytes at 240 a second
        return await _read(line.link, 24_000)

    reading = asyncio.create_task(read_slowly())
    await near.write(b"x" * 24_000)
    assert len(await reading) == 24_000
    await near.close()


async def test_a_cancelled_read_loses_nothing_and_can_be_repeated(line: Pty, near: Link) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await near.read()
    await line.link.write(b"kept")
    assert await _read(near, 4) == b"kept"


async def test_a_second_reader_is_a_mistake_that_is_told(near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one reader"):
        await near.read()
    reading.cancel()


async def test_unplugging_is_told_to_reader_and_writer(line: Pty, near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    line.unplug()
    for lost in (reading, near.read(), near.write(b"x")):
        with pytest.raises(LinkLost) as loss:
            await lost
        assert loss.value.code == "unplugged"
        assert loss.value.remedy


async def test_unplugging_wakes_a_writer_that_waits(line: Pty) -> None:
    near = await open_link(f"serial://{line.path}?baud=115200&write_timeout_s=30")
    writing = asyncio.create_task(near.write(b"x" * 100_000))
    await asyncio.sleep(0.01)
    line.unplug()
    with pytest.raises(LinkLost) as loss:
        await writing
    assert loss.value.code == "unplugged"
    await near.close()


async def test_closing_wakes_the_reader_and_frees_the_port(line: Pty) -> None:
    near = await open_link(f"serial://{line.path}")
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    await near.close()
    await near.close()
    for lost in (reading, near.read(), near.write(b"x")):
        with pytest.raises(LinkLost):
            await lost
    again = await open_link(f"serial://{line.path}")
    await again.close()


async def test_closing_discards_what_is_unsent(line: Pty) -> None:
    near = await open_link(f"serial://{line.path}")
    spy = mock.Mock(wraps=near._serial)  # type: ignore[attr-defined]
    near._serial = spy  # type: ignore[attr-defined]
    await near.close()
    assert [call[0] for call in spy.method_calls] == ["reset_output_buffer", "close"]


async def test_a_close_that_hangs_does_not_hold_the_loop(line: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CLOSE_TIMEOUT_S", 0.05)
    near = await open_link(f"serial://{line.path}")
    released = threading.Event()
    port = near._serial  # type: ignore[attr-defined]
    monkeypatch.setattr(port, "reset_output_buffer", released.wait)
    async with asyncio.timeout(1):
        await near.close()
    released.set()
    await _until_free()


# --- ports that do not open ---
async def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LinkLost) as loss:
        await open_link(f"serial://{tmp_path}/ttyUSB7")
    assert loss.value.code == "port_missing"
    assert "by-id" in loss.value.remedy


async def test_a_port_that_another_has_is_busy_until_it_is_closed(line: Pty) -> None:
    first = await open_link(f"serial://{line.path}")
    with pytest.raises(LinkLost) as loss:
        await open_link(f"serial://{line.path}")
    assert loss.value.code == "port_busy"
    await first.close()
    await (await open_link(f"serial://{line.path}")).close()


@pytest.mark.parametrize(("number", "code"), [(errno.EACCES, "port_denied"), (errno.ENXIO, "port_missing")])
async def test_a_port_that_the_system_refuses(
    number: int, code: str, line: Pty, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:  # root may open anything, so the system is asked to refuse
        raise pyserial.SerialException(number, os.strerror(number))

    monkeypatch.setattr(pyserial, "Serial", refuse)
    with pytest.raises(LinkLost) as loss:
        await open_link(f"serial://{line.path}")
    assert loss.value.code == code
    assert loss.value.remedy


@pytest.mark.parametrize("path", ["/dev/null", "/tmp", __file__])
async def test_what_is_no_serial_port_is_a_mistake_in_the_configuration(path: str) -> None:
    with pytest.raises(BadSettings, match="not a serial port"):
        await open_link(f"serial://{path}")


async def test_an_open_that_hangs_is_given_up_and_closed_when_it_comes_back(
    line: Pty, monkeypatch: pytest.MonkeyPatch, hanging: Hanging
) -> None:
    with monkeypatch.context() as patch, pytest.raises(LinkLost) as loss:
        patch.setattr(transport, "OPEN_TIMEOUT_S", 0.05)
        await open_link(f"serial://{line.path}")
    assert loss.value.code == "port_stuck"
    await hanging.let_go()
    await (await open_link(f"serial://{line.path}")).close()  # not left locked by the late one


async def test_a_cancelled_open_leaves_the_port_free(line: Pty, hanging: Hanging) -> None:
    opening = asyncio.create_task(open_link(f"serial://{line.path}"))
    await asyncio.sleep(0.02)
    opening.cancel()
    await asyncio.wait([opening])
    assert opening.cancelled()
    await hanging.let_go()
    await (await open_link(f"serial://{line.path}")).close()


async def test_opening_does_not_hold_the_loop(line: Pty, hanging: Hanging) -> None:
    opening = asyncio.create_task(open_link(f"serial://{line.path}"))
    async with asyncio.timeout(1):
        for _ in range(10):
            await asyncio.sleep(0.001)
    assert not opening.done()
    await hanging.let_go()
    await (await opening).close()


async def test_no_port_is_opened_once_too_many_hang(line: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offloop, "MAX_BUSY", 0)
    with pytest.raises(LinkLost) as loss:
        await open_link(f"serial://{line.path}")
    assert loss.value.code == "port_stuck"


class Hanging:
    """Makes opening hang until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.event = threading.Event()
        self._open = transport._open
        monkeypatch.setattr(transport, "_open", self._wait_and_open)

    def _wait_and_open(self, settings: transport.SerialSettings) -> pyserial.Serial:
        self.event.wait(10)
        return self._open(settings)

    async def let_go(self) -> None:
        self.event.set()
        await _until_free()


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    hanging = Hanging(monkeypatch)
    yield hanging
    hanging.event.set()


async def _until_free() -> None:
    """Until no call is under way off the loop, nor its discarding."""
    async with asyncio.timeout(60):
        while any(t.name.startswith("off-loop") for t in threading.enumerate()):  # noqa: ASYNC110 threads
            await asyncio.sleep(0.005)


async def _read(link: Link, count: int) -> bytes:
    data = b""
    async with asyncio.timeout(10):
        while len(data) < count:
            data += await link.read()
    return data
