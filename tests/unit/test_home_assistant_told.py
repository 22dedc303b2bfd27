"""What Home Assistant was told of, in the record: nothing of it is cut off by a console that ends."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from edge.console.engine import lock_for_writing
from edge.console.home_assistant.told import Told, Topic
from edge.console.record import Record
from tests.stores import outside, store_url

TIMEOUT_S = 30.0


@pytest.mark.usefixtures("both_stores")
async def test_closing_finishes_what_is_being_written_for_somebody_who_has_gone(tmp_path: Path) -> None:
    begun, may_end = threading.Event(), threading.Event()
    path = tmp_path / "record.db"
    Record(store_url(path)).close()

    def slow(db: Connection) -> None:
        lock_for_writing(db)
        begun.set()
        assert may_end.wait(TIMEOUT_S)

    told = Told(store_url(path), slow)
    asked = asyncio.create_task(told.add("mqtt://b", [Topic("homeassistant/device/x/config", "h", "n")]))
    assert await asyncio.to_thread(begun.wait, TIMEOUT_S)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    threading.Timer(0.1, may_end.set).start()
    told.close()
    assert outside(path, "SELECT topic FROM discovery") == [("homeassistant/device/x/config",)]
