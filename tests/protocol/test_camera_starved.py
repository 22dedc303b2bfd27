"""A deadline that tells a decoder that hangs from one that is not let run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.camera import patience
from drivers.camera.patience import Patience, running
from tests.camera_pool_kit import from_the_root, job, pid_of, pool_of

__all__ = ["from_the_root"]  # a fixture is known where it is imported

pytestmark = pytest.mark.alone


@contextmanager
def python(code: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            yield process
        finally:
            process.kill()


def seen(pid: int) -> list[tuple[bool, float]]:
    time.sleep(0.5)
    first = running(pid)
    time.sleep(0.5)
    return [first, running(pid)]


def test_who_computes_wants_to_run_and_does() -> None:
    with python("while True: pass") as process:
        first, second = seen(process.pid)
    assert first[0]
    assert second[1] - first[1] > 0.1


def test_who_sleeps_wants_nothing() -> None:
    with python("import time; time.sleep(60)") as process:
        first, second = seen(process.pid)
    assert not first[0]
    assert second[1] - first[1] < 0.1
    assert running(process.pid) == (False, 0.0), "nor does who is gone"


@pytest.mark.parametrize(
    ("wants", "got_s", "late"),
    [(True, 0.0, True), (True, 0.02, True), (True, 0.5, False), (False, 0.0, False)],
    ids=["starved", "nearly starved", "spins", "sleeps"],
)
async def test_the_deadline_is_put_off_for_who_is_not_let_run(
    wants: bool, got_s: float, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([(wants, 7.0), (wants, 7.0 + got_s)])
    monkeypatch.setattr(patience, "running", lambda _pid: next(looks))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4) as deadline:
            with Patience(1, deadline, 0.4, 0.6):
                await asyncio.sleep(10)
    assert (loop.time() - began_s > 0.7) is late


@pytest.mark.usefixtures("from_the_root")
async def test_a_worker_that_is_not_let_run_is_not_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the processor only while nobody else wants it, and two do for longer than a job may take."""
    monkeypatch.setattr("drivers.camera.process.STARVED_S", 45.0)  # others may want it longer than our two
    async with pool_of(1) as pool:
        pid = pid_of(await pool.look("door", job()))
        cpu = min(os.sched_getaffinity(0))
        os.sched_setaffinity(pid, {cpu})
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        greedy = (
            f"import os, time; os.sched_setaffinity(0, {{{cpu}}}); until = time.monotonic() + 3.5\n"
            "while time.monotonic() < until: pass"
        )
        with python(greedy), python(greedy):
            await asyncio.sleep(0.5)
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            assert pid_of(await pool.look("door", job("burn 0.3"))) == pid
            assert loop.time() - began_s > 2.0
