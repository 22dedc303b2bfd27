"""The console as Prometheus sees it: what is known of each hall, and of the console itself. Pure.

Labels are bounded, whatever a broker tells: halls by `HallLabels`, routes by the table of routes, all others
by names that stand in the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from edge import __version__
from edge.console.centre import MAX_HALLS
from edge.console.live.things import Why
from edge.console.live.views import HallView, NodeView, Standing, state_of
from edge.console.weight import Weight
from edge.wire import DeviceStateName, NodeStatus

OTHERS = "(others)"  # no hall can have that id
NODE_STATES = (*get_args(NodeStatus.model_fields["state"].annotation), "broker", "silent", "unknown")
DEVICE_STATES = (*get_args(DeviceStateName), "unheard", "unreadable")
STANDINGS: tuple[str, ...] = get_args(Standing)
SEVERITIES: Mapping[Standing, str] = {"bad": "error", "warn": "warning", "off": "unreadable"}
assert set(get_args(Why)) <= set(NODE_STATES)
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)  # of answers; a page owes 0.2 s

Request = tuple[str, str, int]  # route as in the table of routes, method, status


class HallLabels:
    """By what name a hall is counted. Beyond MAX_HALLS, those that are configured first, all others are
    OTHERS: also halls that come and go add nothing without end."""

    def __init__(self, configured: Iterable[str]) -> None:
        self._known = dict.fromkeys(configured)

    def of(self, hall: str) -> str:
        if hall not in self._known and len(self._known) >= MAX_HALLS:
            return OTHERS
        self._known[hall] = None
        return hall


@dataclass(frozen=True, slots=True)
class Latency:
    """Of a route. `counts`: of BUCKETS_S and beyond, each for itself."""

    counts: tuple[int, ...]
    sum_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """At one moment. `leads` None: who leads is not known here. `weight` None: the record does not answer."""

    now_s: float
    halls: tuple[HallView, ...]
    labels: HallLabels
    fleet_bytes: int
    refused: int
    strange: int
    broker: bool
    leads: bool | None
    applied: int
    duplicates: int
    weight: Weight | None
    keeps: bool
    errors: int
    last_error_s: float | None
    streams: int
    turned_away: int
    requests: Mapping[Request, int]
    latencies: Mapping[str, Latency]


def families(figures: Figures) -> Iterator[Metric]:
    yield from _states(figures)
    yield from _sums(figures)
    yield from _ages(figures)
    yield from _console(figures)
    yield from _pages(figures)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hall_console_{name}", words, labels=labels)


def _by_label(figures: Figures) -> dict[str, list[HallView]]:
    found: dict[str, list[HallView]] = {}
    for hall in figures.halls:
        found.setdefault(figures.labels.of(hall.hall), []).append(hall)
    return found


def _states(figures: Figures) -> Iterator[Metric]:
    """How many there are in each state there is, also those in which there are none."""
    halls = _gauge("halls", "Halls by how they stand: good, warn, bad, or off", "hall", "standing")
    nodes = _gauge("nodes", "Nodes by state, or by why they cannot be trusted", "hall", "state")
    devices = _gauge("devices", "Devices by state", "hall", "state")
    alerts = _gauge("alerts", "Alerts that are raised", "hall", "severity")
    for label, views in _by_label(figures).items():
        own = [node for hall in views for node in hall.nodes]
        raised = (SEVERITIES.get(alert.standing, "warning") for hall in views for alert in hall.alerts)
        for family, names, seen in (
            (halls, STANDINGS, [hall.standing for hall in views]),
            (nodes, NODE_STATES, map(state_of, own)),
            (devices, DEVICE_STATES, (state for node in own for state in _devices(node))),
            (alerts, tuple(SEVERITIES.values()), raised),
        ):
            counts = Counter(seen)
            for name in names:
                family.add_metric([label, name], counts[name])
    yield from (halls, nodes, devices, alerts)


def _devices(node: NodeView) -> Iterator[str]:
    for seen in node.devices.values():
        yield seen.good.state if seen.good else "unreadable"
    yield from ("unheard" for _ in node.names.devices.keys() - node.devices.keys())


def _sums(figures: Figures) -> Iterator[Metric]:
    waiting = _gauge("tickets_waiting", "Tickets that wait", "hall")
    longest = _gauge("longest_wait_seconds", "Wait of the ticket that has waited longest", "hall")
    for label, views in _by_label(figures).items():
        waiting.add_metric([label], sum(hall.waiting for hall in views))
        longest.add_metric([label], max(hall.longest_wait_s or 0.0 for hall in views))
    yield from (waiting, longest)


def _ages(figures: Figures) -> Iterator[Metric]:
    """Of halls of which anything has been heard."""
    words = "Time since the node that has been silent longest said anything"
    data = _gauge("data_age_seconds", words, "hall")
    words = "Age of the oldest event that is not in the record yet, as the nodes say"
    lag = _gauge("record_lag_seconds", words, "hall")
    for label, views in _by_label(figures).items():
        nodes = [node for hall in views for node in hall.nodes]
        if nodes:
            oldest_s = min(node.heard_s for node in nodes)
            data.add_metric([label], max(0.0, figures.now_s - oldest_s))
        said = [node.health.good for node in nodes if node.health and node.health.good]
        if said:
            lag.add_metric([label], max(health.outbox.oldest_age_s for health in said))
    yield from (data, lag)


def _console(figures: Figures) -> Iterator[Metric]:
    info = _gauge("info", "Which program this is", "version")
    info.add_metric([__version__], 1)
    yield info
    weight = figures.weight
    for name, words, value in (
        ("leads", "1 where this console leads: it records and acknowledges", figures.leads),
        ("broker_up", "1 while it is connected to the broker", figures.broker),
        ("record_up", "1 where the record answers", weight is not None),
        ("record_keeps", "1 while the record keeps what it is given", figures.keeps),
        ("record_size_bytes", "Size of the record", weight.size_bytes if weight else None),
        (
            "uncounted_events",
            "Recorded, and not yet counted for the pages",
            weight.uncounted if weight else None,
        ),
        ("fleet_size_bytes", "Messages of halls that it holds in memory", figures.fleet_bytes),
        ("last_error_timestamp_seconds", "When it last logged an error", figures.last_error_s),
        ("streams_open", "Pages and programs that are told what changes", figures.streams),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"hall_console_{name}", words, float(value))
    for name, words, count in (
        ("events_applied", "Events recorded since its start", figures.applied),
        ("events_duplicate", "Events that came once more", figures.duplicates),
        ("messages_refused", "Messages of halls for which there was no room", figures.refused),
        ("messages_strange", "Messages on topics of which no node retains anything", figures.strange),
        ("errors", "Errors in its log", figures.errors),
        ("connections_refused", "Connections that made room or found none", figures.turned_away),
    ):
        yield CounterMetricFamily(f"hall_console_{name}", words, count)


def _pages(figures: Figures) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "hall_console_http_requests", "Requests answered", labels=["route", "method", "status"]
    )
    for (route, method, status), count in figures.requests.items():
        requests.add_metric([route, method, str(status)], count)
    taken = HistogramMetricFamily(
        "hall_console_http_request_duration_seconds",
        "Time until a request was answered, streams aside",
        labels=["route"],
    )
    for route, latency in figures.latencies.items():
        taken.add_metric([route], _buckets(latency.counts), latency.sum_s)
    yield from (requests, taken)


def _buckets(counts: tuple[int, ...]) -> list[tuple[str, float]]:
    total, found = 0, []
    for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
        total += count
        found.append((bound, float(total)))
    return found
