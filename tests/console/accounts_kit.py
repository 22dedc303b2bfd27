"""The application over a record with accounts, and browsers that log in to it."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, TCPConnector, web
from sqlalchemy import Connection

from edge.console.accounts import book, codes, trail
from edge.console.accounts.passwords import Passwords
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.trail import Act
from edge.console.desk import Desk
from edge.console.engine import open_engine
from edge.console.record import Record
from edge.console.settings import ConsoleSettings
from edge.console.web import app as application
from edge.console.web.pulse import Recorder
from tests.stores import store_url

PASSWORD = "four unrelated words here"


class Clock:
    """Wall and monotonic time of the application, which the test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@dataclass
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', self.text)
        return found[1] if found else ""


@dataclass
class Browser:
    """A browser of its own: with its cookies, and what it says of itself."""

    session: ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **options: Any) -> Answer:
        return await _read(
            await self.session.get(path, allow_redirects=False, headers=self.headers, **options)
        )

    async def post(self, path: str, headers: Mapping[str, str] | None = None, **fields: str) -> Answer:
        sent = self.headers | dict(headers or {})
        return await _read(await self.session.post(path, data=fields, allow_redirects=False, headers=sent))

    async def csrf(self, path: str = "/me") -> str:
        return (await self.get(path)).csrf

    async def act(self, path: str, page: str = "/me", **fields: str) -> Answer:
        """By a form of `page`."""
        return await self.post(path, None, csrf=await self.csrf(page), **fields)

    async def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        return await self.post("/login", None, name=name, password=password)


async def _read(answer: ClientResponse) -> Answer:
    async with answer:
        return Answer(answer.status, await answer.text(), answer.headers)


@dataclass
class Pages:
    """`address`: where it is served; `store`: its record."""

    app: web.Application
    address: str
    store: str
    clock: Clock
    browsers: list[ClientSession] = field(default_factory=list)

    def browser(self, tls: ssl.SSLContext | bool = True, **headers: str) -> Browser:
        jar = CookieJar(unsafe=True)  # also of addresses, which have no names
        session = ClientSession(self.address, cookie_jar=jar, connector=TCPConnector(ssl=tls))
        self.browsers.append(session)
        return Browser(session, headers)

    async def logged_in(self, name: str) -> Browser:
        browser = self.browser()
        assert (await browser.log_in(name)).status == 303
        return browser

    def account(self, name: str, role: Role = Role.MANAGER, hall: str = "", secret: str = "") -> None:
        make_account(self.store, Account(name, f"shown {name}", role, hall), secret)

    def acts(self, what: str = "") -> list[Act]:
        """The trail, the latest first."""
        with writing(self.store) as db:
            return [act for _, act in trail.find(db, what=what)]


@asynccontextmanager
async def served(
    folder: Path, settings: ConsoleSettings | None = None, recorder: Recorder | None = None
) -> AsyncIterator[Pages]:
    store, clock = store_url(folder / "hub.db"), Clock()
    Record(store).close()
    desk = Desk(store)
    app = application.make_app(
        desk, settings or ConsoleSettings(), recorder=recorder, wall=clock, clock=clock
    )
    pages = Pages(app, "", store, clock)
    try:
        async with application.served(app, 0) as pages.address:
            yield pages
    finally:
        for session in pages.browsers:
            await session.close()
        desk.close()


def make_account(store: str, account: Account, secret: str = "") -> None:
    """With PASSWORD; with `secret` its phone makes codes by that."""
    with writing(store) as db:
        book.add(db, account, "test", 0.0, password=encoded())
        if secret:
            codes.turn_on(db, account.name, secret, 0)


@contextmanager
def writing(store: str) -> Iterator[Connection]:
    """A transaction of the record, from outside."""
    engine = open_engine(store)
    try:
        with engine.begin() as db:
            yield db
    finally:
        engine.dispose()


@lru_cache(maxsize=1)
def encoded() -> str:
    """PASSWORD, which takes a moment to encode."""
    passwords = Passwords()
    try:
        return passwords._hasher.hash(PASSWORD)
    finally:
        passwords.close()
