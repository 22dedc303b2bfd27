"""What somebody was shown from afar, or has a device do: kept as an act, with who it was, before it is so."""

from __future__ import annotations

import logging

from drivers.api import Clock
from edge.ids import new_id
from edge.store import Draft, Store, StoreFull
from edge.wire import CameraPictureShown, DeviceOrdered, KioskLooked, Reply, rejected

log = logging.getLogger(__name__)


async def keep_look(
    store: Store, clock: Clock, fact: KioskLooked | CameraPictureShown, by: str, request_id: str
) -> Reply | None:
    """The refusal where it cannot be kept, else None: what nobody would know of is not shown."""
    try:
        await _keep(store, clock, fact, by)
    except StoreFull as error:
        zh = "现在存不下“谁看过”的记录，所以不能查看"
        return rejected(request_id, "store_full", zh, f"it cannot be kept now who looks: {error}")
    return None


async def keep_order(store: Store, clock: Clock, fact: DeviceOrdered, by: str) -> None:
    """Where it cannot be kept the log alone has it: a full disk must not stop who puts things right."""
    log.info("device.%s", fact.order, extra={"device": fact.device, "how": fact.how, "by": by})
    try:
        await _keep(store, clock, fact, by)
    except StoreFull as error:
        log.warning("it is not kept who ordered this: %s", error, extra={"device": fact.device, "by": by})


async def _keep(
    store: Store, clock: Clock, fact: KioskLooked | CameraPictureShown | DeviceOrdered, by: str
) -> None:
    now = clock.now()
    await store.append([Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, by)])
