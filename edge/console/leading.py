"""What only the leading console does: it records and acknowledges, counts, and publishes reports in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from edge.console.hub import Hub
from edge.console.lease import Lease
from edge.console.reports.timely import Timely
from edge.console.sums.follower import Follower


@dataclass(slots=True)
class Leading:
    """`hub`: made anew for each taking, since each is for one."""

    lease: Lease
    hub: Callable[[], Hub]
    follower: Follower
    timely: Timely | None = None
    applied: int = 0
    duplicates: int = 0

    async def run(self) -> NoReturn:
        await self.lease.run(self._work)

    async def _work(self) -> None:
        hub = self.hub()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(hub.run())
                tasks.create_task(self.follower.run())
                if self.timely:
                    tasks.create_task(self.timely.run())
        finally:
            self.applied += hub.applied
            self.duplicates += hub.duplicates
