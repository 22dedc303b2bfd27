"""`hall-console` as a process at a broker, with accounts that may see all."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, CookieJar

from edge.console.accounts.roles import Account, Role
from edge.console.record import Record
from tests.console.accounts_kit import Browser, make_account

HALL_CONSOLE = Path(sys.executable).parent / "hall-console"
START_S = 30.0
STOP_S = 15.0


@dataclass
class ConsoleProcess:
    pid: int
    address: str
    log: Path

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
    store, log = f"sqlite:///{folder}/hub.db", folder / "console.log"
    Record(store).close()
    for name in accounts:
        make_account(store, Account(name, name, Role.MANAGER))
    command = [str(HALL_CONSOLE), "--broker", broker, "--store", store, "--port", "0"]
    process = _started(command, log)
    try:
        yield ConsoleProcess(process.pid, await _address(process, log), log)
        process.terminate()
        assert await asyncio.to_thread(process.wait, STOP_S) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


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
