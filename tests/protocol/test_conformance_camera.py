"""The cameras' driver keeps every promise of `drivers.api`; who measures pictures is played here."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.camera.driver import CameraDriver
from drivers.camera.job import Answer, Job
from drivers.camera.pool import Outcome
from drivers.camera.settings import Camera, CameraSettings
from drivers.camera.sim import CameraSim
from drivers.camera.sim_library import Library
from drivers.conformance import DriverConformance, Subject
from drivers.messages import WatchCamera
from tests.camera_viewers import at_hand, features

CAMERAS = tuple(Camera(f"cam-{n}", f"rtsp://10.0.0.{n}/cam-{n}/sub") for n in (1, 2))


class Measurer:
    """Finds every picture well."""

    def __init__(self, workers: int) -> None:
        del workers

    async def look(self, camera: str, job: Job) -> Outcome:
        del camera
        return Answer(
            "ok", width=job.unit.format.width, height=job.unit.format.height, measures={"mean": 100.0}
        )

    async def close(self) -> None:
        pass


class Driver(CameraDriver):
    pool = Measurer


@pytest.fixture(scope="module", autouse=True)
def clips(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Video, made before in real time, and at hand: it is nothing that a driver's memory grows by."""
    TestCameras.folder = tmp_path_factory.mktemp("clips")
    TestCameras.library = asyncio.run(at_hand(TestCameras.folder, len(CAMERAS)))


class TestCameras(DriverConformance[CameraSettings, CameraSim]):
    folder = Path()
    library: Library

    def subject(self) -> Subject[CameraSettings, CameraSim]:
        return Subject(
            Driver,
            self._simulator,
            CameraSettings(children=CAMERAS),
            children=tuple(camera.id for camera in CAMERAS),
            orders=[("cam-1", WatchCamera(now="picture")), ("cam-2", WatchCamera(suspicious=True))],
            unanswered=frozenset({WatchCamera}),
            reliable_line=True,
        )

    def _simulator(self) -> CameraSim:
        sim = CameraSim(features(self.folder), len(CAMERAS))
        sim.library = self.library
        return sim
