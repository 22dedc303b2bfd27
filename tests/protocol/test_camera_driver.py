"""The cameras' driver beside its cameras and workers: pictures that kill, and machines that are not there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.camera import sim_clock
from drivers.camera.driver import CameraDriver
from drivers.camera.job import Answer, Job
from drivers.camera.pool import Outcome, WorkerLost
from drivers.camera.settings import Camera, CameraSettings
from drivers.camera.sim import CameraSim
from drivers.camera.sim_camera import Features
from drivers.conformance.context import LoopClock, RecordingContext
from drivers.messages import CameraLooked, Instant, WatchCamera
from drivers.transport.sim import SimLink
from tests.camera_viewers import at_hand, features
from tests.warped import warped

CAMERA = Camera("cam-1", "rtsp://10.0.0.1/cam-1/sub")
HOUR_S = 3600.0


class TheirClock(LoopClock):
    """The cameras' own, when it is right."""

    def now(self) -> Instant:
        return Instant(sim_clock.wall_s({}), asyncio.get_running_loop().time(), clock_ok=True)


class Killed:
    """Every picture ends its worker."""

    def __init__(self, workers: int) -> None:
        del workers
        self.deaths = 0

    async def look(self, camera: str, job: Job) -> Outcome:
        del camera, job
        self.deaths += 1
        return WorkerLost("crashed", "signal 11", self.deaths)

    async def close(self) -> None:
        pass


class Killing(CameraDriver):
    pool = Killed


class Content(Killed):
    """Every picture is a good one."""

    async def look(self, camera: str, job: Job) -> Outcome:
        del camera, job
        return Answer("ok")


class Admiring(CameraDriver):
    pool = Content


