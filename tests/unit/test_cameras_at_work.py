"""The cameras of a node between driver, rules, store and broker; the rules have tests of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from drivers.conformance.context import ManualClock
from drivers.messages import CameraLooked, Event, Instant, Order, Outcome, Result, WatchCamera
from edge.cameras.part import NoCameras, cameras_of
from edge.cameras.time import JudgedTime
from edge.cameras.work import Cameras
from edge.settings.cameras import CamerasTable
from edge.store import Store, StoreFull
from edge.wire import Alert, CamerasStatus, CameraStatus, DeviceStatus
from tests.store_kit import flat, told

HOUR_S = 3600.0
WELL = CameraLooked("probe", codec="h264", width=640, height=360)
CAMERAS = {"door": "cameras", "desk": "cameras"}
GONE = CameraLooked("probe", "offline", {"reachable": 0.0}, detail="no answer")


class Broker:
    """What has been told last."""

    def __init__(self) -> None:
        self.each: dict[str, CameraStatus] = {}
        self.all: CamerasStatus | None = None
        self.alerts: dict[str, Alert | None] = {}

    def camera(self, status: CameraStatus) -> None:
        self.each[status.camera] = status

    def cameras(self, status: CamerasStatus) -> None:
        self.all = status

    def alert(self, key: str, alert: Alert | None) -> None:
        self.alerts[key] = alert


class Devices:
    def __init__(self) -> None:
        self.orders: list[tuple[str, Order]] = []

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        del deadline_s
        self.orders.append((device, order))
        return Outcome(Result.DONE)


class Stepped(ManualClock):
    """Its wall clock can be put right, or wrong."""

    stepped_s = 0.0

    def now(self) -> Instant:
        now = super().now()
        return replace(now, wall_s=now.wall_s + self.stepped_s)


class Bench:
    def __init__(self, store: Store, cameras: Mapping[str, str] = CAMERAS) -> None:
        self.store, self.broker, self.devices, self.clock = store, Broker(), Devices(), Stepped()
        self.cameras = Cameras(cameras, store=store, devices=self.devices, clock=self.clock)

    async def looks(self, camera: str, looked: CameraLooked, times: int) -> None:
        for _ in range(times):
            await self.clock.advance(10.0)
            await self.cameras.on_event(Event("e" * 32, camera, self.clock.now(), looked))


async def a_bench(path: Path, cameras: Mapping[str, str] = CAMERAS) -> Bench:
    bench = Bench(await Store.open(path / "hall.db"), cameras)
    await bench.cameras.load(bench.broker)
    return bench


async def test_a_fault_is_told_recorded_and_over(tmp_path: Path) -> None:
    bench = await a_bench(tmp_path)
    await bench.looks("door", GONE, 2)
    assert [trouble.fault for trouble in bench.broker.each["door"].troubles] == ["offline"]
    assert bench.broker.all is not None
    assert bench.broker.all.faults == {"offline": 1}
    alert = bench.broker.alerts["camera-door"]
    assert alert is not None
    assert (alert.zh, alert.detail) == ("摄像机离线", "door")
    await bench.looks("door", WELL, 3)
    assert bench.broker.alerts["camera-door"] is None
    facts = [flat(row) for row in await told(bench.store)]
    assert [(fact["kind"], fact["camera"], fact["on"]) for fact in facts] == [
        ("camera.fault", "door", True),
        ("camera.fault", "door", False),
    ]
    await bench.store.close()


async def test_who_accepted_a_view_is_kept_before_anything_is_learnt_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = await a_bench(tmp_path)
    await bench.looks("door", GONE, 2)

    async def full(*_: object) -> None:
        raise StoreFull("no room")

    with monkeypatch.context() as patch, pytest.raises(StoreFull):
        patch.setattr(bench.store, "append", full)
        await bench.cameras.accept("door", "李工")
    assert bench.broker.each["door"].accepted_by == ""
    assert bench.broker.each["door"].troubles
    await bench.cameras.accept("door", "李工")
    assert bench.broker.each["door"].accepted_by == "李工"
    fact = flat((await told(bench.store))[-1])
    assert (fact["kind"], fact["camera"], fact["by"]) == ("camera.view_accepted", "door", "李工")
    await bench.store.close()


async def test_what_is_known_outlives_a_restart_and_what_is_unreadable_is_learnt_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = await a_bench(tmp_path)
    await bench.looks("door", GONE, 2)
    await bench.looks("desk", GONE, 2)
    await bench.cameras.close()
    await bench.store.remember("camera/desk", {"state": b"{}"})
    await bench.store.remember("camera/gone", {"state": b"{}"})
    await bench.store.close()
    with caplog.at_level(logging.WARNING):
        again = await a_bench(tmp_path)
    assert again.broker.each["door"].troubles
    assert not again.broker.each["desk"].troubles
    assert "desk: what was known of it cannot be read" in caplog.text
    assert set(await again.store.memories("camera/")) == {"camera/door", "camera/desk"}
    await again.store.close()


async def test_a_driver_that_started_afresh_is_told_how_to_watch_each(tmp_path: Path) -> None:
    bench = await a_bench(tmp_path)
    bench.cameras.on_status(DeviceStatus(device="printer", state="online", since=0.0, restarts=0))
    for state in ("online", "degraded", "backoff", "online"):
        bench.cameras.on_status(DeviceStatus(device="cameras", state=state, since=0.0, restarts=0))
        await bench.clock.advance(0.0)
    assert [device for device, _ in bench.devices.orders] == ["door", "desk", "door", "desk"]
    assert {order for _, order in bench.devices.orders} == {WatchCamera(reference=b"")}
    await bench.store.close()


async def test_all_gone_at_once_is_one_event_and_nobody_s_own(tmp_path: Path) -> None:
    """146 cameras behind a switch without power: each is probed within 11 s, and again after five."""
    hall = {f"cam-{number}": "cameras" for number in range(146)}
    bench = await a_bench(tmp_path, hall)
    failures = [
        (11.0 * number / 146 + again_s, camera)
        for number, camera in enumerate(hall)
        for again_s in (3, 8, 13, 23)
    ]
    for at_s, camera in sorted(failures):
        await bench.clock.advance(at_s - bench.clock.now().mono_s)
        await bench.cameras.on_event(Event("e" * 32, camera, bench.clock.now(), GONE))
    (fact,) = [flat(row) for row in await told(bench.store)]
    assert (fact["kind"], fact["cause"], fact["on"]) == ("cameras.together", "network", True)
    assert {key for key, alert in bench.broker.alerts.items() if alert} == {"cameras"}
    assert not any(status.troubles for status in bench.broker.each.values())
    await bench.store.close()


async def test_cameras_are_counted_by_names_that_are_known(tmp_path: Path) -> None:
    bench = await a_bench(tmp_path)
    await bench.looks("door", replace(WELL, ring="picture"), 1)
    await bench.looks("door", GONE, 2)
    await bench.looks("desk", replace(WELL, code="of another driver"), 1)
    watcher = DeviceStatus(device="cameras", state="online", since=0.0, attributes={"workers_lost": "3"})
    bench.cameras.on_status(watcher)
    await bench.clock.advance(5.0)
    figures = bench.cameras.figures()
    assert {state: count for state, count in figures.states.items() if count} == {"fault": 1, "unknown": 1}
    assert [fault for fault, count in figures.faults.items() if count] == ["offline"]
    assert {look: count for look, count in figures.looks.items() if count} == {
        ("picture", "ok"): 1,
        ("probe", "offline"): 2,
        ("probe", "other"): 1,
    }
    assert (figures.oldest_picture_s, figures.workers_lost) == (35.0, 3)
    assert set(figures.together.values()) == {0}
    assert "corrupt" in figures.faults
    await bench.store.close()


@pytest.mark.parametrize("step_s", [-HOUR_S, HOUR_S])
async def test_faults_come_and_go_as_ever_when_the_clock_is_stepped(tmp_path: Path, step_s: float) -> None:
    bench = await a_bench(tmp_path)
    await bench.looks("door", WELL, 1)
    bench.clock.stepped_s = step_s
    await bench.looks("desk", WELL, 1)
    await bench.looks("door", GONE, 1)
    assert not bench.broker.each["door"].troubles
    await bench.looks("door", GONE, 1)
    (trouble,) = bench.broker.each["door"].troubles
    assert trouble.since == bench.clock.now().wall_s
    bench.clock.stepped_s = 0.0
    await bench.looks("door", WELL, 1)
    (trouble,) = bench.broker.each["door"].troubles
    assert trouble.since == bench.clock.now().wall_s  # recovering since now, by the clock that is right
    await bench.looks("door", WELL, 2)
    assert not bench.broker.each["door"].troubles
    assert not bench.broker.each["desk"].troubles
    await bench.store.close()


@pytest.mark.parametrize("step_s", [-HOUR_S, HOUR_S])
async def test_what_waits_for_a_while_waits_so_long_when_the_clock_is_stepped(
    tmp_path: Path, step_s: float
) -> None:
    """An event of the whole hall ends 90 s after the last of its cameras stirred."""
    hall = dict.fromkeys(("door", "desk", "stairs"), "cameras")
    bench = await a_bench(tmp_path, hall)
    task = asyncio.create_task(bench.cameras.run())
    for looked in (GONE, WELL):
        for camera in hall:
            await bench.cameras.on_event(Event("e" * 32, camera, bench.clock.now(), looked))
    bench.clock.stepped_s = step_s
    await bench.clock.advance(60.0)
    assert bench.broker.all is not None
    assert bench.broker.all.together == "network"
    async with asyncio.timeout(10.0):
        await bench.clock.advance(60.0)
        while bench.broker.all.together:  # noqa: ASYNC110 it is kept first, in the store's own thread
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bench.store.close()


@pytest.mark.parametrize(("off_s", "passed_s"), [(600.0, 600.0), (-HOUR_S, 0.0)])
def test_judged_time_goes_on_after_a_restart_and_never_back(off_s: float, passed_s: float) -> None:
    """Also where the wall clock was wrong before it: its steps are no time that has passed."""
    before = Stepped()
    time = JudgedTime(before)
    began_s = time.now_s()
    before.stepped_s = HOUR_S
    assert time.now_s() == began_s
    after = Stepped()
    after.stepped_s = HOUR_S + off_s
    resumed = JudgedTime(after)
    resumed.resume([b"[1.0, 1.0]", time.keep(), b"{}", b"[NaN, 1]"])
    assert resumed.now_s() == began_s + passed_s
    assert resumed.wall_s(resumed.now_s()) == after.now().wall_s


def test_drift_of_the_wall_clock_changes_no_time_that_was_told() -> None:
    clock = Stepped()
    time = JudgedTime(clock)
    told_s = time.wall_s(5.0)
    clock.stepped_s = 0.9
    assert time.wall_s(5.0) == told_s
    clock.stepped_s = 1.1
    assert time.wall_s(5.0) == pytest.approx(told_s + 1.1)


@dataclass
class Configured:
    cameras: Mapping[str, str]
    judging: CamerasTable = field(default_factory=CamerasTable)


async def test_a_node_without_cameras_has_none(tmp_path: Path) -> None:
    bench = await a_bench(tmp_path)
    none = cameras_of(Configured({}), store=bench.store, devices=bench.devices, clock=bench.clock)
    assert isinstance(none, NoCameras)
    assert "door" not in none
    assert (list(none), none.statuses()) == ([], [])
    assert isinstance(
        cameras_of(Configured(CAMERAS), store=bench.store, devices=bench.devices, clock=bench.clock),
        Cameras,
    )
    await bench.store.close()
