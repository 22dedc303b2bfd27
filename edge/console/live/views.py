"""What pages see of the fleet: all of a node, and of its hall, as it is at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from edge.console.live.names import Names
from edge.console.live.node import Node, NodeKey
from edge.console.live.things import Kind, Seen, Stale
from edge.console.own_alerts import OWN
from edge.wire import (
    Alert,
    CamerasStatus,
    CameraStatus,
    DeviceStatus,
    NodeHealth,
    NodeStatus,
    QueueStatus,
    ServiceQueue,
    WindowStatus,
)
from edge.wire.about import AboutDevice

Standing = Literal["good", "warn", "bad", "off"]  # how a device stands, as a page marks it
STANDINGS: Mapping[str, Standing] = {
    "online": "good",
    "degraded": "warn",
    "backoff": "bad",
    "faulted": "bad",
    "misconfigured": "bad",
    "connecting": "off",
    "handshake": "off",
    "stopped": "off",
}


@dataclass(frozen=True, slots=True)
class NodeView:
    """`stale`: why what it says is from before; None while it speaks. `refused`: messages without room."""

    hall: str
    node: str
    stale: Stale | None
    heard_s: float
    status: Seen[NodeStatus] | None
    health: Seen[NodeHealth] | None
    queue: Seen[QueueStatus] | None
    cameras: Seen[CamerasStatus] | None
    devices: Mapping[str, Seen[DeviceStatus]]
    windows: Mapping[str, Seen[WindowStatus]]
    camera: Mapping[str, Seen[CameraStatus]]
    alerts: Mapping[str, Seen[Alert]]
    names: Names
    refused: int = 0


@dataclass(frozen=True, slots=True)
class DeviceView:
    """`seen` None: its node knows of it, and nothing has been heard. `about` None: its node has not said what
    it is."""

    hall: str
    node: str
    device: str
    seen: Seen[DeviceStatus] | None
    about: AboutDevice | None
    stale: Stale | None

    @property
    def standing(self) -> Standing:
        return standing_of(self.seen)

    @property
    def family(self) -> str:
        return self.about.driver if self.about else ""


@dataclass(frozen=True, slots=True)
class AlertView:
    """`key`: of its topic, by which it is acknowledged. `device`, `camera`: which of the node's it is of."""

    hall: str
    node: str
    key: str
    seen: Seen[Alert]
    stale: Stale | None
    device: str = ""
    camera: str = ""

    @property
    def standing(self) -> Standing:
        alert = self.seen.good
        if alert is None:
            return "off"
        red = alert.warning.level == "red" if alert.warning else alert.severity == "error"
        return "bad" if red else "warn"

    @property
    def taken(self) -> tuple[str, str]:
        """Who sees to it, and the note; "" where nobody does."""
        alert = self.seen.good
        said = (alert.warning or alert) if alert else None
        return (said.acknowledged_by, said.note) if said else ("", "")

    @property
    def acknowledged(self) -> bool:
        return bool(self.taken[0])

    @property
    def takes(self) -> bool:
        """Somebody may take it on at its node; what the centre itself tells of a node ends otherwise."""
        return self.seen.good is not None and not self.acknowledged and self.key not in OWN


@dataclass(frozen=True, slots=True)
class HallView:
    """`stale`: where none of its nodes can be trusted to be as shown. `alerts`: the gravest first."""

    hall: str
    nodes: tuple[NodeView, ...]
    stale: Stale | None
    heard_s: float | None
    waiting: int
    longest_wait_s: float | None  # None: nobody waits, or nothing is known
    services: tuple[ServiceQueue, ...]
    windows_open: int
    windows: int
    devices: Mapping[Standing, int]
    alerts: tuple[AlertView, ...]

    @property
    def names(self) -> tuple[str, str]:
        """As its nodes call it, in Chinese and English, each perhaps ""."""
        return next((node.names.hall() for node in self.nodes if node.names.about), ("", ""))

    @property
    def unknown(self) -> bool:
        """Nothing has ever been heard of it."""
        return not self.nodes

    @property
    def standing(self) -> Standing:
        """Of all of it: the worst that somebody is to see to."""
        if self.stale or self.unknown:
            return "off"
        each = {alert.standing for alert in self.alerts}
        return "bad" if "bad" in each else "warn" if "warn" in each else "good"


