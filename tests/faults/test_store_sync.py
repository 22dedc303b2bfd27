"""synchronous=FULL is real: the kernel is asked to sync the WAL at least once for each commit told of."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WRITER = """
import asyncio, sys
from pathlib import Path
from edge.store import Store
from tests.store_kit import draft

async def main():
    store = await Store.open(Path(sys.argv[1]))
    for _ in range(40):
        await store.append([draft()])
    for _ in range(20):
        await asyncio.gather(*(store.append([draft()]) for _ in range(10)))
    print(store.commits, store.last_seq, flush=True)
    await store.close()

asyncio.run(main())
"""


def strace() -> str:
    """Skips only where the machine cannot: no strace, or no right to trace a child."""
    found = shutil.which("strace")
    if not found:
        pytest.skip("strace is not installed (Debian package strace)")
    probe = subprocess.run([found, "-f", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"strace may not trace here: {probe.stderr.strip()[:200]}")
    return found


def test_there_is_a_sync_of_the_wal_for_each_commit(tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    command = [strace(), "-f", "-y", "-o", str(log), "-e", "trace=fdatasync,fsync"]
    told = subprocess.run(
        [*command, sys.executable, "-c", WRITER, str(tmp_path / "hall.db")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    commits, last_seq = map(int, told.split())
    syncs = len(re.findall(r"(?:fdatasync|fsync)\(\d+<[^>]*hall\.db-wal>", log.read_text()))
    assert last_seq == 240
    assert 40 < commits < 240  # lone ones alone, crowds together
    assert syncs >= commits
