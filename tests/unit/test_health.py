"""Health: pings and the watchdog on a manual clock, sd_notify at a real socket, metrics over real HTTP."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.health import CHECK_EVERY_S, PING_LIMIT_S, CoreWatch, Notifier, rss_mb, sample
from edge.metrics import LOOPBACK, STATES, CameraFigures, Metrics, MetricsServer, serve_metrics
from edge.wire import Condition, DeviceStatus, NodeHealth, OutboxStatus, QueueStatus, ServiceQueue
from tests.unit.supervision import ManualClock

OUTBOX = OutboxStatus(rows=3, bytes=400, oldest_age_s=2.5, acked_seq=7, last_seq=10, dropped=1)


class Systemd:
    """The receiving end of sd_notify."""

    def __init__(self, address: str) -> None:
        self.environ = {
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": "30000000",
            "WATCHDOG_PID": str(os.getpid()),
        }
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@hall-test-{os.getpid()}"
    manager = Systemd(address)
    yield manager
    manager.close()


# --- sd_notify ---
def test_systemd_is_told_each_state(systemd: Systemd) -> None:
    notifier = Notifier(systemd.environ)
    notifier.ready()
    notifier.status("52 windows\nopen")
    notifier.watchdog()
    notifier.stopping()
    assert systemd.heard() == ["READY=1", "STATUS=52 windows open", "WATCHDOG=1", "STOPPING=1"]
    assert notifier.watchdog_s == 30.0


def test_without_systemd_nothing_is_sent_and_nothing_raised() -> None:
    notifier = Notifier({})
    notifier.ready()
    assert notifier.watchdog_s is None


def test_the_watchdog_of_another_process_is_not_ours() -> None:
    assert Notifier({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog_s is None
    assert Notifier({"WATCHDOG_USEC": "1000000"}).watchdog_s == 1.0
    assert Notifier({"WATCHDOG_USEC": "soon"}).watchdog_s is None


def test_a_manager_that_is_away_or_does_not_read_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = Systemd(str(tmp_path / "notify"))
    notifier = Notifier(manager.environ)
    for _ in range(1000):  # more than its buffer holds
        notifier.watchdog()
    assert 0 < len(manager.heard()) < 1000
    manager.close()
    notifier.watchdog()
    assert [record.getMessage()[:22] for record in caplog.records] == ["systemd is not told: ["]


# --- pings ---
@asynccontextmanager
async def watching(watch: CoreWatch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def well() -> None:
    pass


async def test_the_watchdog_is_fed_only_while_the_whole_core_answers(
    systemd: Systemd, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    stuck = asyncio.Event()
    stuck.set()
    watch = CoreWatch({"bus": well, "store": stuck.wait}, clock, Notifier(systemd.environ))
    async with watching(watch):
        await clock.advance(3 * CHECK_EVERY_S)
        assert systemd.heard() == ["WATCHDOG=1"] * 3
        stuck.clear()
        await clock.advance(10 * (CHECK_EVERY_S + PING_LIMIT_S))
        assert systemd.heard() == []
        stuck.set()
        await clock.advance(2 * (CHECK_EVERY_S + PING_LIMIT_S))
        assert set(systemd.heard()) == {"WATCHDOG=1"}
    said = [record.getMessage() for record in caplog.records]
    assert said == ["store does not answer; the watchdog is not fed", "store answers again"]


async def test_a_ping_that_raises_is_no_answer(systemd: Systemd) -> None:
    async def broken() -> None:
        raise OSError("closed")

    watch = CoreWatch({"control": broken, "bus": well}, ManualClock(), Notifier(systemd.environ))
    assert not await watch.check()
    assert await CoreWatch({"bus": well}, ManualClock(), Notifier({})).check()


async def test_a_short_watchdog_is_fed_twice_in_its_time(systemd: Systemd) -> None:
    clock = ManualClock()
    watch = CoreWatch({}, clock, Notifier({**systemd.environ, "WATCHDOG_USEC": "4000000"}))
    async with watching(watch):
        await clock.advance(8)
        assert systemd.heard() == ["WATCHDOG=1"] * 4


async def test_the_longest_delay_of_the_loop_is_kept_until_it_is_asked_for() -> None:
    clock = ManualClock()
    watch = CoreWatch({}, clock, Notifier({}))
    async with watching(watch):
        await clock.advance(CHECK_EVERY_S)
        assert watch.take_lag_ms() == 0
        clock.mono_s += CHECK_EVERY_S + 0.25  # the loop was held up: it wakes a quarter of a second late
        await clock.advance(0)
        await clock.advance(10 * CHECK_EVERY_S)
        assert watch.take_lag_ms() == pytest.approx(250)
        assert watch.take_lag_ms() == 0


# --- figures ---
def test_resident_memory_is_the_kernels() -> None:
    psutil = pytest.importorskip("psutil")
    assert rss_mb() == pytest.approx(psutil.Process().memory_info().rss / 1024 / 1024, rel=0.05)
    held = bytearray(os.urandom(1)) * (30 * 1024 * 1024)
    assert rss_mb() > 30
    del held


def test_a_status_without_the_line_is_no_memory(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tkthreadd\n")
    assert rss_mb(status) == 0
    status.write_text("VmPeak:\t 9 kB\nVmRSS:\t   46080 kB\n")
    assert rss_mb(status) == 45


def test_a_sample_is_the_nodes_health() -> None:
    health = sample(1_700_000_000.0, 12.34, OUTBOX)
    assert (health.at, health.loop_lag_ms, health.outbox) == (1_700_000_000.0, 12.3, OUTBOX)
    assert health.rss_mb > 5
    assert health.load1 >= 0


# --- metrics ---
@pytest.fixture
def server() -> Iterator[tuple[Metrics, MetricsServer]]:
    metrics = Metrics()
    server = MetricsServer(metrics, 0)
    yield metrics, server
    server.close()


def scrape(server: MetricsServer) -> dict[str, float]:
    with urllib.request.urlopen(f"http://{LOOPBACK}:{server.port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_metrics_are_the_newest_snapshot(server: tuple[Metrics, MetricsServer]) -> None:
    metrics, http = server
    assert scrape(http) == {}, "nothing known yet, nothing claimed"
    health = NodeHealth(at=0, load1=0.5, rss_mb=44, loop_lag_ms=20, outbox=OUTBOX)
    printer = DeviceStatus(
        device="printer",
        state="degraded",
        since=0,
        last_heard=1234.5,
        restarts=2,
        conditions=(Condition(code="paper_low", severity="warning", since=0),),
    )
    pad = DeviceStatus(device="pad-1", state="handshake", since=0)
    metrics.update(health, [printer, pad])
    seen = scrape(http)
    assert seen["hall_loop_lag_seconds"] == 0.02
    assert seen["hall_resident_bytes"] == 44 * 1024 * 1024
    assert seen["hall_outbox_dropped_total"] == 1
    assert seen['hall_device_restarts_total{device="printer"}'] == 2
    assert seen['hall_device_conditions{device="printer"}'] == 1
    assert seen['hall_device_last_heard_seconds{device="printer"}'] == 1234.5
    assert 'hall_device_last_heard_seconds{device="pad-1"}' not in seen, "never heard is no time"
    states = {name: seen[f'hall_device_state{{device="printer",state="{name}"}}'] for name in STATES}
    assert [name for name, value in states.items() if value] == ["degraded"]
    metrics.update(health, [pad])
    assert not any("printer" in name for name in scrape(http)), "no ghost of a device that was removed"


def test_cameras_are_counted(server: tuple[Metrics, MetricsServer]) -> None:
    metrics, http = server
    health = NodeHealth(at=0, load1=0.5, rss_mb=44, loop_lag_ms=20, outbox=OUTBOX)
    metrics.update(health, [])
    assert not any("camera" in name for name in scrape(http)), "nothing is said of what is not there"
    looks = {("probe", "ok"): 7, ("probe", "offline"): 2}
    figures = CameraFigures({"ok": 3, "fault": 1}, {"offline": 1}, {"power": 1}, looks, 61.5, 2)
    metrics.update(health, [], figures)
    seen = {name: value for name, value in scrape(http).items() if "camera" in name}
    assert seen == {
        'hall_cameras{state="ok"}': 3,
        'hall_cameras{state="fault"}': 1,
        'hall_camera_faults{fault="offline"}': 1,
        'hall_cameras_together{cause="power"}': 1,
        'hall_camera_looks_total{outcome="ok",ring="probe"}': 7,
        'hall_camera_looks_total{outcome="offline",ring="probe"}': 2,
        "hall_camera_oldest_picture_seconds": 61.5,
        "hall_camera_workers_lost_total": 2,
    }
    metrics.update(health, [], replace(figures, oldest_picture_s=None))
    assert "hall_camera_oldest_picture_seconds" not in scrape(http), "never seen is no time"


def test_the_waits_are_told_with_how_good_they_are(server: tuple[Metrics, MetricsServer]) -> None:
    metrics, http = server
    health = NodeHealth(at=0, load1=0.5, rss_mb=44, loop_lag_ms=20, outbox=OUTBOX)
    tax = ServiceQueue(service="tax", waiting=7, issued=9, oldest_wait_s=1, wait_p50_s=600, wait_p90_s=900)
    land = ServiceQueue(service="land", waiting=0, issued=0, oldest_wait_s=0)
    queue = QueueStatus(day="2024-05-06", services=(tax, land))
    metrics.update(health, [], queue=queue)
    seen = {name: value for name, value in scrape(http).items() if "wait" in name}
    assert seen == {
        'hall_queue_waiting{service="tax"}': 7,
        'hall_queue_waiting{service="land"}': 0,
        'hall_wait_expected_seconds{quantile="0.5",service="tax"}': 600,
        'hall_wait_expected_seconds{quantile="0.9",service="tax"}': 900,
        "hall_wait_told": 0,
    }, "of nobody there is no figure"
    figures = {"told": 20, "mean_wait_s": 1200.0, "mae_s": 240.0, "p90_coverage": 0.9}
    metrics.update(health, [], queue=queue.model_copy(update=figures))
    seen = scrape(http)
    assert seen["hall_wait_told"] == 20
    assert seen["hall_wait_mean_seconds"] == 1200
    assert seen["hall_wait_error_seconds"] == 240
    assert seen["hall_wait_p90_coverage"] == 0.9


def test_a_port_that_is_taken_is_an_error(server: tuple[Metrics, MetricsServer]) -> None:
    with pytest.raises(OSError, match="in use"):
        MetricsServer(Metrics(), server[1].port)


def test_a_port_that_is_taken_costs_the_figures_only(
    server: tuple[Metrics, MetricsServer], caplog: pytest.LogCaptureFixture
) -> None:
    assert serve_metrics(Metrics(), server[1].port) is None
    assert "node.metrics_port" in caplog.text
    assert serve_metrics(Metrics(), 0) is None, "0 is off"


def test_the_library_is_imported_by_who_serves_and_by_nobody_else() -> None:
    code = "import sys, edge.health, edge.metrics; sys.exit('prometheus_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