def state_of(node: NodeView) -> str:
    """What can be trusted of how it is: why it cannot be, else as it says; "unknown" where it has not."""
    if node.stale:
        return node.stale.why
    said = node.status.good if node.status else None
    return said.state if said else "unknown"


def standing_of(device: Seen[DeviceStatus] | None) -> Standing:
    return STANDINGS[device.good.state] if device and device.good else "off"


def device_view(node: NodeView, device: str) -> DeviceView | None:
    """None where nobody knows of it."""
    seen, about = node.devices.get(device), node.names.devices.get(device)
    if seen is None and about is None:
        return None
    return DeviceView(node.hall, node.node, device, seen, about, node.stale)


def by_family(hall: HallView) -> dict[str, list[DeviceView]]:
    """All devices of a hall, those too that have not been heard; what no node explains is under ""."""
    families: dict[str, list[DeviceView]] = {}
    for node in hall.nodes:
        for device in sorted(node.devices.keys() | node.names.devices.keys()):
            if view := device_view(node, device):
                families.setdefault(view.family, []).append(view)
    return dict(sorted(families.items(), key=lambda family: (not family[0], family[0])))


def node_view(owner: NodeKey, node: Node) -> NodeView:
    def one(kind: Kind) -> Any:
        kept = node.of(kind)
        return kept.seen if kept else None

    def each(kind: Kind) -> Any:
        return {name: kept.seen for name, kept in sorted(node.kept.get(kind, {}).items())}

    return NodeView(
        *owner,
        stale=node.stale,
        heard_s=node.heard.wall_s,
        status=cast("Seen[NodeStatus] | None", one("node")),
        health=cast("Seen[NodeHealth] | None", one("health")),
        queue=cast("Seen[QueueStatus] | None", one("queue")),
        cameras=cast("Seen[CamerasStatus] | None", one("cameras")),
        devices=cast("Mapping[str, Seen[DeviceStatus]]", each("device")),
        windows=cast("Mapping[str, Seen[WindowStatus]]", each("window")),
        camera=cast("Mapping[str, Seen[CameraStatus]]", each("camera")),
        alerts=cast("Mapping[str, Seen[Alert]]", each("alert")),
        names=node.names,
        refused=node.refused,
    )


def hall_view(hall: str, nodes: tuple[NodeView, ...]) -> HallView:
    stale = [node.stale for node in nodes]
    queues = [node.queue.good for node in nodes if node.queue and node.queue.good]
    services = tuple(service for queue in queues for service in queue.services)
    waits = [service.oldest_wait_s for service in services if service.waiting > 0]
    windows = [seen.good for node in nodes for seen in node.windows.values()]
    devices = Counter(standing_of(seen) for node in nodes for seen in node.devices.values())
    return HallView(
        hall,
        nodes,
        stale=min((each for each in stale if each), key=lambda each: each.since_s)
        if all(stale) and stale
        else None,
        heard_s=max((node.heard_s for node in nodes), default=None),
        waiting=sum(max(0, service.waiting) for service in services),
        longest_wait_s=max(waits, default=None),
        services=services,
        windows_open=sum(window is not None and window.state != "closed" for window in windows),
        windows=len(windows),
        devices=devices,
        alerts=tuple(sorted(_alerts(nodes), key=_gravity)),
    )


def _alerts(nodes: Iterable[NodeView]) -> Iterable[AlertView]:
    for node in nodes:
        devices = node.devices.keys() | node.names.devices.keys()
        for key, seen in node.alerts.items():
            kind, _, id_ = key.partition("-")
            of = {
                "device": id_ if kind == "device" and id_ in devices else "",
                "camera": id_ if kind == "camera" and id_ in node.camera else "",
            }
            yield AlertView(node.hall, node.node, key, seen, node.stale, **of)


def _gravity(alert: AlertView) -> tuple[bool, int, float, str, str]:
    """What nobody has taken on first, then the graver, then the older."""
    rank = ("bad", "warn", "off", "good").index(alert.standing)
    since_s = alert.seen.good.since if alert.seen.good else 0.0
    return alert.acknowledged, rank, since_s, alert.node, alert.key
