"""The two ways of packets to a viewer: within the RTSP connection, and over UDP."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Sequence
from typing import Protocol

from drivers.api import Link
from drivers.camera.sim_rtp import FRAME

PORTS_TRIED = 50  # pairs, until one is found of which both are free
FIRST_PORT, PORTS = 16_384, 16_000  # as recommended for RTP, below what systems give to others


class Out(Protocol):
    channel: int  # of RTP; RTCP has the next

    async def rtp(self, wire: bytes, starts: Sequence[int]) -> None:
        """Packets as framed for the connection, each beginning at one of `starts`. Raises LinkLost."""
        ...

    async def rtcp(self, packet: bytes) -> None: ...
    def close(self) -> None: ...


class Interleaved:
    """RFC 2326 §10.12. `writing` is held by whoever writes to the link."""

    def __init__(self, link: Link, writing: asyncio.Lock, channel: int) -> None:
        self.channel = channel
        self._link = link
        self._writing = writing

    async def rtp(self, wire: bytes, starts: Sequence[int]) -> None:
        if starts:
            async with self._writing:
                await self._link.write(wire)

    async def rtcp(self, packet: bytes) -> None:
        async with self._writing:
            await self._link.write(struct.pack(">BBH", 0x24, self.channel + 1, len(packet)) + packet)

    def close(self) -> None:
        """The connection is another's."""


class Datagrams:
    """RTP from an even port, RTCP from the next."""

    channel = 0

    def __init__(self, ports: tuple[asyncio.DatagramTransport, ...]) -> None:
        self._rtp, self._rtcp = ports
        self.server_port: int = self._rtp.get_extra_info("sockname")[1]

    @classmethod
    async def open(cls, host: str, client_port: int) -> Datagrams | None:
        """None where no pair of ports is free."""
        loop = asyncio.get_running_loop()
        start = client_port // 2 * 2  # anything that differs between viewers
        for attempt in range(PORTS_TRIED):
            port = FIRST_PORT + (start + 2 * attempt) % PORTS
            ends: list[asyncio.DatagramTransport] = []
            with contextlib.suppress(OSError), contextlib.ExitStack() as unless_paired:  # taken by another
                for both in (0, 1):
                    end, _ = await loop.create_datagram_endpoint(
                        asyncio.DatagramProtocol,
                        local_addr=(host, port + both),
                        remote_addr=(host, client_port + both),
                    )
                    unless_paired.callback(end.close)
                    ends.append(end)
                unless_paired.pop_all()
                return cls(tuple(ends))
        return None

    async def rtp(self, wire: bytes, starts: Sequence[int]) -> None:
        for start, end in zip(starts, [*starts[1:], len(wire)], strict=True):
            self._rtp.sendto(wire[start + FRAME : end])

    async def rtcp(self, packet: bytes) -> None:
        self._rtcp.sendto(packet)

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()
