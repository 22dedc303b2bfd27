"""Prometheus metrics on the loopback interface, where a port is configured.

The library costs some megabytes, so it is imported by who starts the server. What is scraped is the newest
snapshot: the scraping thread never looks into what the event loop is changing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from edge.wire import DeviceStateName, DeviceStatus, NodeHealth, QueueStatus

if TYPE_CHECKING:
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import Metric

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
STATES: tuple[str, ...] = get_args(DeviceStateName)


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """Of all cameras of a node. Each mapping has all names there are, also those that stand at 0."""

    states: Mapping[str, int]
    faults: Mapping[str, int]
    together: Mapping[str, int]  # by cause: 1 where many changed at once, for that
    looks: Mapping[tuple[str, str], int]  # by ring and outcome, since the start
    oldest_picture_s: float | None  # of those that have shown one since the start
    workers_lost: int  # since their driver started


class Metrics:
    """A collector over snapshots. Labels are bounded: `device` and `service` by the configuration, the others
    by names that stand in the source."""

    def __init__(self) -> None:
        self._snapshot: (
            tuple[NodeHealth, Sequence[DeviceStatus], CameraFigures | None, QueueStatus | None] | None
        ) = None

    def update(
        self,
        health: NodeHealth,
        devices: Sequence[DeviceStatus],
        cameras: CameraFigures | None = None,
        queue: QueueStatus | None = None,
    ) -> None:
        """Show these figures from now on."""
        self._snapshot = health, devices, cameras, queue

    def collect(self) -> Iterator[Metric]:
        if self._snapshot is None:
            return
        health, devices, cameras, queue = self._snapshot
        yield from _node(health)
        yield from _devices(devices)
        if cameras is not None:
            yield from _cameras(cameras)
        if queue is not None:
            yield from _queue(queue)


def _node(health: NodeHealth) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 see above

    outbox = health.outbox
    for name, words, value in (
        ("hall_load1", "Load average over one minute", health.load1),
        ("hall_resident_bytes", "Resident memory of the daemon", health.rss_mb * 1024 * 1024),
        ("hall_loop_lag_seconds", "Longest delay of the event loop", health.loop_lag_ms / 1000),
        ("hall_outbox_rows", "Events not yet acknowledged", outbox.rows),
        ("hall_outbox_bytes", "Bytes of the outbox", outbox.bytes),
        ("hall_outbox_oldest_seconds", "Age of the oldest event not yet acknowledged", outbox.oldest_age_s),
        ("hall_outbox_last_seq", "Number of the newest event", outbox.last_seq),
        ("hall_outbox_acked_seq", "Number of the last acknowledged event", outbox.acked_seq),
    ):
        yield GaugeMetricFamily(name, words, value)
    yield CounterMetricFamily(
        "hall_outbox_dropped", "Telemetry events dropped for want of room", outbox.dropped
    )


def _devices(devices: Sequence[DeviceStatus]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 see above

    state = GaugeMetricFamily(
        "hall_device_state", "1 for the state that it is in", labels=["device", "state"]
    )
    conditions = GaugeMetricFamily("hall_device_conditions", "Conditions that are on", labels=["device"])
    heard = GaugeMetricFamily(
        "hall_device_last_heard_seconds", "Wall time when it was last heard", labels=["device"]
    )
    restarts = CounterMetricFamily(
        "hall_device_restarts", "Runs of its driver after the first", labels=["device"]
    )
    for each in devices:
        for name in STATES:
            state.add_metric([each.device, name], float(name == each.state))
        conditions.add_metric([each.device], len(each.conditions))
        restarts.add_metric([each.device], each.restarts)
        if each.last_heard is not None:
            heard.add_metric([each.device], each.last_heard)
    yield from (state, conditions, heard, restarts)


def _cameras(figures: CameraFigures) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 see above

    for name, words, label, counts in (
        ("hall_cameras", "Cameras by state", "state", figures.states),
        ("hall_camera_faults", "Cameras that have a fault", "fault", figures.faults),
        ("hall_cameras_together", "1 while many changed at once, for this cause", "cause", figures.together),
    ):
        gauge = GaugeMetricFamily(name, words, labels=[label])
        for value, count in counts.items():
            gauge.add_metric([value], count)
        yield gauge
    looks = CounterMetricFamily("hall_camera_looks", "Looks at cameras", labels=["ring", "outcome"])
    for (ring, outcome), count in figures.looks.items():
        looks.add_metric([ring, outcome], count)
    yield looks
    yield CounterMetricFamily(
        "hall_camera_workers_lost", "Processes lost over a picture", figures.workers_lost
    )
    if figures.oldest_picture_s is not None:
        words = "Age of the last good picture of the camera that has waited longest for one"
        yield GaugeMetricFamily("hall_camera_oldest_picture_seconds", words, figures.oldest_picture_s)


def _queue(queue: QueueStatus) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 see above

    waiting = GaugeMetricFamily("hall_queue_waiting", "Tickets that wait", labels=["service"])
    words = "Wait of a ticket taken now that this share of citizens does not exceed"
    expected = GaugeMetricFamily("hall_wait_expected_seconds", words, labels=["service", "quantile"])
    for each in queue.services:
        waiting.add_metric([each.service], each.waiting)
        for quantile, wait_s in (("0.5", each.wait_p50_s), ("0.9", each.wait_p90_s)):
            if wait_s is not None:
                expected.add_metric([each.service, quantile], wait_s)
    yield from (waiting, expected)
    yield GaugeMetricFamily("hall_wait_told", "Tickets told a wait and called today", queue.told)
    for name, words, value in (
        ("hall_wait_mean_seconds", "Their mean wait", queue.mean_wait_s),
        ("hall_wait_error_seconds", "Mean of |told 0.5 quantile - wait|", queue.mae_s),
        ("hall_wait_p90_coverage", "Share that waited no longer than the 0.9 quantile", queue.p90_coverage),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, words, value)


class MetricsServer:
    """Serves `metrics` over HTTP to this machine only. Raises OSError where the port is taken."""

    def __init__(self, metrics: Metrics, port: int) -> None:
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 see above

        registry = CollectorRegistry()
        registry.register(metrics)
        self._server: WSGIServer
        self._thread: Thread
        self._server, self._thread = start_http_server(port, LOOPBACK, registry)

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_metrics(metrics: Metrics, port: int) -> MetricsServer | None:
    """A port that is taken costs the figures, not the hall."""
    if not port:
        return None
    try:
        return MetricsServer(metrics, port)
    except OSError as error:
        log.warning("no metrics on port %d: %s; choose another `node.metrics_port`", port, error)
        return None
