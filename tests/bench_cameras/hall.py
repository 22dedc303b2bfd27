"""The cameras' driver at work, with its workers, in the place of the daemon: what it is told is counted."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Never

from drivers.camera.driver import CameraDriver, Workers
from drivers.camera.job import Job
from drivers.camera.pool import Outcome, Pool
from drivers.camera.process import COMMAND
from drivers.camera.settings import Camera, CameraSettings
from drivers.conformance.context import RecordingContext
from drivers.messages import Body, CameraLooked, CameraRing, WatchCamera
from drivers.transport import open_link
from tests.bench_cameras.plan import Decoder

DAY_S = 86_400.0
# A worker to which PyAV is not installed: None among the modules is what `import` takes for that.
_NO_AV = "import sys; sys.modules['av'] = None; from drivers.camera.worker import main; main()"
COMMANDS: dict[Decoder, Sequence[str]] = {"av": COMMAND, "cv2": (sys.executable, "-c", _NO_AV)}


class Hall(RecordingContext[CameraSettings]):
    """Keeps of each camera its reference alone, and gives it to the driver, as the rules do."""

    def __init__(self, settings: CameraSettings, pools: list[Pool]) -> None:
        names = [camera.id for camera in settings.children]
        super().__init__(CameraDriver.spec, settings, children=names)
        self.looks: Counter[str] = Counter()  # by ring
        self.codes: Counter[str] = Counter()
        self._pools = pools
        self._learnt: set[str] = set()
        self._awaited: dict[tuple[str, CameraRing], asyncio.Future[CameraLooked]] = {}

    async def emit(self, body: Body, device: str | None = None) -> None:
        assert isinstance(body, CameraLooked)  # the only event of this family
        assert device is not None  # of a camera
        self.looks[body.ring] += 1
        self.codes[body.code] += 1
        if body.reference and device not in self._learnt:
            self._learnt.add(device)
            self.order(WatchCamera(reference=body.reference), device)
        awaited = self._awaited.pop((device, body.ring), None)
        if awaited is not None and not awaited.cancelled():
            awaited.set_result(body)

    async def look(self, camera: str, ring: CameraRing) -> tuple[CameraLooked, float]:
        """Ordered now: what came of it, and after how many seconds."""
        now = asyncio.get_running_loop().time
        began_s = now()
        awaited = self._awaited[camera, ring] = asyncio.get_running_loop().create_future()
        self.order(WatchCamera(now=ring), camera)
        return await awaited, now() - began_s

    def ended(self, driver: asyncio.Task[Never]) -> None:
        """Nobody waits for what does not come any more."""
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(RuntimeError(f"the driver has ended: {driver!r}"))

    async def sweep(self, cameras: Iterable[str], ring: CameraRing) -> list[float]:
        """All of them at once: after how many seconds each was answered."""
        return [took_s for _, took_s in await asyncio.gather(*(self.look(each, ring) for each in cameras))]

    @property
    def workers(self) -> list[int]:
        return [pid for pool in self._pools for pid in pool.pids]

    def cpu_s(self) -> float:
        """Of this process, of its workers that have ended, and of those that are there."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime + sum(map(cpu_s, self.workers))


def cpu_s(pid: int) -> float:
    """By the process's own clock, in nanoseconds where /proc has ticks of 10 ms: clock_getcpuclockid(3) makes
    its number so, CPUCLOCK_SCHED in the kernel's posix-timers_types.h."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:  # it has just ended
        return 0.0


def idle_settings(cameras: Iterable[Camera], sessions: int) -> CameraSettings:
    """Nothing is looked at unless it is ordered, within a day at least."""
    return CameraSettings(
        children=tuple(cameras), probe_s=DAY_S, picture_s=DAY_S, stream_s=DAY_S, sessions=sessions
    )


class DecodingPool(Pool):
    """Pictures are decoded, as those of full streams are, and not measured."""

    async def look(self, camera: str, job: Job) -> Outcome:
        return await super().look(camera, Job(job.unit, want_measures=False))


@asynccontextmanager
async def at_work(
    settings: CameraSettings, decoder: Decoder, *, measured: bool = True
) -> AsyncIterator[Hall]:
    """The driver over the real network, with real workers."""
    pools: list[Pool] = []

    def pool(workers: int) -> Workers:
        pools.append((Pool if measured else DecodingPool)(workers, COMMANDS[decoder]))
        return pools[-1]

    driver = CameraDriver()
    driver.pool = pool
    hall, link = Hall(settings, pools), await open_link("lan://")
    task = asyncio.create_task(driver.run(link, hall))
    task.add_done_callback(hall.ended)
    try:
        yield hall
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await link.close()
