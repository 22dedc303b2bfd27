"""1,000 torn WALs: the commits whose frames are whole are there, in order, and no others."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.store import Store
from edge.store.audit import audit
from tests.store_kit import act, draft, flat, seqs, telemetry, told

COMMITS = 40


@dataclass
class Prepared:
    """A database whose commits are all in its WAL. `ends[n]` = (WAL bytes, last seq) after n commits."""

    path: Path
    ends: list[tuple[int, int]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@pytest.fixture
def memory() -> Iterator[Path]:
    """The tears are made by us, so the disk's syncs need not be waited for."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        yield Path(name)


async def prepare(directory: Path) -> Prepared:
    path = directory / "made.db"
    await (await Store.open(path)).close()
    store = await Store.open(path)
    prepared = Prepared(directory / "whole.db")
    wal = path.with_name("made.db-wal")
    prepared.ends.append((wal.stat().st_size if wal.exists() else 0, 0))
    chance = random.Random(1)
    for n in range(COMMITS):
        drafts = [
            draft(act(n) if chance.random() < 0.5 else telemetry(n)) for _ in range(chance.randint(1, 9))
        ]
        await store.append(drafts)
        prepared.ids += [d.id for d in drafts]
        prepared.ends.append((wal.stat().st_size, store.last_seq))
    shutil.copy(path, prepared.path)  # with the store open: what a power cut would find
    shutil.copy(wal, prepared.path.with_name("whole.db-wal"))
    await store.close()
    return prepared


def tear(wal: bytes, chance: random.Random) -> tuple[bytes, int]:
    """The torn bytes, and how many of the first are as they were."""
    at = chance.randrange(len(wal))
    match chance.choice(("cut", "flip", "zeros", "noise")):
        case "cut":
            return wal[:at], at
        case "flip":
            return wal[:at] + bytes([wal[at] ^ 1 << chance.randrange(8)]) + wal[at + 1 :], at
        case "zeros":
            lost = wal[at : at + chance.randint(1, 8192)]
            torn = wal[:at] + bytes(len(lost)) + wal[at + len(lost) :]
        case _:
            torn = wal[:at] + chance.randbytes(len(wal) - at)
    same = next((n for n in range(at, len(wal)) if wal[n] != torn[n]), len(wal))
    return torn, same


@pytest.mark.parametrize("tears", [200, pytest.param(1000, marks=pytest.mark.thorough)])
async def test_torn_wals(memory: Path, tears: int) -> None:
    prepared = await prepare(memory)
    whole = prepared.path.with_name("whole.db-wal").read_bytes()
    assert len(whole) == prepared.ends[-1][0]
    chance = random.Random(20250301)
    found = set()
    path = memory / "torn.db"
    for n in range(tears):
        torn, same = tear(whole, chance)
        shutil.copy(prepared.path, path)
        path.with_name("torn.db-wal").write_bytes(torn)
        path.with_name("torn.db-shm").unlink(missing_ok=True)
        expected = max(seq for end, seq in prepared.ends if end <= same or seq == 0)

        store = await Store.open(path)
        rows = await told(store)
        assert seqs(rows) == list(range(1, expected + 1))
        assert [flat(row)["id"] for row in rows] == prepared.ids[:expected]
        assert store.last_seq == expected
        if n % 20 == 0:
            assert (await store.append([draft()]))[0].stamp.seq == expected + 1
            assert audit(path).first is None
        await store.close()
        found.add(expected)
    assert len(found) > COMMITS * 0.8  # the tears fell everywhere
