"""kill -9 of a writing process at random instants: what it had been told was kept is there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.store import Store
from edge.store.audit import audit
from tests.store_kit import flat, seqs, told

KILLS = 40
ROWS = (0, 1, 8, 64)  # that are told of at least, kill after kill
WRITER = """
import asyncio, os, sys, time
from pathlib import Path
import pytest

from edge.store import Limits, Store
from tests.store_kit import act, draft, telemetry

async def main():
    store = await Store.open(Path(sys.argv[1]), Limits(wal_bytes=256 * 1024))
    os.write(1, b"open\\n")
    async def hall(n):
        while True:
            for recorded in await store.append([draft(act(n)), draft(telemetry(n))][: 1 + n % 2]):
                os.write(1, f"{recorded.stamp.seq} {recorded.stamp.id}\\n".encode())
            if n == 0:
                store.acknowledge(store.epoch, store.last_seq)
    await asyncio.gather(*(hall(n) for n in range(8)))

asyncio.run(main())
"""


def write_until_killed(path: Path, rows: int, after_s: float) -> list[tuple[int, str]]:
    """(seq, id) of all that the process said was kept. It is killed `after_s` after so many rows."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        fd = writer.stdout.fileno()
        said = b""
        while said.count(b"\n") < 1 + rows:
            more = os.read(fd, 65536)
            assert more, "it has ended by itself"
            said += more
        time.sleep(after_s)
        writer.kill()
        while more := os.read(fd, 65536):
            said += more
    lines = said[: said.rfind(b"\n")].decode().split("\n")[1:]
    return [(int(seq), event) for seq, event in (line.split() for line in lines)]


@pytest.mark.parametrize("kills", [8, pytest.param(KILLS, marks=pytest.mark.thorough)])
async def test_what_was_told_is_there_after_each_kill(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "hall.db"
    chance = random.Random(os.urandom(8))
    told_of: dict[int, str] = {}
    for n in range(kills):
        told_of |= write_until_killed(path, ROWS[n % len(ROWS)], chance.uniform(0.0, 0.05))
        store = await Store.open(path)
        rows = await told(store, max(0, store.last_seq - 20_000))
        assert seqs(rows)[-1:] == [store.last_seq][: len(rows)]
        assert seqs(rows) == list(range(store.last_seq - len(rows) + 1, store.last_seq + 1))
        kept = {row.seq: flat(row)["id"] for row in rows}
        assert {seq: kept.get(seq) for seq in told_of} == told_of
        assert audit(path).first is None
        await store.close()
    assert len(told_of) > kills
