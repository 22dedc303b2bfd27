"""The pool of picture workers: real processes, sick ones among them, and what becomes of each job."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.camera import pool as module
from drivers.camera.job import Answer, Job
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.pool import Pool, Refused, Unavailable, WorkerLost
from drivers.camera.process import COMMAND, Worker
from tests.camera_pool_kit import PATIENCE_S, SICK, from_the_root, job, pid_of, pool_of, until_busy
from tests.camera_units import unit

__all__ = ["from_the_root"]  # a fixture is known where it is imported

pytestmark = pytest.mark.usefixtures("from_the_root")


async def until_none(pool: Pool) -> None:
    while pool.pids:  # noqa: ASYNC110 a process sets no Event
        await asyncio.sleep(0.02)


@asynccontextmanager
async def stopped(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    """The pool's only worker, which had one job before, does nothing within it, and all after it."""
    monkeypatch.setattr("drivers.camera.process.JOB_S", PATIENCE_S)
    pid_of(await pool.look("door", job()))
    (hand,) = pool._hands.values()
    assert hand.worker is not None
    os.kill(hand.worker.pid, signal.SIGSTOP)
    try:
        yield hand.worker
    finally:
        os.kill(hand.worker.pid, signal.SIGCONT)


# --- real pictures ---
async def test_real_pictures_are_measured() -> None:
    async with pool_of(command=COMMAND) as pool:
        assert pool.pids == [], "none before it is needed"
        for codec, width, height in (("h264", 640, 360), ("h265", 1920, 1080)):
            found = await pool.look("door", Job(unit(codec, width, height), want_jpeg=True))  # type: ignore[arg-type]
            assert isinstance(found, Answer)
            assert (found.code, found.width, found.height, found.corrupt) == ("ok", width, height, False)
            assert found.measures
            assert found.blobs
            assert found.jpeg[:2] == b"\xff\xd8"
            assert 0 < found.cpu_ms < 5000
            assert found.rss_kib > 10_000
        bad = await pool.look("door", Job(AccessUnit(StreamFormat("h264"), b"rubbish" * 99, True)))
        assert isinstance(bad, Answer)
        assert bad.code == "undecodable"
        large = await pool.look("door", Job(AccessUnit(StreamFormat("h264", 16_384, 16_384), b"x", True)))
        assert isinstance(large, Answer)
        assert large.code == "too_large"
        assert len(pool.pids) == 1


# --- workers that fall ill ---
@pytest.mark.parametrize(
    ("ill", "how", "detail"),
    [
        ("hang", "hung", "no answer"),
        # Alone: on a busy machine it is given more time, in which it may reach its limit of processor time.
        pytest.param("spin", "hung", "no answer", marks=pytest.mark.alone),
        ("crash", "crashed", f"signal {int(signal.SIGSEGV)}"),
        ("exit", "crashed", "ended with 7"),
        ("half", "crashed", "ended with 0"),
        ("print", "garbage", "garbage"),
        ("flood", "garbage", "garbage"),
        ("oversized", "oversized", "at most"),
        ("stranger", "garbage", "answer"),
        ("hello", "garbage", "answer"),
    ],
)
async def test_a_worker_that_falls_ill_is_replaced_and_twice_is_poison(
    ill: str, how: str, detail: str
) -> None:
    async with pool_of(1) as pool:
        pids = set[int]()
        for death in (1, 2):
            pids.add(pid_of(await pool.look("hall", job())))
            found = await pool.look("door", job(ill))
            assert isinstance(found, WorkerLost), found
            assert found.how == how
            assert detail in found.detail
            assert (found.deaths, found.poison) == (death, death == 2)
        pids.add(pid_of(await pool.look("hall", job())))
        assert len(pids) == 3
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == pool.pids


async def test_an_answer_too_many_is_never_taken_for_anothers() -> None:
    """It may come at once, or when the next job has been given."""
    async with pool_of(1) as pool:
        first = await pool.look("door", job("twice"))
        later = [await pool.look("hall", job()) for _ in range(3)]
        assert sum(isinstance(each, WorkerLost) for each in (first, *later)) == 1
        assert all(each.measures for each in later if isinstance(each, Answer))


async def test_an_answer_of_the_camera_takes_back_what_it_is_blamed_for() -> None:
    async with pool_of(1) as pool:
        for _ in range(3):
            found = await pool.look("door", job("exit"))
            assert isinstance(found, WorkerLost)
            assert found.deaths == 1
            pid_of(await pool.look("door", job()))


async def test_only_so_many_suspects_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SUSPECTS", 2)
    async with pool_of(1) as pool:
        for camera in ("a", "b", "c"):
            await pool.look(camera, job("exit"))
            pid_of(await pool.look("hall", job()))
        deaths = [await pool.look(camera, job("exit")) for camera in ("c", "a")]
        assert [found.deaths for found in deaths if isinstance(found, WorkerLost)] == [2, 1]


