"""The cameras of a node between driver, rules, store and broker; the rules have tests of their own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.conformance.context import ManualClock
from drivers.messages import CameraLooked, Event, Order, Outcome, Result, WatchCamera
from edge.cameras.part import NoCameras, cameras_of
from edge.cameras.work import Cameras
from edge.settings.cameras import CamerasTable
from edge.store import Store, StoreFull
from edge.wire import Alert, CamerasStatus, CameraStatus, DeviceStatus
from tests.store_kit import flat, told

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


class Bench:
    def __init__(self, store: Store) -> None:
        self.store, self.broker, self.devices, self.clock = store, Broker(), Devices(), ManualClock()
        self.cameras = Cameras(CAMERAS, store=store, devices=self.devices, clock=self.clock)

    async def looks(self, camera: str, looked: CameraLooked, times: int) -> None:
        for _ in range(times):
            await self.clock.advance(10.0)
            await self.cameras.on_event(Event("e" * 32, camera, self.clock.now(), looked))


async def a_bench(path: Path) -> Bench:
    bench = Bench(await Store.open(path / "hall.db"))
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
    await bench.looks("door", CameraLooked("probe", codec="h264", width=640, height=360), 3)
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