class Punctual(Content):
    """When each picture came to be measured."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.came_s: list[float] = []

    async def look(self, camera: str, job: Job) -> Outcome:
        self.came_s.append(asyncio.get_running_loop().time())
        return await super().look(camera, job)


class Nowhere(SimLink):
    """A machine without power: lines that are dialled are neither taken nor refused."""

    async def dial(self, port: int | None = None, host: str = "") -> SimLink:
        del port, host
        await asyncio.Event().wait()
        raise AssertionError("it waits for ever")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    asyncio.run(at_hand(folder, 1))
    return folder


@pytest.fixture(scope="module")
def sparse(clips: Path) -> Features:
    """Key frames as far apart as cameras can set them."""
    kind = features(clips, gop_s=10, gops=1)
    asyncio.run(CameraSim(kind, 1).prepare(("sub",)))
    return kind


@asynccontextmanager
async def watched(
    driver: CameraDriver, link: SimLink, settings: CameraSettings, kept: bytes = b""
) -> AsyncIterator[RecordingContext[CameraSettings]]:
    names = [camera.id for camera in settings.children]
    context = RecordingContext(CameraDriver.spec, settings, children=names, clock=TheirClock())
    context.kept = kept
    task = asyncio.create_task(driver.run(link, context))
    try:
        yield context
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await link.close()


def looks(context: RecordingContext[CameraSettings], ring: str) -> list[CameraLooked]:
    bodies = [body for _, body in context.events]
    return [body for body in bodies if isinstance(body, CameraLooked) and body.ring == ring]


@warped
async def test_pictures_that_kill_are_tried_once_an_hour_whatever_is_suspected(clips: Path) -> None:
    settings = CameraSettings(children=(CAMERA,))
    link = SimLink("sim://camera", CameraSim(features(clips), 1))
    async with watched(Killing(), link, settings) as context:
        async with asyncio.timeout(200.0):
            await context.until(lambda: len(looks(context, "picture")) >= 2)
        await asyncio.sleep(30.0)  # some probes later
        context.order(WatchCamera(suspicious=True), CAMERA.id)
        await asyncio.sleep(HOUR_S / 2)
        assert len(looks(context, "picture")) == 2
        assert (CAMERA.id, "stream_poison") in context.conditions
        await asyncio.sleep(HOUR_S)
        assert 3 <= len(looks(context, "picture")) <= 4
        assert len(looks(context, "probe")) > 300  # it is known to be there all the time


@warped
async def test_a_camera_whose_clock_is_wrong_is_told_from_this_machine_whose_clock_is(clips: Path) -> None:
    cameras = tuple(Camera(f"cam-{n}", f"rtsp://10.0.0.1/cam-{n}/sub") for n in range(1, 5))
    settings = CameraSettings(children=cameras)
    sim = CameraSim(features(clips), len(cameras))
    sim.cameras[2].fall_ill("clock_drift")
    async with watched(Killing(), SimLink("sim://camera", sim), settings) as context:
        await context.until(lambda: len(looks(context, "probe")) >= 3 * len(cameras))
        offsets = {
            event: body.measures["clock_offset_s"]
            for event, body in context.events
            if isinstance(body, CameraLooked) and not body.code
        }
        assert offsets.pop("cam-2") == pytest.approx(3600.0, abs=5.0)
        assert all(abs(offset_s) < 5.0 for offset_s in offsets.values())
        assert "clock_differs" not in {code for _, code in context.conditions}
        for camera in sim.cameras.values():  # as if this machine's clock were put back
            camera.fall_ill("clock_drift")
        before = len(context.events)
        await context.until(lambda: len(context.events) >= before + 8 * len(cameras))
        latest = {event: body for event, body in context.events if isinstance(body, CameraLooked)}
        assert all(abs(body.measures["clock_offset_s"]) < 5.0 for body in latest.values() if not body.code)
        assert "clock_differs" in {code for _, code in context.conditions}


@warped
async def test_pictures_that_can_wait_are_measured_together_and_others_at_once(clips: Path) -> None:
    cameras = tuple(Camera(f"cam-{n}", f"rtsp://10.0.0.{n}/cam-{n}/sub") for n in range(1, 9))
    settings = CameraSettings(children=cameras, together_s=5.0)
    driver, pool = CameraDriver(), Punctual(1)
    driver.pool = lambda _: pool
    link = SimLink("sim://camera", CameraSim(features(clips), len(cameras)))
    async with watched(driver, link, settings) as context:
        await context.until(lambda: len(looks(context, "picture")) >= 3 * len(cameras))
        beats = {round(came_s / settings.together_s) for came_s in pool.came_s}
        assert all(came_s % settings.together_s < 0.1 for came_s in pool.came_s)
        assert len(beats) < len(pool.came_s)  # how many share one depends on how long each picture takes
        context.order(WatchCamera(suspicious=True), "cam-1")
        await context.until(lambda: len(looks(context, "picture")) >= 5 * len(cameras))
        assert any(0.1 < came_s % settings.together_s < 4.9 for came_s in pool.came_s)


@warped
async def test_a_wrong_password_is_tried_twice_in_35_minutes_whatever_restarts(
    clips: Path, tmp_path: Path
) -> None:
    """A supervised driver begins anew after an error, a reload, and with the hall."""
    logins = tmp_path / "logins.toml"
    logins.write_text('[hall]\nuser = "hall"\npassword = "wrong"\n')
    logins.chmod(0o600)
    camera = replace(CAMERA, login="hall")
    settings = CameraSettings(children=(camera,), credentials=str(logins))
    sim = CameraSim(features(clips, users=(("hall", "right"),)), 1)
    guard, kept = sim.cameras[1].guard, b""
    for life in range(4):
        async with watched(CameraDriver(), SimLink("sim://camera", sim), settings, kept) as context:
            await asyncio.sleep(500.0)
        kept = context.kept
        assert guard.tried == 2
        assert life or (CAMERA.id, "auth_failed") in context.conditions
        assert {look.code for look in looks(context, "probe")} == {"auth_failed"}
        assert "is not tried again" in looks(context, "probe")[-1].detail
    async with watched(CameraDriver(), SimLink("sim://camera", sim), settings, kept) as context:
        await asyncio.sleep(300.0)
    assert guard.tried == 4


@warped
async def test_key_frames_ten_seconds_apart_are_waited_for(sparse: Features) -> None:
    """A look begins anywhere within a group: its key frame may be ten seconds away, and is no fault."""
    settings = CameraSettings(children=(CAMERA,))
    link = SimLink("sim://camera", CameraSim(sparse, 1))
    async with watched(Admiring(), link, settings) as context:
        await asyncio.sleep(1800.0)
    pictures = looks(context, "picture")
    assert len(pictures) > 20
    assert {look.code for look in pictures} == {""}
    assert not context.conditions


@warped
async def test_a_machine_that_is_not_there_is_told_within_the_time_for_a_connection() -> None:
    settings = CameraSettings(children=(CAMERA,), probe_s=1.0, connect_timeout_s=2.0)
    link = Nowhere("sim://camera", CameraSim(features(Path()), 1))
    async with watched(CameraDriver(), link, settings) as context:
        async with asyncio.timeout(10.0):
            await context.until(lambda: len(looks(context, "probe")) >= 2)
        (first, *_) = looks(context, "probe")
        assert (first.code, dict(first.measures)) == ("offline", {"reachable": 0.0})
        assert "10.0.0.1 within 2 s" in first.detail
        assert (CAMERA.id, "peer_unreachable") in context.conditions
