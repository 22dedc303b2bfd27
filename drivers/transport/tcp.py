"""Lines over TCP, plain or with TLS: asyncio streams with every wait and every buffer bounded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from dataclasses import dataclass
from ssl import SSLContext, create_default_context  # asyncio has it loaded already

from drivers.transport.losses import lost, lost_by
from drivers.transport.null import READ_LIMIT
from drivers.transport.query import Query

VIDEO_READ_LIMIT = 65_536  # bytes of a read, of cameras: a key frame in a read or two
CONNECT_TIMEOUT_S = 5.0  # a device on the hall's own network answers in milliseconds
WRITE_TIMEOUT_S = 2.0  # a device that takes nothing for so long is lost
CLOSE_TIMEOUT_S = 1.0  # then the connection is reset; `Link.close` ends within 2 s
KEEPALIVE_IDLE_S = 20  # a device whose power went away is noticed after 20 + 3 × 5 s of silence
KEEPALIVE_INTERVAL_S = 5
KEEPALIVE_PROBES = 3
OPTIONS = "connect_timeout_s, write_timeout_s"
TLS_OPTIONS = f"{OPTIONS}, ca, name"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TcpSettings:
    host: str  # "": of any machine, named when it is dialled
    port: int | None  # None: lines come by `dial` alone
    connect_timeout_s: float
    write_timeout_s: float
    tls: bool = False
    ca: str = ""  # path of the authority that is trusted, and no other; "" the system's
    name: str = ""  # in the peer's certificate; "" the host
    read_limit: int = READ_LIMIT


def parse(query: Query) -> TcpSettings:
    """`tcp://192.168.1.50:9100`, `tls://192.168.1.60:443?ca=/etc/hall-edge/terminals.pem&name=atm-1`, and
    `host://192.168.1.60?tls=1&ca=…` for a peer whose ports its driver knows; `lan://` for all machines.
    Raises BadSettings."""
    scheme = query.parts.scheme
    host, port = _place(query)
    tls = scheme == "tls" or (scheme == "host" and query.flag("tls"))
    settings = TcpSettings(
        host=host,
        port=port,
        connect_timeout_s=query.number("connect_timeout_s", CONNECT_TIMEOUT_S, 0.1, 60.0),
        write_timeout_s=query.number("write_timeout_s", WRITE_TIMEOUT_S, 0.1, 60.0),
        tls=tls,
        ca=query.any_text("ca") if tls else "",
        name=query.any_text("name") if tls else "",
        read_limit=VIDEO_READ_LIMIT if scheme == "lan" else READ_LIMIT,
    )
    query.done(f"tls, {TLS_OPTIONS}" if scheme == "host" else TLS_OPTIONS if tls else OPTIONS)
    return settings


def _place(query: Query) -> tuple[str, int | None]:
    scheme, host, port = query.parts.scheme, query.parts.hostname or "", query.port()
    whole = bool(host) and query.parts.path in ("", "/")
    if scheme == "lan" and (query.parts.netloc or query.parts.path):
        raise query.bad("a machine of its own", "Write it as lan://; the machines stand in the settings.")
    if scheme == "host" and (not whole or port is not None):
        raise query.bad("not a host alone", "Write it as host://192.168.1.60, without a port.")
    if scheme not in {"host", "lan"} and (not whole or not port):
        raise query.bad("no host and port", f"Write it as {scheme}://192.168.1.50:9100.")
    return host, port


class TcpLink:
    """One connection, ours or a simulator's. Bytes are with the kernel when `write` returns; with TLS up to
    64 KiB may still be with asyncio, so that there the write's deadline falls later."""

    def __init__(
        self,
        url: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        write_timeout_s: float = WRITE_TIMEOUT_S,
        read_limit: int = READ_LIMIT,
    ) -> None:
        self._url = url
        self._read_limit = read_limit
        self._reader = reader
        self._writer = writer
        self._write_timeout_s = write_timeout_s
        self._closed = False
        if writer.get_extra_info("ssl_object") is None:  # asyncio's TLS never resumes at a limit of 0
            writer.transport.set_write_buffer_limits(high=0)  # drain() then means: nothing is left here
        _tune(writer.get_extra_info("socket"))

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        try:
            data = await self._reader.read(self._read_limit)
        except OSError as error:
            raise lost_by(self._url, error, "peer_closed") from error
        if not data:
            raise lost(self._url, detail="closed") if self._closed else lost(self._url, "peer_closed")
        return data

    def pause_reading(self, on: bool) -> None:
        """While it is on, what the peer sends stays with the kernel."""
        if not self._writer.transport.is_closing():
            transport = self._writer.transport
            assert isinstance(transport, asyncio.Transport)  # of a stream: it reads
            (transport.pause_reading if on else transport.resume_reading)()

    async def write(self, data: bytes) -> None:
        if self._closed:
            raise lost(self._url, detail="closed")
        try:
            async with asyncio.timeout(self._write_timeout_s):
                self._writer.write(data)
                await self._writer.drain()
        except TimeoutError:
            raise lost(self._url, "line_stalled", f"after {self._write_timeout_s:.1f} s") from None
        except OSError as error:
            raise lost_by(self._url, error, "peer_closed") from error

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # Not where the peer has begun to: Python 3.11.2, which is Debian 12's, then forgets the TLS protocol
        # that `abort` needs.
        if not self._writer.is_closing():
            self._writer.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._writer.wait_closed()
        except (OSError, TimeoutError) as error:
            _log.debug("%s: reset on closing: %s", self._url, error)
        finally:
            self._writer.transport.abort()

    def reset(self) -> None:
        """Gone at once, and the peer is told so (RST): what a device does whose process has died."""
        self._closed = True
        with contextlib.suppress(OSError):  # the peer was faster
            linger = struct.pack("ii", 1, 0)
            self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


async def connect(url: str, settings: TcpSettings, port: int) -> TcpLink:
    """One connection to the host. Raises LinkLost with cause and remedy, BadSettings where `ca` is no such
    file."""
    context = _context(url, settings) if settings.tls else None
    name = (settings.name or settings.host) if settings.tls else None
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            streams = await asyncio.open_connection(
                settings.host, port, limit=settings.read_limit, ssl=context, server_hostname=name
            )
    except TimeoutError:
        raise lost(url, "peer_unreachable", f"after {settings.connect_timeout_s:.1f} s") from None
    except OSError as error:
        raise lost_by(url, error, "peer_unreachable") from error
    return TcpLink(url, *streams, settings.write_timeout_s, settings.read_limit)


def _context(url: str, settings: TcpSettings) -> SSLContext:
    try:
        return create_default_context(cafile=settings.ca or None)
    except OSError as error:
        bad = Query(url).bad(
            f"ca={settings.ca}: {error}", "Give the path of the authority's certificate, PEM."
        )
        raise bad from error


def _tune(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the peer may have gone already: the next read says so
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)
