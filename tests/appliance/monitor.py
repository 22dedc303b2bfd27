"""One way to ask QEMU (QMP) and the guest's agent (QGA): JSON, a line each, one answer to each question.

Source: QEMU, docs/interop/qmp-spec.txt and docs/interop/qemu-ga-ref. Both echo the `id` of a question, by
which the answer to one that was given up is told from ours.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any, Self

CONNECT_LIMIT_S = 10.0  # QEMU makes its sockets before it begins to run the guest
LINE_LIMIT = 16 * 2**20  # the agent sends all that a command wrote in one line


class Refused(Exception):
    """It answered with an error; `str()` is its description."""


class Monitor:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._turn = asyncio.Lock()  # one question at a time

    @classmethod
    async def at(cls, path: Path) -> Self:
        return cls(*await connect(path))

    async def ask(self, verb: str, limit_s: float = 20.0, **arguments: Any) -> Any:
        """What it returns. Raises Refused, TimeoutError, and ConnectionError where QEMU has ended."""
        async with self._turn, asyncio.timeout(limit_s):
            number = next(self._ids)
            names = {name.replace("_", "-"): value for name, value in arguments.items()}
            question = {"execute": verb, "arguments": names, "id": number}
            self._writer.write(json.dumps(question).encode() + b"\n")
            while (answer := await self._read()).get("id") != number:
                continue  # an event, the greeting, or the answer to a question that was given up
        if "error" in answer:
            raise Refused(f"{verb}: {answer['error'].get('desc')}")
        return answer["return"]

    async def _read(self) -> dict[str, Any]:
        line = await self._reader.readline()
        if not line:
            raise ConnectionError("QEMU has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    async def close(self) -> None:
        self._writer.close()


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises OSError where nothing listens there within CONNECT_LIMIT_S."""
    for left in range(int(CONNECT_LIMIT_S * 10), -1, -1):
        try:
            return await asyncio.open_unix_connection(path, limit=LINE_LIMIT)
        except OSError:
            if not left:
                raise
        await asyncio.sleep(0.1)
    raise AssertionError
