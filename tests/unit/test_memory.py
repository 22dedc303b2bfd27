"""What drivers remember over a restart: each its own, in the node's store."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.api import NotKept
from edge.memory import MAX_BYTES, DriverMemory, Forgetful
from edge.store import Store


async def test_each_driver_finds_its_own_again(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await DriverMemory(store, "cam").remember(b"old")
    await DriverMemory(store, "cam").remember(b"cam's")
    await DriverMemory(store, "cameras").remember(b"cameras'")
    await store.close()
    store = await Store.open(tmp_path / "hall.db")
    found = [await DriverMemory(store, device).recall() for device in ("cam", "cameras", "nobody")]
    assert found == [b"cam's", b"cameras'", b""]
    await store.close()


async def test_what_cannot_be_kept_is_said_to(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    memory = DriverMemory(store, "cam")
    await memory.remember(bytes(MAX_BYTES))
    with pytest.raises(NotKept, match="at most"):
        await memory.remember(bytes(MAX_BYTES + 1))
    assert await memory.recall() == bytes(MAX_BYTES)
    await store.close()
    with pytest.raises(NotKept):
        await memory.remember(b"x")


async def test_without_a_hall_it_lasts_as_long_as_the_process() -> None:
    kept = Forgetful()
    await DriverMemory(kept, "cam").remember(b"x")
    assert await DriverMemory(kept, "cam").recall() == b"x"
    assert await DriverMemory(Forgetful(), "cam").recall() == b""
