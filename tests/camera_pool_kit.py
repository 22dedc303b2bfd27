"""What tests of the pool of picture workers share: a pool of sick workers that leaves nothing behind."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.camera import process
from drivers.camera.job import Answer, Job
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.pool import Outcome, Pool

SICK = (sys.executable, "-m", "tests.camera_sick_worker")
PATIENCE_S = 120.0  # of a test: a start takes 0.1 s where the machine has nothing else to do


@pytest.fixture
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the sick worker is found."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))


@asynccontextmanager
async def pool_of(workers: int = 2, command: tuple[str, ...] = SICK) -> AsyncIterator[Pool]:
    """Afterwards nothing of it is left."""
    pool = Pool(workers, command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "REAP_S", PATIENCE_S)  # on a busy machine a killed process takes its time, too
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield pool
        finally:
            pids = pool.pids
            async with asyncio.timeout(PATIENCE_S):
                await pool.close()
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
        assert pool.pids == []


def job(ill: str = "", size: int = 100) -> Job:
    return Job(AccessUnit(StreamFormat("h264"), bytes(size), True), {"ill": ill.encode()})


def pid_of(outcome: Outcome) -> int:
    assert isinstance(outcome, Answer), outcome
    return int(outcome.measures["pid"])


async def until_busy(pool: Pool) -> int:
    """The pid of the only worker, when it has been started and given its job."""
    while not pool.pids:  # noqa: ASYNC110 a process sets no Event
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    return pool.pids[0]
