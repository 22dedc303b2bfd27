"""The console's own certificate and its authority's: said in its log while there is time to renew them.

Nodes raise alerts of theirs, over the broker. Whether this console hears any of them hangs on these.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from edge.broker import Tls
from edge.ca.ending import Ending, endings

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
        for each in await asyncio.to_thread(endings, tls):
            if said := to_renew(each, time.time()):
                log.warning("%s", said)
        await asyncio.sleep(AGAIN_S)


def to_renew(ending: Ending, now_s: float) -> str:
    """In words; "" where there is time enough."""
    if now_s < ending.soon_s:
        return ""
    return f"{ending.file} {'ends' if now_s < ending.at_s else 'ended'} on {ending.day}: {ending.remedy.en}"
