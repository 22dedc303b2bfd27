"""`python -m tests.bench_cameras.near_end PLAN`: the driver in a process, which says what it cost."""

from __future__ import annotations

import asyncio
import gc
import sys
import time

from drivers.camera import client
from drivers.camera.session import Look
from drivers.camera.settings import Camera, CameraSettings
from drivers.dialer import Dialer
from drivers.transport import open_link
from tests.bench_cameras import hanging
from tests.bench_cameras.far_end import host_of, url_of
from tests.bench_cameras.hall import at_work, idle_settings
from tests.bench_cameras.plan import Findings, Plan

LULL_S = 0.5  # between two sweeps
JOIN_S = 4.0  # within which all sessions that are held have begun


async def sweep(plan: Plan) -> Findings:
    """The first one starts the workers and learns what is usual, the second takes all metrics for the first
    time; those after it are counted."""
    found = Findings(series_s={"wall": [], "cpu": [], "look": []})
    cameras = [Camera(f"cam-{n}", url_of(n, plan.port, plan.profile)) for n in range(1, plan.cameras + 1)]
    names = [camera.id for camera in cameras]
    settings = idle_settings(cameras, plan.sessions)
    async with at_work(settings, plan.decoder, measured=plan.measured) as hall:
        found.numbers["cold_s"] = max(await hall.sweep(names, "picture"))
        await hall.sweep(names, "picture")
        for _ in range(plan.rounds):
            await asyncio.sleep(LULL_S)
            before_s = hall.cpu_s()
            took_s = await hall.sweep(names, "picture")
            found.series_s["cpu"].append(hall.cpu_s() - before_s)
            found.series_s["wall"].append(max(took_s))
            found.series_s["look"] += took_s
        found.codes = dict(hall.codes)
    return found


async def steady(plan: Plan) -> Findings:
    """All rings by the default periods."""
    cameras = (
        Camera(f"cam-{n}", url_of(n, plan.port), main=url_of(n, plan.port, "main"))
        for n in range(1, plan.cameras + 1)
    )
    async with at_work(CameraSettings(children=tuple(cameras)), plan.decoder) as hall:
        await asyncio.sleep(plan.settle_s)
        looks, before_s, began_s = hall.looks.copy(), hall.cpu_s(), time.perf_counter()
        await asyncio.sleep(plan.seconds)
        spent_s, took_s = hall.cpu_s() - before_s, time.perf_counter() - began_s
        looks = hall.looks - looks
        numbers = {"cpu_percent": 100 * spent_s / took_s, "seconds": took_s, **looks}
        return Findings(numbers, codes=dict(hall.codes))


async def held(plan: Plan) -> Findings:
    """Sessions that are kept, all packets read, no picture decoded: R2 without an end."""
    link = await open_link("lan://")
    assert isinstance(link, Dialer)

    async def watch(number: int) -> float:
        line = await link.dial(plan.port, host_of(number))
        try:
            look = Look(url_of(number, plan.port, plan.profile))
            return (await client.flow(line, look, seconds=JOIN_S + plan.seconds + 1.0))[1].fps
        finally:
            await line.close()

    async with asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(watch(number)) for number in range(1, plan.cameras + 1)]
        await asyncio.sleep(JOIN_S)
        before_s, began_s = time.process_time(), time.perf_counter()
        await asyncio.sleep(plan.seconds)
        spent_s, took_s = time.process_time() - before_s, time.perf_counter() - began_s
    fps = [task.result() for task in watching]
    return Findings({"cpu_percent": 100 * spent_s / took_s, "fps_least": min(fps)})


async def hung(plan: Plan) -> Findings:
    """See `hanging`."""
    others = [Camera(f"cam-{n}", url_of(n, plan.port)) for n in range(1, plan.cameras + 1)]
    hanging_ones = hanging.cameras(plan.cameras, plan.port)
    settings = idle_settings([*others, *hanging_ones], plan.sessions)
    async with at_work(settings, plan.decoder) as hall:
        return await hanging.measure(hall, [each.id for each in others], [each.id for each in hanging_ones])


KINDS = {"sweep": sweep, "steady": steady, "held": held, "hung": hung}


def main() -> None:
    plan = Plan.read(sys.argv[1])
    gc.freeze()  # as the daemon does
    found = asyncio.run(KINDS[plan.kind](plan))
    sys.stdout.write(found.write() + "\n")


if __name__ == "__main__":
    main()
