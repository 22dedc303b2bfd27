"""A process that tells the services who has shown a card, and ends: what it was told ends with it.

Python keeps freed memory, and libraries keep strings. So the daemon itself hands the name and number on as a
line that it overwrites, and hears only the secret of the visit and what may be shown.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import os
import random
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.clock import SystemClock
from edge.masks import masked_name, masked_number
from edge.upstream.client import HttpUpstream
from edge.upstream.exchange import Exchange
from edge.upstream.port import Away, Refused, UpstreamError
from edge.wire import PERSONAL

_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
MAX_NAME = 64
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4  # prctl(2)


@dataclass(frozen=True, slots=True)
class Way:
    """An `edge.upstream.credentials.Access`, as the daemon hands it over."""

    url: str
    token_file: Path | None
    ca: Path | None
    cert: Path | None
    key: Path | None
    timeout_s: float


def way_of(text: str) -> tuple[Way, str, int]:
    """The way, the terminal's name and the daemon's process, of the first argument."""
    raw: dict[str, Any] = json.loads(text)
    files = {name: Path(raw[name]) if raw[name] else None for name in ("token_file", "ca", "cert", "key")}
    return Way(url=raw["url"], timeout_s=raw["timeout_s"], **files), raw["terminal"], raw["daemon"]


async def identify(way: Way, terminal: str, request_id: str, own: dict[str, str]) -> dict[str, Any]:
    """What the daemon is answered: the visit and what may be shown, or why not."""
    name, number = own.get("name", ""), own.get("number", "")
    if not _NUMBER.fullmatch(number) or not 1 <= len(name) <= MAX_NAME:
        return {"result": "refused", "code": "unknown_person", "cause": "no number that residents have"}
    client = HttpUpstream(
        Exchange(way),
        terminal=terminal,
        limit_s=way.timeout_s,
        clock=SystemClock(),
        chance=random.Random(),
    )
    try:
        found = await client.identify(json.dumps({"name": name, "number": number}).encode(), request_id)
    except UpstreamError as error:
        kind = "away" if isinstance(error, Away) else "refused" if isinstance(error, Refused) else "nonsense"
        return {"result": kind, "code": error.code, "cause": str(error)}
    finally:
        await client.end()
    shown = {"name": masked_name(name), "number": masked_number(number)}
    return {"result": "done", "subject": found.subject, "expires_in_s": found.expires_in_s, **shown}


def main() -> None:
    """The way and the request's name as arguments, a line with the card on standard input, one answer on
    standard output. It ends with the daemon, and leaves no core file."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    libc.prctl(_PR_SET_DUMPABLE, 0)
    logging.disable()  # the daemon says how it ended
    (way, terminal, daemon), request_id = way_of(sys.argv[1]), sys.argv[2]
    line = sys.stdin.buffer.readline()
    if not line or os.getppid() != daemon:
        return  # there is no card, or nobody who waits any more
    own = json.loads(line)["data"][PERSONAL]
    sys.stdout.write(json.dumps(asyncio.run(identify(way, terminal, request_id, own))))


if __name__ == "__main__":
    main()