async def test_workers_that_die_of_every_camera_are_not_the_cameras_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with pool_of(1) as pool:
        found = [await pool.look(camera, job("exit")) for camera in "abcd"]
        assert [type(each) for each in found] == [WorkerLost, WorkerLost, Unavailable, Unavailable]
        monkeypatch.setattr(module, "RETRY_S", 0.0)
        pool._unavailable = None  # as after a minute
        found = [await pool.look("a", job("exit"))]
        assert isinstance(found[0], WorkerLost)
        assert found[0].deaths == 1


@pytest.mark.parametrize(("ill", "code", "detail"), [
    ("raise", "failed", "KeyError at camera_sick_worker.py:"),
    ("many", "failed", "ValueError"),
    ("odd", "failed", "TypeError"),
    ("swell", "no_memory", "256 MiB"),
])  # fmt: skip
async def test_what_a_worker_survives_is_an_answer(ill: str, code: str, detail: str) -> None:
    async with pool_of(1) as pool:
        before = pid_of(await pool.look("door", job()))
        found = await pool.look("door", job(ill))
        assert isinstance(found, Answer)
        assert found.code == code
        assert detail in found.detail
        after = pid_of(await pool.look("door", job()))
        assert (before == after) is (code == "failed"), "where memory ran out it is replaced"


async def test_a_worker_that_was_killed_between_two_jobs_is_nobodys_fault() -> None:
    async with pool_of(1) as pool:
        pid = pid_of(await pool.look("door", job()))
        os.kill(pid, signal.SIGKILL)
        await until_none(pool)
        assert pid_of(await pool.look("door", job())) != pid


async def test_a_stopped_worker_is_hung_and_another_does_the_next_job() -> None:
    """SIGSTOP, as a debugger or a frozen control group would."""
    async with pool_of(1) as pool:
        pid = pid_of(await pool.look("door", job()))
        os.kill(pid, signal.SIGSTOP)
        found = await pool.look("door", job())
        assert isinstance(found, WorkerLost)
        assert found.how == "hung"
        assert pid_of(await pool.look("door", job())) != pid


# --- replaced before anything is wrong ---
async def test_a_worker_is_replaced_after_so_many_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JOBS", 3)
    async with pool_of(1) as pool:
        pids = [pid_of(await pool.look("door", job())) for _ in range(7)]
    assert len(set(pids)) == 3
    assert pids == sorted(pids, key=pids.index)


async def test_a_worker_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RSS_KIB", 1000)
    async with pool_of(1) as pool:
        assert len({pid_of(await pool.look("door", job())) for _ in range(2)}) == 2


async def test_a_worker_that_is_idle_for_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE_S", 0.1)
    monkeypatch.setattr(module, "IDLE_S", 0.2)
    async with pool_of(2) as pool:
        before = pid_of(await pool.look("door", job()))
        await until_none(pool)
        assert pid_of(await pool.look("door", job())) != before


async def test_of_two_that_are_idle_since_the_same_moment_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = Worker.kill

    async def slowly(worker: Worker) -> None:
        await asyncio.sleep(0.5)
        await kill(worker)

    monkeypatch.setattr(module, "RELIEF_S", 0.0)
    monkeypatch.setattr(module, "SPARE_S", PATIENCE_S)
    async with pool_of(2) as pool:
        await asyncio.gather(*(pool.look("door", job("late 0.1")) for _ in range(20)))
        assert len(pool.pids) == 2
        monkeypatch.setattr(module, "SPARE_S", 0.1)
        monkeypatch.setattr(Worker, "kill", slowly)
        await asyncio.gather(*(pool.look("door", job()) for _ in range(2)))
        while len(pool._hands) == 2:  # noqa: ASYNC110 a process sets no Event
            await asyncio.sleep(0.01)
        (left,) = pool.pids
        assert pid_of(await pool.look("door", job())) == left


# --- no worker at all ---
@pytest.mark.parametrize(
    ("command", "detail", "remedy"),
    [
        ((*SICK, "lacks"), "No module named 'cv2'", "pip install 'hall-edge[cameras]'"),
        ((*SICK, "short"), "ended with 3", "python -m drivers.camera.worker"),
        ((*SICK, "rude"), "garbage", "python -m drivers.camera.worker"),
        (("/nonexistent/python",), "No such file", "memory and processes"),
    ],
)
async def test_without_a_worker_every_job_is_told_why(
    command: tuple[str, ...], detail: str, remedy: str
) -> None:
    async with pool_of(command=command) as pool:
        found = await asyncio.gather(*(pool.look(str(number), job()) for number in range(5)))
        for each in found:
            assert isinstance(each, Unavailable), each
            assert detail in each.detail
            assert remedy in each.remedy
        assert await pool.look("door", job()) is found[0], "it is not tried again at once"


