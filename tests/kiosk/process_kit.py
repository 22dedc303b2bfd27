"""The kiosk as a process of its own, at a hall's socket."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.newland.sim import NewlandSim

LONG_S = 60.0
PAGES_S = 600.0  # some thousands of pictures
# In the guide, to what has to be brought for an item of the sample in one of its cases.
TO_THE_LIST = ("search", "key-1", "key-0", "key-0", "key-1", "item-1001", "papers", "case-renew", "next")


@dataclass(slots=True)
class Driven:
    process: asyncio.subprocess.Process
    log: Path

    async def say(self, line: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line.encode() + b"\n")
        await self.process.stdin.drain()
        async with asyncio.timeout(LONG_S if not line.startswith("pages") else PAGES_S):
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline() or b"{}")
        assert "error" not in answer, f"{answer}\n{self.log.read_text()[-2000:]}"
        return answer

    async def tap(self, *controls: str) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for control in controls:
            answer = await self.say(f"tap {control}")
        return answer

    async def key(self, *controls: str) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for control in controls:
            answer = await self.say(f"key {control}")
        return answer

    async def look(self) -> dict[str, Any]:
        return await self.say("look")

    async def until(
        self, holds: Callable[[dict[str, Any]], object], limit_s: float = LONG_S
    ) -> dict[str, Any]:
        deadline_s = time.monotonic() + limit_s
        while not holds(found := await self.look()):
            assert time.monotonic() < deadline_s, f"not in time: {found}\n{self.log.read_text()[-2000:]}"
            await asyncio.sleep(0.05)
        return found

    async def at(self, screen: str, limit_s: float = LONG_S) -> dict[str, Any]:
        return await self.until(lambda found: found["screen"] == screen, limit_s)


async def hold(
    scanner: NewlandSim, text: str, kiosk: Driven, until: Callable[[dict[str, Any]], object]
) -> None:
    """A code before the scanner, as people do: what comes between two readings is nobody's, and is held there
    again until the kiosk shows what it leads to."""
    deadline_s = time.monotonic() + LONG_S
    while not until(found := await kiosk.look()):
        assert time.monotonic() < deadline_s, f"not in time: {found}\n{kiosk.log.read_text()[-2000:]}"
        await scanner.scan(text)
        await asyncio.sleep(0.3)


@asynccontextmanager
async def driven(socket: Path, folder: Path, **env: str) -> AsyncIterator[Driven]:
    log = folder / "kiosk.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.kiosk.run_driven", str(socket)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=out,
            env={**os.environ, "SDL_VIDEODRIVER": "dummy", **env},
            limit=1 << 22,
        )
    try:
        yield Driven(process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def memory_has(pid: int, *wanted: bytes) -> set[bytes]:
    """Which of them stand anywhere in the memory of a process that may write to it."""
    found: set[bytes] = set()
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            memory.seek(begin)
            try:
                data = memory.read(end - begin)
            except OSError:  # [vvar] and the like
                continue
            found |= {each for each in wanted if each in data}
    return found
