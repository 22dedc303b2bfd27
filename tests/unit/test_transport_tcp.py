"""The TCP link against real sockets on the loopback."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator

import pytest

from drivers.api import Link, LinkLost
from drivers.transport import open_link
from drivers.transport.null import READ_LIMIT
from drivers.transport.query import Query
from drivers.transport.tcp import connect, parse


class Peer:
    """A server that keeps its one connection's streams for the test."""

    def __init__(self) -> None:
        self.port = 0
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.connected = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.connected.set()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.accept, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    if peer.connected.is_set():
        peer.writer.transport.abort()


@pytest.fixture
async def link(peer: Peer) -> AsyncIterator[Link]:
    link = await open_link(f"tcp://127.0.0.1:{peer.port}?write_timeout_s=0.2")
    await peer.connected.wait()
    yield link
    await link.close()


async def test_bytes_go_both_ways(peer: Peer, link: Link) -> None:
    await link.write(b"\x10\x04\x01")
    assert await peer.reader.readexactly(3) == b"\x10\x04\x01"
    peer.writer.write(b"\x12")
    assert await link.read() == b"\x12"


async def test_a_read_is_bounded(peer: Peer, link: Link) -> None:
    data = os.urandom(3 * READ_LIMIT)
    peer.writer.write(data)
    read = b""
    while len(read) < len(data):
        part = await link.read()
        assert 1 <= len(part) <= READ_LIMIT
        read += part
    assert read == data


async def test_small_frames_are_not_held_back_and_a_dead_peer_is_noticed(link: Link) -> None:
    sock = link._line._writer.get_extra_info("socket")  # type: ignore[attr-defined]
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    silence_s = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) + sock.getsockopt(
        socket.IPPROTO_TCP, socket.TCP_KEEPINTVL
    ) * sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT)
    assert silence_s <= 60


async def test_a_peer_that_closes_is_told(peer: Peer, link: Link) -> None:
    peer.writer.write(b"bye")
    peer.writer.close()
    assert await link.read() == b"bye"
    with pytest.raises(LinkLost) as loss:
        await link.read()
    assert loss.value.code == "peer_closed"
    assert loss.value.remedy


async def test_a_peer_that_resets_is_told_to_reader_and_writer(peer: Peer, link: Link) -> None:
    peer.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"
    )
    peer.writer.transport.abort()
    with pytest.raises(LinkLost) as loss:
        await link.read()
    assert loss.value.code == "peer_closed"
    with pytest.raises(LinkLost):
        await _write_until_lost(link)


async def test_a_peer_that_takes_nothing_is_lost_and_memory_stays_bounded(peer: Peer, link: Link) -> None:
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    started = time.monotonic()
    with pytest.raises(LinkLost) as loss:
        await _write_until_lost(link)
    assert loss.value.code == "line_stalled"
    assert time.monotonic() - started < 5


async def test_what_was_written_is_with_the_kernel_when_write_returns(link: Link) -> None:
    await link.write(b"x" * 50_000)
    assert link._line._writer.transport.get_write_buffer_size() == 0  # type: ignore[attr-defined]


async def test_an_unread_flood_is_left_with_the_peer(peer: Peer, link: Link) -> None:
    sent = 0
    peer.writer.transport.set_write_buffer_limits(high=0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            while True:
                peer.writer.write(b"x" * 65_536)
                await peer.writer.drain()
                sent += 65_536
    held = len(link._line._reader._buffer)  # type: ignore[attr-defined]
    assert held <= 2 * READ_LIMIT + 262_144  # what asyncio takes at once, beyond its limit of two reads
    assert sent > held


async def test_closing_wakes_the_reader(link: Link) -> None:
    reading = asyncio.create_task(link.read())
    await asyncio.sleep(0)
    await link.close()
    await link.close()
    for lost in (reading, link.read(), link.write(b"x")):
        with pytest.raises(LinkLost, match="closed"):
            await lost


async def test_closing_ends_though_the_peer_takes_nothing(peer: Peer, link: Link) -> None:
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    with pytest.raises(LinkLost):
        await _write_until_lost(link)
    async with asyncio.timeout(10):
        await link.close()


async def test_a_reset_is_one_for_the_peer_and_an_end_here(peer: Peer) -> None:
    url = f"tcp://127.0.0.1:{peer.port}"
    link = await connect(url, parse(Query(url)), peer.port)
    await peer.connected.wait()
    link.reset()
    with pytest.raises(ConnectionResetError):
        await peer.reader.read()
    with pytest.raises(LinkLost):
        await link.read()
    with pytest.raises(LinkLost):
        await link.write(b"x")


async def test_a_cancelled_read_loses_nothing(peer: Peer, link: Link) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            await link.read()
    peer.writer.write(b"kept")
    assert await link.read() == b"kept"


async def test_a_refused_connection_has_its_cause_and_remedy() -> None:
    with socket.socket() as held:  # so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        with pytest.raises(LinkLost) as loss:
            await open_link(f"tcp://127.0.0.1:{held.getsockname()[1]}")
    assert loss.value.code == "peer_refused"
    assert loss.value.remedy


async def test_a_name_that_is_not_known_is_unreachable() -> None:
    with pytest.raises(LinkLost) as loss:
        await open_link("tcp://printer.invalid:9100")
    assert loss.value.code == "peer_unreachable"


async def test_a_connection_that_is_never_accepted_is_given_up() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(2)]  # fill the queue: the next one gets no answer
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        with pytest.raises(LinkLost) as loss:
            await open_link(f"tcp://127.0.0.1:{address[1]}?connect_timeout_s=0.1")
        for filler in fillers:
            filler.close()
    assert loss.value.code == "peer_unreachable"


async def _write_until_lost(link: Link) -> None:
    for _ in range(1000):  # 64 MB: more than any socket buffer
        await link.write(b"x" * 65_536)
