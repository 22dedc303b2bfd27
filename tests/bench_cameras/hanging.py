"""Cameras and decoders that hang, and what the others notice of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from drivers.camera.settings import Camera
from drivers.messages import CameraRing
from tests.bench_cameras.far_end import DEAF, url_of
from tests.bench_cameras.hall import Hall, cpu_s
from tests.bench_cameras.plan import Findings

# By faults of the simulator: in its answers, and in what it sends.
KINDS = ("hang", "half_header", "trickle", "no_frames", "stall", "endless")
LOST = "a picture whose decoder hangs"
RINGS: tuple[CameraRing, ...] = ("picture", "stream", "probe")
MAIN = "-main"  # of its large stream
EVERY_S = 0.1  # a picture, and a probe: ten sessions at a time, where the driver has sixteen
STOPS = 2  # workers that are stopped in one turn of the others
FIRST, LAST = 0.2, 0.7  # of the turn, when they are


def cameras(after: int, port: int) -> list[Camera]:
    """Two of each kind, and of a machine that takes no connection: once a look has failed, and the probe that
    follows it, nothing else is asked of a camera, so that each is good for one look."""
    found = []
    for number, kind in enumerate(KINDS, after + 1):
        sub, main = (f"{url_of(number, port, profile)}?fault={kind}" for profile in ("sub", "main"))
        found += [Camera(kind, sub), Camera(kind + MAIN, main, main=main)]
    url = f"rtsp://{DEAF}:{port}"
    return [*found, Camera("deaf", f"{url}/sub"), Camera("deaf" + MAIN, f"{url}/main", main=f"{url}/main")]


async def measure(hall: Hall, others: Sequence[str], hanging: Sequence[str]) -> Findings:
    """Each that hangs looked at alone; then the others with nobody beside them, while those are looked at all
    the time, and while workers are stopped over pictures."""
    found = Findings()
    asked: dict[str, CameraRing] = {}  # of each, how: who does not answer a probe is asked for nothing else
    for ring in RINGS:
        those = [camera for camera in hanging if camera.endswith(MAIN) == (ring == "stream")]
        answered = await asyncio.gather(*(hall.look(camera, ring) for camera in those))
        for camera, (looked, took_s) in zip(those, answered, strict=True):
            if ring != "probe" and not looked.code:
                raise RuntimeError(f"{camera} does not hang")
            found.numbers[f"{camera.removesuffix(MAIN)}, {ring}"] = took_s
            if ring != "stream":
                asked[camera] = "probe" if ring == "probe" and looked.code else "picture"
    await hall.sweep(others, "picture")
    hall.codes.clear()
    await _turn(hall, others, found, "nobody")
    async with _looked_at(hall, asked):
        await _turn(hall, others, found, "cameras")
    stopping = asyncio.create_task(_stop_workers(hall, len(others) * EVERY_S))
    await _turn(hall, others, found, "decoders")
    await stopping
    return found


async def _turn(hall: Hall, others: Sequence[str], found: Findings, beside: str) -> None:
    """A picture and a probe of each, evenly: nobody is held up by the crowd of the others.
    Half a turn lies between the two, for a probe that is asked for during a picture is answered by that."""
    looks: dict[CameraRing, list[asyncio.Task[tuple[str, float]]]] = {"picture": [], "probe": []}
    begin_s = asyncio.get_running_loop().time()
    for place in range(len(others)):
        await asyncio.sleep(begin_s + place * EVERY_S - asyncio.get_running_loop().time())
        asked: dict[CameraRing, str] = {"picture": others[place], "probe": others[place - len(others) // 2]}
        for ring, camera in asked.items():
            looks[ring].append(asyncio.create_task(_timed(hall, camera, ring, found)))
    for ring, tasks in looks.items():
        answered = await asyncio.gather(*tasks)
        found.series_s[f"{ring}, {beside}"] = [took_s for code, took_s in answered if not code]
        lost_s = [took_s for code, took_s in answered if code]  # the pictures that a worker was stopped over
        if lost_s:
            found.numbers[LOST] = max([*lost_s, found.numbers.get(LOST, 0.0)])


async def _timed(hall: Hall, camera: str, ring: CameraRing, found: Findings) -> tuple[str, float]:
    looked, took_s = await hall.look(camera, ring)
    found.codes[looked.code] = found.codes.get(looked.code, 0) + 1
    return looked.code, took_s


@asynccontextmanager
async def _looked_at(hall: Hall, asked: Mapping[str, CameraRing]) -> AsyncIterator[None]:
    """Again and again, each as soon as it has been given up."""

    async def again(camera: str, ring: CameraRing) -> None:
        while True:
            await hall.look(camera, ring)

    tasks = [asyncio.create_task(again(*each)) for each in asked.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stop_workers(hall: Hall, turn_s: float) -> None:
    """The one that has most to do: it hangs over the next picture."""
    for stop in range(STOPS):
        await asyncio.sleep(turn_s * (LAST - FIRST) if stop else turn_s * FIRST)
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            for worker in sorted(hall.workers, key=cpu_s)[-1:]:
                os.kill(worker, signal.SIGSTOP)
