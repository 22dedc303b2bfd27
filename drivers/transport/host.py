"""A machine on the network, or the network itself: one line or none, and further ones as its driver dials."""

from __future__ import annotations

from dataclasses import replace

from drivers.transport.losses import lost
from drivers.transport.tcp import TcpLink, TcpSettings, connect


class HostLink:
    """Implements `drivers.dialer.Dialer`. Dialled lines are their dialler's, and live on when this closes."""

    def __init__(self, url: str, settings: TcpSettings, line: TcpLink | None) -> None:
        self._url = url
        self._settings = settings
        self._line = line

    @property
    def url(self) -> str:
        return self._url

    @property
    def port(self) -> int | None:
        return self._settings.port

    async def dial(self, port: int | None = None, host: str = "") -> TcpLink:
        port = port or self._settings.port
        if port is None:
            raise lost(self._url, detail="there is no port of its own")
        if bool(host) == bool(self._settings.host):
            raise lost(self._url, detail="it leads to one machine" if host else "which machine is not said")
        settings = replace(self._settings, host=host) if host else self._settings
        return await connect(f"{self._scheme}://{_place(settings.host)}:{port}", settings, port)

    @property
    def _scheme(self) -> str:
        return "tls" if self._settings.tls else "tcp"

    async def read(self) -> bytes:
        return await self._own().read()

    async def write(self, data: bytes) -> None:
        await self._own().write(data)

    def _own(self) -> TcpLink:
        if self._line is None:
            raise lost(self._url, detail="it has no line of its own")
        return self._line

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()


def _place(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def open_host(url: str, settings: TcpSettings) -> HostLink:
    """Raises LinkLost with cause and remedy where its own line cannot be opened."""
    if settings.port is None:
        return HostLink(url, settings, None)
    return HostLink(url, settings, await connect(url, settings, settings.port))