async def test_what_could_not_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.1)
    async with pool_of(command=(*SICK, "lacks")) as pool:
        assert isinstance(await pool.look("door", job()), Unavailable)
        await asyncio.sleep(0.2)
        for hand in pool._hands.values():
            hand.command = SICK  # it was installed meanwhile
        pid_of(await pool.look("door", job()))


async def test_a_worker_that_never_says_that_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.camera.process.START_S", 0.5)
    async with pool_of(command=(*SICK, "mute")) as pool:
        found = await pool.look("door", job())
        assert isinstance(found, Unavailable)
        assert "not ready" in found.detail


# --- many at once ---
async def test_a_job_that_hangs_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go through the second worker, all before the one that hangs is given up."""
    monkeypatch.setattr("drivers.camera.process.JOB_S", PATIENCE_S)
    async with pool_of(2) as pool:
        hanging = asyncio.create_task(pool.look("bad", job("hang")))
        await until_busy(pool)
        others = [asyncio.create_task(pool.look(f"c{number}", job(size=40_000))) for number in range(146)]
        pids = {pid_of(await each) for each in others}
        assert not hanging.done()
        assert len(pids) == 1
        await pool.close()
        assert await hanging == Refused("closed")


async def test_a_burst_is_shared_by_both_workers_and_one_job_at_a_time_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SPARE_S", PATIENCE_S)
    async with pool_of(2) as pool:
        one = {pid_of(await pool.look("door", job())) for _ in range(20)}
        assert len(one) == 1
        burst = await asyncio.gather(*(pool.look(str(number), job("late 0.1")) for number in range(40)))
        assert len({pid_of(each) for each in burst}) == 2
        after = {pid_of(await pool.look("door", job())) for _ in range(20)}
        assert len(after) == 1, "so that the other may end"
        assert len(pool.pids) == 2
        monkeypatch.setattr(module, "SPARE_S", 1.0)
        both = await asyncio.gather(*(pool.look("door", job()) for _ in range(2)))
        assert {pid_of(each) for each in both} == set(pool.pids), "who waits no longer than that from now on"
        after.clear()
        while len(pool.pids) == 2:
            after.add(pid_of(await pool.look("door", job())))
            await asyncio.sleep(0.01)
        assert set(pool.pids) == after


async def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    async with pool_of(1) as pool:
        async with stopped(pool, monkeypatch):
            looks = [asyncio.create_task(pool.look(str(number), job())) for number in range(4)]
            await asyncio.sleep(0)
            assert await pool.look("hall", job()) == Refused("busy")
        for each in looks:
            pid_of(await each)


async def test_the_largest_job_goes_through() -> None:
    async with pool_of(1) as pool:
        found = await pool.look("door", job(size=4 << 20))
        assert isinstance(found, Answer)
        assert found.measures["bytes"] == 4 << 20


# --- the end ---
async def test_a_cancelled_job_is_not_done_or_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async with pool_of(1) as pool:
        async with stopped(pool, monkeypatch) as worker:
            running = asyncio.create_task(pool.look("door", job()))
            while worker.asked == 1:  # noqa: ASYNC110 the count sets no Event
                await asyncio.sleep(0.01)
            waiting = asyncio.create_task(pool.look("door", job("exit")))
            await asyncio.sleep(0)
            waiting.cancel()
            running.cancel()
            next_one = asyncio.create_task(pool.look("door", job()))
        assert pid_of(await next_one) == worker.pid, "it did the first to its end, and never the second"
        assert worker.asked == 3
        assert running.cancelled()
        assert waiting.cancelled()


async def test_closing_ends_what_runs_and_answers_who_waits() -> None:
    async with pool_of(1) as pool:
        looks = [asyncio.create_task(pool.look("door", job("spin"))) for _ in range(3)]
        pid = await until_busy(pool)
        await pool.close()
        assert [await look for look in looks] == [Refused("closed")] * 3
        assert not Path(f"/proc/{pid}").exists()
        assert await pool.look("door", job()) == Refused("closed")
        await pool.close()


async def test_closing_while_a_worker_is_being_started() -> None:
    async with pool_of(1, (*SICK, "mute")) as pool:
        look = asyncio.create_task(pool.look("door", job()))
        await asyncio.sleep(0.1)
        await pool.close()
        assert await look == Refused("closed")


async def test_a_worker_gets_none_of_the_daemons_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_MQTT_PASSWORD", "secret")
    async with pool_of(1) as pool:
        pid = pid_of(await pool.look("door", job()))
        said = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"PATH=" in said
    assert b"secret" not in said
