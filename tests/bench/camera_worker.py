"""Pictures through the pool of workers: a look beside the decoder alone, and the others while one hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import av
import psutil

from drivers.camera.job import Answer, Job
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.pool import Pool
from tests.bench.model import Figure, Result, Series
from tests.camera_units import GROUP, stream

CAMERAS = 146
SUB, MAIN = (640, 360), (1920, 1080)
GOALS = {SUB: 7_000, MAIN: 1_700}  # checks per core and minute
MEMORY_LIMIT_MB = 100.0  # of one worker: 200 for the daemon and all that it runs
START_LIMIT_S = 1.0
WARM = 20  # jobs before anything is measured
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of one job, in milliseconds."""

    worker_ms: float
    daemon_ms: float
    decoder_ms: float

    @property
    def checks(self) -> float:
        return 60_000 / (self.worker_ms + self.daemon_ms)


async def measure(jobs: int) -> Result:
    """`jobs` of each size, one after the other."""
    trips = {size: Series(f"round trip, {_named(size)}") for size in GOALS}
    costs: dict[tuple[int, int], Cost] = {}
    async with _pool() as pool:
        before_mb = _rss_mb(pool.pids)
        for size in GOALS:
            costs[size] = await _cost(pool, size, jobs, trips[size])
        after_mb = _rss_mb(pool.pids)
    quiet, beside = Series("146 others, nobody hangs"), Series("146 others, while one hangs")
    again_s = await _hang(quiet, beside)
    figures = []
    for size, goal in GOALS.items():
        cost, name = costs[size], _named(size)
        alone = 60_000 / cost.decoder_ms
        figures += [
            Figure(f"{name}: looks", "/core·min", cost.checks, alone, "decoder alone", at_least=goal),
            Figure(f"{name}: the daemon's part", "ms", cost.daemon_ms),
            Figure(f"{name}: the worker's part", "ms", cost.worker_ms, cost.decoder_ms, "decoder alone"),
        ]
    figures += [
        Figure("others while one hangs, p50", "ms", beside.p50, quiet.p50, "nobody hangs"),
        Figure("others while one hangs, p99", "ms", beside.p99, quiet.p99, "nobody hangs"),
        Figure("worker killed → next answer", "s", again_s, below=START_LIMIT_S),
        Figure("a worker, after its first looks: resident", "MB", before_mb),
        Figure("a worker, after all: resident", "MB", after_mb, before_mb, "at first", below=MEMORY_LIMIT_MB),
    ]
    sizes = ", ".join(f"{_named(size)} {len(_unit(size).data) / 1000:.0f} kB" for size in GOALS)
    note = f"intra pictures of H.264: {sizes}; decoded, measured, and 14 kB given and taken"
    return Result("Pictures of cameras", tuple(figures), (*trips.values(), quiet, beside), (note,))


async def _cost(pool: Pool, size: tuple[int, int], jobs: int, trips: Series) -> Cost:
    """The decoder alone takes turns with the pool."""
    job, spent = Job(_unit(size)), [0.0, 0.0, 0.0]
    (pid,) = pool.pids
    given = (await _answer(pool, job)).blobs
    job = Job(job.unit, given)
    for _ in range(0, jobs, WARM):
        began = _cpu_s(pid), time.process_time()
        for _ in range(WARM):
            began_s = time.perf_counter()
            await _answer(pool, job)
            trips.values_s.append(time.perf_counter() - began_s)
        spent[0] += _cpu_s(pid) - began[0]
        spent[1] += time.process_time() - began[1]
        spent[2] -= time.process_time()
        for _ in range(WARM):
            _decode(job.unit.data)
        spent[2] += time.process_time()
    each = [total_s * 1000 / len(trips.values_s) for total_s in spent]
    return Cost(*each)


async def _hang(quiet: Series, beside: Series) -> float:
    """One look of each camera, then the same while a worker is stopped over a picture. Returns how many
    seconds it takes from the end of a worker to the answer of the next."""
    job = Job(_unit(SUB))
    async with _pool() as pool:
        await asyncio.gather(*(_answer(pool, job) for _ in range(CAMERAS)))  # both workers are there then
        await _sweep(pool, job, quiet)
        os.kill(pool.pids[-1], signal.SIGSTOP)
        hanging = [asyncio.create_task(pool.look(f"bad {number}", job)) for number in range(2)]
        await asyncio.sleep(0.1)
        await _sweep(pool, job, beside)
        await asyncio.gather(*hanging)
        for pid in pool.pids:
            os.kill(pid, signal.SIGKILL)
        began_s = time.perf_counter()
        while pool.pids:  # noqa: ASYNC110 a process sets no Event
            await asyncio.sleep(0.001)
        await _answer(pool, job)
        return time.perf_counter() - began_s


async def _sweep(pool: Pool, job: Job, series: Series) -> None:
    """One at a time, so that nobody waits for anybody else."""
    for _ in range(CAMERAS):
        began_s = time.perf_counter()
        await _answer(pool, job)
        series.values_s.append(time.perf_counter() - began_s)


@asynccontextmanager
async def _pool() -> AsyncIterator[Pool]:
    pool = Pool()
    try:
        for _ in range(WARM):
            await _answer(pool, Job(_unit(SUB)))
        yield pool
    finally:
        await pool.close()


async def _answer(pool: Pool, job: Job) -> Answer:
    """Raises RuntimeError: then there is nothing to be measured."""
    found = await pool.look("camera", job)
    if not isinstance(found, Answer) or found.code != "ok":
        raise RuntimeError(f"no answer: {found}")
    return found


def _decode(data: bytes) -> None:
    context = av.CodecContext.create("h264", "r")
    context.thread_count = 1
    if not (context.decode(av.Packet(data)) or context.decode(None)):
        raise RuntimeError("no picture")


def _unit(size: tuple[int, int]) -> AccessUnit:
    options = (("preset", "veryfast"), ("crf", "18"))
    keys = [data for key, data in stream("h264", *size, 2 * GROUP, GROUP, options=options) if key]
    return AccessUnit(StreamFormat("h264", *size), keys[1], complete=True)


def _named(size: tuple[int, int]) -> str:
    return "{}×{}".format(*size)


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _rss_mb(pids: list[int]) -> float:
    return max(float(psutil.Process(pid).memory_info().rss) for pid in pids) / _MB
