"""`hall-console` as a process at a broker, with accounts that may see all."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, CookieJar

from edge.console.accounts.roles import Account, Role
from edge.console.record import Record
from tests.console.accounts_kit import Browser, make_account

HALL_CONSOLE = Path(sys.executable).parent / "hall-console"
START_S = 60.0
STOP_S = 60.0  # twice what it gives itself


class ConsoleProcess:
    """A test may end it and start it again, where it was."""

    def __init__(self, broker: str, store: str, log: Path) -> None:
        self.log = log
        self.store = store
        self.address = ""
        self._broker = broker
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Until its pages are served."""
        port = self.address.rpartition(":")[2] or "0"
        options = ["--broker", self._broker, "--store", self.store, "--port", port]
        self._process = _started([str(HALL_CONSOLE), *options], self.log)
        self.address = await _address(self._process, self.log)

    async def stop(self) -> None:
        """By SIGTERM, in order."""
        assert self._process is not None
        self._process.terminate()
        assert await asyncio.to_thread(self._process.wait, STOP_S) == 0, self.log.read_text()

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    @asynccontextmanager
    async def browser(self, name: str = "chief") -> AsyncIterator[Browser]:
        """That has logged in."""
        jar = CookieJar(unsafe=True)
        async with ClientSession(self.address, cookie_jar=jar) as session:
            browser = Browser(session)
            assert (await browser.log_in(name)).status == 303
            yield browser


@asynccontextmanager
async def console_at(
    broker: str, folder: Path, accounts: Iterable[str] = ("chief",)
) -> AsyncIterator[ConsoleProcess]:
    """With these managers. Ended by SIGTERM, in order."""
    store = f"sqlite:///{folder}/hub.db"
    Record(store).close()
    for name in accounts:
        make_account(store, Account(name, name, Role.MANAGER))
    async with console_on(store, broker, folder) as process:
        yield process


@asynccontextmanager
async def console_on(store: str, broker: str, folder: Path) -> AsyncIterator[ConsoleProcess]:
    """On a record that is there."""
    process = ConsoleProcess(broker, store, folder / "console.log")
    try:
        await process.start()
        yield process
        await process.stop()
    finally:
        process.kill()


def _started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out)


async def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"pages at (\S+)", log.read_text()):
            return found[1]
        await asyncio.sleep(0.05)
    raise AssertionError(log.read_text())
