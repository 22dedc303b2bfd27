"""The console's own certificate and its authority's: said in its log while there is time to renew them.

Nodes raise alerts of theirs, over the broker. Whether this console hears any of them hangs on these.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from drivers.checking.words import Text
from edge.broker import Tls
from edge.ca.ending import CA_SOON, RENEW, RENEW_CA, SOON, authority_ends, own_ends

log = logging.getLogger(__name__)

AGAIN_S = 86_400.0  # once a day, until it is done


@contextlib.asynccontextmanager
async def told(tls: Tls) -> AsyncIterator[None]:
    """For as long as this is entered."""
    telling = asyncio.create_task(_tell(tls))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait({telling})


async def _tell(tls: Tls) -> None:
    while True:
        for said in await asyncio.to_thread(lambda: list(ending(tls, time.time()))):
            log.warning("%s", said)
        await asyncio.sleep(AGAIN_S)


def ending(tls: Tls, now_s: float) -> Iterator[str]:
    """What is to be renewed, in words. What cannot be read is told of by who connects with it."""
    with contextlib.suppress(OSError):
        if tls.cert and (ends_s := own_ends(tls.cert, tls.key)) - now_s <= SOON.total_seconds():
            yield _said(tls.cert, ends_s, now_s, RENEW)
    with contextlib.suppress(OSError):
        if tls.ca and (ends_s := authority_ends(tls.ca)) - now_s <= CA_SOON.total_seconds():
            yield _said(tls.ca, ends_s, now_s, RENEW_CA)


def _said(file: Path, ends_s: float, now_s: float, remedy: Text) -> str:
    verb = "ends" if now_s < ends_s else "ended"
    return f"{file} {verb} on {datetime.fromtimestamp(ends_s, UTC):%Y-%m-%d}: {remedy.en}"
