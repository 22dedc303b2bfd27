"""What only the leading console does: it records and acknowledges, counts, publishes reports in time, tells
Home Assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from edge.console.home_assistant.announcer import Announcer
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
    announcer: Announcer
    timely: Timely | None = None
    _now: Hub | None = field(default=None, init=False)  # while it leads
    _applied: int = field(default=0, init=False)  # by those before
    _duplicates: int = field(default=0, init=False)

    @property
    def leads(self) -> bool:
        return self.lease.leads

    @property
    def applied(self) -> int:
        """Events recorded since the start, in all takings."""
        return self._applied + (self._now.applied if self._now else 0)

    @property
    def duplicates(self) -> int:
        return self._duplicates + (self._now.duplicates if self._now else 0)

    async def run(self) -> NoReturn:
        await self.lease.run(self._work)

    async def _work(self) -> None:
        hub = self._now = self.hub()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(hub.run())
                tasks.create_task(self.follower.run())
                tasks.create_task(self.announcer.run())
                if self.timely:
                    tasks.create_task(self.timely.run())
        finally:
            self._now = None
            self._applied += hub.applied
            self._duplicates += hub.duplicates
