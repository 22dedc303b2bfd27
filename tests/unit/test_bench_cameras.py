"""The cameras' benchmark at a tiny size: that it measures what it says, not how fast it is here."""

from __future__ import annotations

import asyncio
import contextlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from drivers.camera.client import FIRST_S
from drivers.camera.driver import CameraDriver
from drivers.camera.job import Answer, Job
from drivers.camera.pool import Outcome
from drivers.camera.session import ANSWER_S
from drivers.camera.settings import Camera
from drivers.camera.sim import CameraSim
from drivers.camera.sim_library import Library
from drivers.transport.sim import SimLink
from tests.bench_cameras import hanging, parts
from tests.bench_cameras.__main__ import run
from tests.bench_cameras.far_end import url_of
from tests.bench_cameras.hall import Hall, idle_settings
from tests.bench_cameras.parts import Size
from tests.bench_cameras.plan import Findings, Plan
from tests.camera_viewers import at_hand, features
from tests.warped import warped

TINY = Size(
    cameras=3,
    mains=2,
    rounds=1,
    naive=1,
    scenes=1,
    gop_s=1,
    loop_s=3,
    settle_s=0.5,
    steady_s=1.5,
    held_s=1.0,
    hangs=False,
)

OTHERS = 30  # half of them take longer to be gone round than a picture takes


def test_plans_and_findings_survive_the_way_between_processes() -> None:
    plan = Plan("steady", 8554, 3, "cv2", seconds=1.5)
    assert Plan.read(plan.write()) == plan
    found = Findings({"cpu_percent": 1.5}, {"wall": [2.0]}, {"": 3})
    assert Findings.read(found.write()) == found


@pytest.mark.thorough
@pytest.mark.alone
async def test_all_that_does_not_hang_is_measured_beside_the_naive_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "DECODERS", ("cv2",))  # one of two, which needs no extra
    results = await run(TINY, ["sweep", "mains", "steady", "held"], tmp_path, Console(file=io.StringIO()))
    figures = {figure.name: figure for result in results for figure in result.figures}
    assert 0.0 < figures["sweep of 3 subs, cv2: wall"].value < 30.0
    assert figures["sweep of 3 subs, cv2: resident"].value > figures["held: resident"].value + 30.0, "workers"
    sub, main = (figures[f"checks of {profile}, cv2"] for profile in ("sub", "main"))
    assert sub.value > main.value > 0, "nine times the pixels"
    assert all(check.floor is not None and check.value > check.floor for check in (sub, main)), "25 pictures"
    assert figures["steady load, cv2: processor"].value > 0
    assert figures["steady load, cv2: resident"].value > 10.0
    assert figures["held: pictures a second, the least"].value == pytest.approx(25.0, abs=3.0)


class Seeing:
    """All pictures are well."""

    async def look(self, camera: str, job: Job) -> Outcome:
        del camera, job
        return Answer("ok", width=640, height=360)

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return asyncio.run(at_hand(tmp_path_factory.mktemp("clips"), 1))


def _small(camera: Camera) -> Camera:
    """The small video in the place of the large one: no other is at hand."""
    url = camera.url.replace("/main", "/sub") + "&strength=gross"
    return replace(camera, url=url, main=url) if camera.main else camera


@warped
async def test_what_hangs_is_told_and_the_others_are_looked_at_meanwhile(library: Library) -> None:
    others = [Camera(f"cam-{number}", url_of(number, 554)) for number in range(1, OTHERS + 1)]
    bad = [
        _small(camera)
        for camera in hanging.cameras(OTHERS, 554)
        if camera.id.removesuffix(hanging.MAIN) in {"hang", "no_frames"}
    ]
    driver = CameraDriver()
    driver.pool = lambda _workers: Seeing()
    hall = Hall(idle_settings([*others, *bad], 16), [])
    sim = CameraSim(features(Path()), OTHERS + len(hanging.KINDS))
    sim.library = library
    link = SimLink("sim://camera", sim)
    task = asyncio.create_task(driver.run(link, hall))
    task.add_done_callback(hall.ended)
    found = await hanging.measure(hall, [each.id for each in others], [each.id for each in bad])
    assert found.numbers["hang, picture"] == pytest.approx(ANSWER_S, abs=0.2)
    assert found.numbers["no_frames, picture"] == pytest.approx(FIRST_S, abs=0.6)
    assert found.numbers["no_frames, probe"] < 0.5
    assert {name: len(values_s) for name, values_s in found.series_s.items()} == {
        f"{ring}, {beside}": OTHERS
        for ring in ("picture", "probe")
        for beside in ("nobody", "cameras", "decoders")
    }
    assert found.codes == {"": 6 * OTHERS}
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await link.close()
