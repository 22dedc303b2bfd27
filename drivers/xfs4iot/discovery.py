"""Where a terminal's services are: its publishers are asked, on all ports at the same time.

Source: CEN CWA 17852 (XFS4IoT), "Service Publishing": a machine may have several publishers, each on one of
the ports, and each answers ServicePublisher.GetServices with the URIs of its services.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from drivers.api import BadFrame, Context, DriverError, Link, LinkLost
from drivers.dialer import Dialer
from drivers.strictjson import Json
from drivers.terminal import DETAIL_LIMIT, clean
from drivers.xfs4iot.envelope import Message
from drivers.xfs4iot.settings import GET_SERVICES, TerminalSettings
from drivers.xfs4iot.socket import Client, Now, Socket

MAX_SERVICES = 16  # a terminal has about six; each is a connection
_DEFAULT_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is. Only port and path are taken of its URI: the host is the one of the configuration,
    so that a terminal cannot send us elsewhere, and whether it is encrypted is said by our URL alone."""

    port: int
    path: str

    @property
    def name(self) -> str:
        """The last part of the path, which by the specification is the service's name."""
        return clean(self.path.rstrip("/").rpartition("/")[2], 32) or "service"


@dataclass(frozen=True, slots=True)
class Found:
    vendor: str
    places: tuple[Place, ...]
    strange: tuple[str, ...] = ()  # what was no place


async def discover(link: Dialer, ctx: Context[TerminalSettings]) -> Found:
    """Ask the publisher at the link's own line, or all candidates where it has none. Raises DriverError."""
    if link.port is not None:
        try:
            async with asyncio.timeout(ctx.settings.answer_timeout_s):
                return await _ask(link, ctx, owns=False)
        except TimeoutError:
            raise LinkLost(f"{link.url}: the publisher does not answer", code="service_silent") from None
    return await _search(link, ctx)


async def _search(link: Dialer, ctx: Context[TerminalSettings]) -> Found:
    tasks = {port: asyncio.create_task(_try(link, port, ctx)) for port in ctx.settings.ports}
    try:
        await asyncio.wait(tasks.values(), timeout=ctx.settings.discovery_s)
    finally:
        for task in tasks.values():
            task.cancel()
        results = await asyncio.gather(*tasks.values(), return_exceptions=True)
    found = [result for result in results if isinstance(result, Found)]
    if not found:
        raise _nothing(link, dict(zip(tasks, results, strict=True)))
    places = dict.fromkeys(place for each in found for place in each.places)
    strange = tuple(what for each in found for what in each.strange)
    return Found(found[0].vendor, tuple(places)[:MAX_SERVICES], strange)


async def _try(link: Dialer, port: int, ctx: Context[TerminalSettings]) -> Found:
    return await _ask(await link.dial(port), ctx, owns=True)


def _nothing(link: Dialer, results: Mapping[int, object]) -> LinkLost:
    """Nobody answered. Where no port is even reachable, the machine is away."""
    ports: dict[str, list[str]] = {}
    for port, result in results.items():
        code = result.code if isinstance(result, DriverError) else "no answer"
        ports.setdefault(code, []).append(str(port))
    detail = "; ".join(f"{code}: {', '.join(which)}" for code, which in ports.items())[:DETAIL_LIMIT]
    away = ports.keys() == {"peer_unreachable"}
    return LinkLost(f"{link.url}: {detail}", code="peer_unreachable" if away else "no_publisher")


class _Deaf:
    """What a publisher says unasked matters to nobody."""

    def event(self, message: Message) -> None: ...
    def bad(self, frame: BadFrame) -> None: ...
    def unasked(self, message: Message) -> None: ...


async def _ask(link: Link, ctx: Context[TerminalSettings], *, owns: bool) -> Found:
    found = await ask_publisher(link, ctx.settings, lambda: ctx.clock.now().mono_s, owns=owns)
    ctx.alive()
    return found


async def ask_publisher(link: Link, settings: TerminalSettings, now: Now, *, owns: bool) -> Found:
    """One publisher's answer. The WebSocket is closed at the end, and the line with it where `owns`. Raises
    DriverError."""
    socket = Socket(link, now, owns=owns)
    try:
        await socket.open(settings.path)
        client = Client(socket, _Deaf(), settings.answer_timeout_s)
        answer = await _while_listening(client, settings.version(GET_SERVICES))
    finally:
        await socket.close()
    if answer.code:
        raise LinkLost(f"{link.url}: {GET_SERVICES}: {answer.code}", code="no_publisher")
    return read(answer.payload)


async def _while_listening(client: Client, version: str) -> Message:
    """Raises what ends the listening, or the wait."""
    listening = asyncio.create_task(client.listen())
    asking = asyncio.create_task(client.ask(GET_SERVICES, version))
    try:
        await asyncio.wait({listening, asking}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else await listening
    finally:
        for task in (listening, asking):
            task.cancel()
        await asyncio.gather(listening, asking, return_exceptions=True)


def read(payload: Mapping[str, Json]) -> Found:
    """The payload of ServicePublisher.GetServices. What makes no sense in it is left out and told."""
    places: dict[Place, None] = {}
    strange: list[str] = []
    services = payload.get("services")
    for entry in services if isinstance(services, list) else []:
        uri = entry.get("serviceURI", entry.get("serviceUri")) if isinstance(entry, dict) else None
        if (place := place_of(uri)) is None:
            strange.append(f"serviceURI = {clean(uri, 60) or type(uri).__name__}")
        else:
            places[place] = None
        if len(places) >= MAX_SERVICES or len(strange) >= MAX_SERVICES:
            break
    return Found(clean(payload.get("vendorName")), tuple(places), tuple(strange))


def place_of(uri: Json) -> Place | None:
    """Of "wss://ATM1:123/xfs4iot/v1.0/CardReader"; None for what is no such URI."""
    if not isinstance(uri, str):
        return None
    try:
        parts = urlsplit(uri)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return Place(port, parts.path) if parts.path.startswith("/") and parts.scheme in _DEFAULT_PORTS else None
