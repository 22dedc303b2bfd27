"""Who was shown something from afar: kept as an act before it is handed out, or it is not handed out."""

from __future__ import annotations

from drivers.api import Clock
from edge.clock import new_id
from edge.store import Draft, Store, StoreFull
from edge.wire import CameraPictureShown, KioskLooked, Reply, rejected


async def keep_look(
    store: Store, clock: Clock, fact: KioskLooked | CameraPictureShown, by: str, request_id: str
) -> Reply | None:
    """The refusal where it cannot be kept, else None."""
    now = clock.now()
    try:
        await store.append([Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, by)])
    except StoreFull as error:
        zh = "现在存不下“谁看过”的记录，所以不能查看"
        return rejected(request_id, "store_full", zh, f"it cannot be kept now who looks: {error}")
    return None
