"""A sandbox and a client of it in one process, over a real socket; and servers that misbehave."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import ClientSession, web

from drivers.api import Clock
from drivers.messages import Instant
from drivers.sdt.sim_cards import made_up_number
from edge.clock import SystemClock
from edge.ids import new_id
from edge.upstream.client import HttpUpstream
from edge.upstream.exchange import Exchange
from edge.upstream.messages import Declaring
from edge.upstream.sandbox.app import app_of
from edge.upstream.sandbox.service import Service
from tests.upstream.contract import Judge

Ask = Callable[[HttpUpstream], Awaitable[object]]
TERMINAL = "test/n1"
NAME = "样卡甲"
NUMBER, OTHER = made_up_number(), made_up_number("19850612", "202")


@dataclass(frozen=True, slots=True)
class Way:
    """An `edge.upstream.credentials.Access`."""

    url: str
    token_file: Path | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    timeout_s: float = 10.0  # on a busy machine


class Ahead(SystemClock):
    """The machine's, which a test may set ahead, and on which pauses take no time."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_s = 0.0

    def now(self) -> Instant:
        now = super().now()
        return replace(now, wall_s=now.wall_s + self.ahead_s, mono_s=now.mono_s + self.ahead_s)

    async def sleep(self, delay_s: float) -> None:
        self.ahead_s += delay_s
        await asyncio.sleep(0)


@asynccontextmanager
async def client_of(
    way: Way | str, clock: Clock | None = None, turned: Callable[[], None] = lambda: None
) -> AsyncIterator[HttpUpstream]:
    way = Way(way) if isinstance(way, str) else way
    client = HttpUpstream(
        Exchange(way),
        terminal=TERMINAL,
        limit_s=way.timeout_s,
        clock=clock or Ahead(),
        chance=random.Random(7),
        turned=turned,
    )
    try:
        yield client
    finally:
        await client.end()


@asynccontextmanager
async def sandbox(service: Service, token: str = "", tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Its address. At the end, all that it was asked and has answered while it was well fits the contract."""
    judge = Judge(answers=lambda: not service.faults.faults)
    app = app_of(service, token)
    app.middlewares.insert(0, judge.middleware())
    async with serving(app, tls) as url:
        yield url
    assert judge.wrong == []


@asynccontextmanager
async def serving(app: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def answering(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server that answers everything by this."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with serving(app) as url:
        yield url


@asynccontextmanager
async def saying(said: bytes, *, stay: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says this to whoever comes, whatever he asks; `stay`: and leaves the line open. Its
    address, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(said)
            await writer.drain()
            if stay:
                await reader.read()
        except (OSError, EOFError):
            pass  # the client has had enough
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def card(number: str = NUMBER, name: str = NAME) -> bytes:
    return f'{{"name": "{name}", "number": "{number}"}}'.encode()


async def visit(client: HttpUpstream, number: str = NUMBER) -> str:
    """The secret of a visit."""
    return (await client.identify(card(number))).subject


async def pays(url: str, order: str, times: int = 1, fen: int | None = None) -> list[int]:
    """As a payer does, at the page behind the code; the statuses."""
    async with ClientSession() as session:
        form = {} if fen is None else {"fen": str(fen)}
        return [(await session.post(f"{url}/pay/{order}", data=form)).status for _ in range(times)]


async def declared(client: HttpUpstream, subject: str) -> tuple[str, int]:
    """Everything that is owed: the key of the declaration, and the sum."""
    owed = await client.obligations(subject)
    wishes = [Declaring(id=each.id, values={}) for each in owed if each.state == "to_declare"]
    key = new_id()
    return key, (await client.declare(subject, key, wishes)).total_fen
