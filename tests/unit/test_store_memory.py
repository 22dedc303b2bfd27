"""What parts of the node remember over a restart, beside what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.store import Store
from edge.store.memory import MAX_MEMORY


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember("camera/door", {"state": b"{}", "reference": bytes(range(256))})
    await store.remember("camera/desk", {"state": b"1"})
    await store.remember("cameraman", {"state": b"no camera"})
    await store.close()
    again = await Store.open(tmp_path / "hall.db")
    assert await again.memories("camera/") == {
        "camera/door": {"state": b"{}", "reference": bytes(range(256))},
        "camera/desk": {"state": b"1"},
    }
    await again.close()


async def test_a_name_is_kept_anew_and_the_others_stay(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember("camera/door", {"state": b"old", "before": b"picture"})
    await store.remember("camera/door", {"state": b"new"})
    await store.remember("camera/door", {})
    assert await store.memories("camera/door") == {"camera/door": {"state": b"new", "before": b"picture"}}
    await store.forget("camera/door")
    assert await store.memories("camera/") == {}
    await store.close()


async def test_what_is_too_much_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember("camera/door", {"state": b"old"})
    for owner, data in (("camera/door", {"state": bytes(MAX_MEMORY + 1)}), ("x" * 200, {"state": b""})):
        with pytest.raises(ValueError, match="at most"):
            await store.remember(owner, data)
    assert await store.memories("") == {"camera/door": {"state": b"old"}}
    await store.close()


async def test_it_is_no_event_and_no_part_of_the_outbox(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember("camera/door", {"state": b"1"})
    assert store.last_seq == 0
    assert store.status().rows == 0
    await store.close()
