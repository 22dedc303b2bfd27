"""A disk that is really full: nothing is called kept that is not, and it goes on when there is room."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store import Limits, Store, StoreFull, StoreRefused
from tests.faults.disks import small_disk
from tests.store_kit import draft, flat, seqs, told

MIB = 1024 * 1024
NO_RESERVE = Limits(min_free_bytes=0, wal_bytes=512 * 1024)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Where we may not mount one, the test by RLIMIT_FSIZE below stands for this."""
    with small_disk(tmp_path / "disk", "4m", "the same with RLIMIT_FSIZE is tested") as folder:
        yield folder


async def append_until_full(store: Store) -> list[str]:
    """The ids that the store says it keeps."""
    kept: list[str] = []
    for _ in range(3000):
        drafts = [draft() for _ in range(5)]
        try:
            await store.append(drafts)
        except StoreFull:
            return kept
        kept += [d.id for d in drafts]
    raise AssertionError("never full")


async def test_disk_full(disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(2 * MIB))
    store = await Store.open(disk / "hall.db", NO_RESERVE)
    kept = await append_until_full(store)
    assert kept
    for _ in range(10):
        with pytest.raises(StoreFull, match="disk"):
            await store.append([draft() for _ in range(5)])
    assert store.last_seq == len(kept)
    assert [flat(row)["id"] for row in await told(store)] == kept
    assert sum("nothing more can be kept" in m for m in caplog.messages) == 1

    with pytest.raises(StoreFull):
        await store.try_room()
    ballast.unlink()
    await store.try_room()
    assert store.last_seq == len(kept)
    assert (await store.append([draft()]))[0].stamp.seq == len(kept) + 1  # by itself
    kept_more = await append_until_full(store)
    await store.close()

    again = await Store.open(disk / "hall.db", NO_RESERVE)
    rows = await told(again)
    assert seqs(rows) == list(range(1, len(kept) + 1 + len(kept_more) + 1))
    assert [flat(row)["id"] for row in rows][: len(kept)] == kept
    await again.close()


async def test_trying_for_room_really_writes(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", NO_RESERVE)
    wal = tmp_path / "hall.db-wal"
    before = wal.stat().st_size
    for _ in range(3):
        await store.try_room()
    assert wal.stat().st_size - before >= 3 * 4096
    assert (await told(store), store.status().dropped) == ([], 0)
    await store.close()


async def test_the_reserve_leaves_room_for_the_cursor_and_for_pruning(disk: Path) -> None:
    limits = Limits(min_free_bytes=MIB, wal_bytes=512 * 1024)
    store = await Store.open(disk / "hall.db", limits)
    kept = await append_until_full(store)
    free = os.statvfs(disk)
    assert free.f_bavail * free.f_frsize > MIB // 2
    store.acknowledge(store.epoch, len(kept))  # more than 256: written at once
    await store.close()
    again = await Store.open(disk / "hall.db", limits)
    assert again.acked_seq == len(kept)
    await again.close()


async def test_a_new_database_on_a_full_disk_is_refused_as_such(disk: Path) -> None:
    with (disk / "ballast").open("wb") as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(bytes(65536))
            file.flush()
    with pytest.raises(StoreRefused, match=r"full|space") as refused:
        await Store.open(disk / "hall.db", NO_RESERVE)
    assert "room" in refused.value.remedy


LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.faults.test_store_disk_full import NO_RESERVE, append_until_full
from edge.store import Store, StoreFull
from tests.store_kit import draft, flat, told

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = await Store.open(Path(sys.argv[1]), NO_RESERVE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, hard))
    kept = await append_until_full(store)
    assert kept and store.last_seq == len(kept)
    assert [flat(row)["id"] for row in await told(store)] == kept
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (await store.append([draft()]))[0].stamp.seq == len(kept) + 1
    await store.close()
    print("went on")

asyncio.run(main())
"""


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """EFBIG reaches SQLite as a failed write of the WAL: SQLITE_IOERR_WRITE, not SQLITE_FULL."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "hall.db")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "went on\n", done.stderr
