"""RTP over UDP, for cameras that refuse it within the RTSP connection (RFC 2326 §12.39)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import deque

from drivers.camera.errors import LookFailed

MAX_WAITING = 1024  # datagrams; a second of 12 Mbit/s. The oldest go first, and count as lost
MAX_TRIES = 16  # for an even port with a free one above it (RFC 3550 §11)


_log = logging.getLogger(__name__)


class _Rtp(asyncio.DatagramProtocol):
    def __init__(self, senders: frozenset[str]) -> None:
        self._senders = senders
        self.waiting: deque[bytes] = deque(maxlen=MAX_WAITING)
        self.arrived = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        if addr[0] in self._senders:
            self.waiting.append(data)
            self.arrived.set()


class UdpMedia:
    """A pair of ports that takes packets from the camera alone. RTCP is taken and thrown away."""

    def __init__(self, rtp: _Rtp, transports: list[asyncio.DatagramTransport], port: int) -> None:
        self._rtp = rtp
        self._transports = transports
        self.port = port

    async def packets(self) -> list[bytes]:
        """What came since the last time, at least one."""
        while not self._rtp.waiting:
            self._rtp.arrived.clear()
            await self._rtp.arrived.wait()
        found = list(self._rtp.waiting)
        self._rtp.waiting.clear()
        return found

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


async def open_media(host: str) -> UdpMedia:
    """Raises LookFailed where this machine has no ports left, or does not know the camera's name."""
    loop = asyncio.get_running_loop()
    try:
        known = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise LookFailed("unsupported", f"RTP over UDP: {error}", step="SETUP") from error
    senders = frozenset(str(address[0]) for *_, address in known)
    wildcard = "::" if known[0][0] == socket.AF_INET6 else "0.0.0.0"
    for _ in range(MAX_TRIES):
        if media := await _pair(wildcard, senders):
            return media
    raise LookFailed("unsupported", "RTP over UDP: no pair of free ports", step="SETUP")


async def _pair(wildcard: str, senders: frozenset[str]) -> UdpMedia | None:
    """None where the port is odd, or the one above it taken."""
    loop = asyncio.get_running_loop()
    rtp = _Rtp(senders)
    with contextlib.ExitStack() as unless_paired:
        try:
            first, _ = await loop.create_datagram_endpoint(lambda: rtp, local_addr=(wildcard, 0))
            unless_paired.callback(first.close)
            port = int(first.get_extra_info("sockname")[1])
            if port % 2 == 0:
                above = (wildcard, port + 1)
                second, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=above)
                unless_paired.pop_all()
                return UdpMedia(rtp, [first, second], port)
        except OSError as error:
            _log.debug("no pair of ports for RTP: %s", error)
    return None
