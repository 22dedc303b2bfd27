"""A deadline that tells a decoder that hangs from one that is not let run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.camera import patience
from drivers.camera.patience import Patience, running
from drivers.camera.process import JOB_S
from drivers.conformance.warp import WarpLoop
from tests.camera_pool_kit import from_the_root, job, pid_of, pool_of
from tests.warped import warped

__all__ = ["from_the_root"]  # a fixture is known where it is imported

PATIENCE_S = 60.0  # of a test, for what comes by itself


@contextlib.contextmanager
def python(code: str, first: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A process that has done `first` and is at `code`."""
    whole = f"import os, time\n{first}\nprint(flush=True)\n{code}"
    with subprocess.Popen([sys.executable, "-c", whole], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


def until(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_who_computes_wants_to_run_and_does() -> None:
    with python("while True: pass") as process:
        before_s = running(process.pid)[1]
        until(lambda: running(process.pid)[0])
        until(lambda: running(process.pid)[1] - before_s > 0.1)


def test_who_sleeps_wants_nothing() -> None:
    with python("time.sleep(60)") as process:
        until(lambda: not running(process.pid)[0])
        before_s = running(process.pid)[1]
        time.sleep(0.5)
        wants, spent_s = running(process.pid)
    assert not wants
    assert spent_s - before_s < 0.1
    assert running(process.pid) == (False, 0.0), "nor does who is gone"


@pytest.mark.parametrize(
    ("wants", "got_s", "late"),
    [(True, 0.0, True), (True, 0.02, True), (True, 0.5, False), (False, 0.0, False)],
    ids=["starved", "nearly starved", "spins", "sleeps"],
)
@warped
async def test_the_deadline_is_put_off_for_who_is_not_let_run(
    wants: bool, got_s: float, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ended_after(looks=[(wants, 7.0), (wants, 7.0 + got_s)], mp=monkeypatch) is late


@pytest.mark.parametrize("at_s", [0.1, 0.19, 0.3, 0.37])
@pytest.mark.parametrize("for_s", [0.05, 0.5])
@warped
async def test_it_is_put_off_too_where_we_are_not_let_run_ourselves(
    at_s: float, for_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [(True, 7.0), (True, 7.0)]
    assert await ended_after(looks=looks, mp=monkeypatch, stall=(at_s, for_s))


async def ended_after(
    looks: list[tuple[bool, float]], mp: pytest.MonkeyPatch, stall: tuple[float, float] | None = None
) -> bool:
    """Whether a deadline of 0.4 s was put off, by 0.6 s, for a process that is seen so; `stall`: when we are
    not let run, and for how long."""
    given = iter(looks)
    mp.setattr(patience, "running", lambda _pid: next(given))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WarpLoop)
    if stall is not None:
        loop.call_later(stall[0], setattr, loop._warp, "now_s", loop.time() + sum(stall))
    began_s = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4) as deadline:
            with Patience(1, deadline, 0.4, 0.6):
                await asyncio.sleep(10)
    return loop.time() - began_s > 0.95


@pytest.mark.alone
@pytest.mark.usefixtures("from_the_root")
async def test_a_worker_that_is_not_let_run_is_not_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the processor only while nobody else wants it, and two do for longer than a job may take."""
    monkeypatch.setattr("drivers.camera.process.STARVED_S", 45.0)  # others may want it longer than our two
    async with pool_of(1) as pool:
        pid = pid_of(await pool.look("door", job()))
        cpus = os.sched_getaffinity(0)
        cpu = min(cpus)
        os.sched_setaffinity(pid, {cpu})
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        on_it = f"os.sched_setaffinity(0, {{{cpu}}})"
        with python("while True: pass", on_it), python("while True: pass", on_it):
            look = asyncio.create_task(pool.look("door", job("burn 0.3")))
            await asyncio.wait([look], timeout=JOB_S + 1.0)
            assert not look.done()
        os.sched_setaffinity(pid, cpus)
        with contextlib.suppress(PermissionError):  # else it waits for whoever else is at work here
            os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))
        assert pid_of(await look) == pid
