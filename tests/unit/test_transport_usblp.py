"""USB printers at their device node.

No USB printer takes part. A pty stands in for the node: it too is a character device that is opened for
reading and writing, waits, fills up and hangs up. /dev/null stands in for a kernel that cannot be waited for
and for a printer that sends empty packets; the rest of what usblp.c does is said by patched system calls.
Not shown here: the timing of a real printer's buffer, and what a real unplugging says.
"""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.api import BadSettings, Link, LinkLost
from drivers.transport import offloop, open_link, usblp
from drivers.transport.null import READ_LIMIT
from drivers.transport.pty import Pty


@pytest.fixture
async def cable() -> AsyncIterator[Pty]:
    with Pty() as cable:
        yield cable


@pytest.fixture
async def near(cable: Pty) -> AsyncIterator[Link]:
    link = await open_link(f"usblp://{cable.path}?write_timeout_s=0.3")
    yield link
    await link.close()


async def read(link: Link, count: int) -> bytes:
    data = b""
    async with asyncio.timeout(10):
        while len(data) < count:
            data += await link.read()
    return data


async def test_bytes_go_both_ways_unchanged(cable: Pty, near: Link) -> None:
    every = bytes(range(256))
    await near.write(every)
    await cable.link.write(every[::-1])
    assert await read(cable.link, 256) == every
    assert await read(near, 256) == every[::-1]


async def test_a_read_is_bounded_and_waits_longer_than_it_polls(cable: Pty, near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(2.5 * usblp.POLL_S)
    assert not reading.done()
    await cable.link.write(b"x" * (READ_LIMIT + 100))
    assert 1 <= len(await reading) <= READ_LIMIT


async def test_a_slip_longer_than_the_printers_buffer_arrives_whole(cable: Pty) -> None:
    near = await open_link(f"usblp://{cable.path}?write_timeout_s=30")
    data = os.urandom(100_000)
    writing = asyncio.create_task(near.write(data))
    assert await read(cable.link, len(data)) == data
    await writing
    await near.close()


async def test_a_printer_that_takes_nothing_more_is_lost_within_the_deadline(near: Link) -> None:
    started = time.monotonic()
    with pytest.raises(LinkLost) as loss:
        await near.write(b"x" * 100_000)
    assert loss.value.code == "line_stalled"
    assert 0.3 <= time.monotonic() - started < 10


async def test_out_of_paper_while_the_node_counts_as_writable_does_not_busy_the_loop(
    near: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def takes_nothing(_fd: int, _data: object) -> int:
        nonlocal tries
        tries += 1
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "write", takes_nothing)
    with pytest.raises(LinkLost) as loss:
        await near.write(b"slip")
    assert loss.value.code == "line_stalled"
    assert 2 <= tries <= 0.3 / usblp.PAUSE_S + 1


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENODEV, "unplugged"), (errno.EIO, "unplugged"), (errno.ENOSPC, "line_stalled")],
)
async def test_what_the_kernel_says_of_a_write(
    number: int, code: str, near: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_fd: int, _data: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(LinkLost) as loss:
        await near.write(b"slip")
    assert loss.value.code == code
    assert loss.value.remedy


@pytest.mark.parametrize(("number", "code"), [(errno.ENODEV, "unplugged"), (errno.EINVAL, "one_way")])
async def test_what_the_kernel_says_of_a_read_though_it_never_wakes_the_reader(
    number: int, code: str, near: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older kernels do not tell a reader that waits of the unplugging: the try after POLL_S finds it."""

    def fails(_fd: int, _count: int) -> bytes:
        raise OSError(number, os.strerror(number))

    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    with monkeypatch.context() as patched:
        patched.setattr(os, "read", fails)
        async with asyncio.timeout(30):
            with pytest.raises(LinkLost) as loss:
                await reading
    assert loss.value.code == code
    assert loss.value.remedy


async def test_unplugging_is_told_to_reader_and_writer(cable: Pty, near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    cable.unplug()
    async with asyncio.timeout(30):
        for lost in (reading, near.read(), near.write(b"x")):
            with pytest.raises(LinkLost) as loss:
                await lost
            assert loss.value.code == "unplugged"


async def test_empty_answers_and_a_node_that_cannot_be_waited_for_neither_end_the_line_nor_busy_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = await open_link("usblp:///dev/null")
    reads, real = 0, os.read

    def counted(fd: int, count: int) -> bytes:
        nonlocal reads
        reads += 1
        return real(fd, count)

    monkeypatch.setattr(os, "read", counted)
    reading = asyncio.create_task(link.read())
    await asyncio.sleep(5 * usblp.POLL_S)
    assert not reading.done()
    assert 1 <= reads <= 6
    await link.write(b"slip")
    await link.close()
    with pytest.raises(LinkLost):
        await reading


async def test_closing_is_repeated_without_harm_and_wakes_the_reader(cable: Pty, near: Link) -> None:
    reading = asyncio.create_task(near.read())
    await asyncio.sleep(0)
    await near.close()
    await near.close()
    for lost in (reading, near.read(), near.write(b"x")):
        with pytest.raises(LinkLost):
            await lost
    again = await open_link(f"usblp://{cable.path}")
    await again.close()


# --- nodes that do not open ---
async def test_a_printer_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LinkLost) as loss:
        await open_link(f"usblp://{tmp_path}/lp0")
    assert loss.value.code == "port_missing"
    assert "/dev/usb" in loss.value.remedy


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EACCES, "port_denied"), (errno.EBUSY, "port_busy"), (errno.ENODEV, "port_missing")],
)
async def test_a_printer_that_the_system_refuses(
    number: int, code: str, cable: Pty, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(LinkLost) as loss:
            await open_link(f"usblp://{cable.path}")
    assert loss.value.code == code
    assert loss.value.remedy


@pytest.mark.parametrize("where", ["/tmp", "file"])
async def test_what_is_no_device_node_is_a_mistake_in_the_configuration(where: str, tmp_path: Path) -> None:
    path = Path(where) if where.startswith("/") else tmp_path / where
    if not path.exists():
        path.touch()
    with pytest.raises(BadSettings, match="not a printer's"):
        await open_link(f"usblp://{path}")


async def test_no_printer_is_opened_once_too_many_hang(cable: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offloop, "MAX_BUSY", 0)
    with pytest.raises(LinkLost) as loss:
        await open_link(f"usblp://{cable.path}")
    assert loss.value.code == "port_stuck"
