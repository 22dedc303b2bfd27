"""The hub at a broker, for a test's time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from edge.broker import Broker
from edge.console.hub import Hub
from edge.console.record import Record
from edge.mqtt import Session


@contextlib.asynccontextmanager
async def hub_at(broker: Broker, path: Path) -> AsyncIterator[Hub]:
    with Record(f"sqlite:///{path}") as record:
        hub = Hub(Session([broker], "hall-console-recorder", delay=lambda _: 0.05), record)
        async with asyncio.TaskGroup() as tasks:  # a fault of the hub ends the test at once
            task = tasks.create_task(hub.run())
            yield hub
            task.cancel()
