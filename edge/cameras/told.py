"""Where the present of the cameras is told: retained topics of the node."""

from __future__ import annotations

from collections.abc import Iterable

from edge.settings import Settings
from edge.uplink import Uplink
from edge.wire import Alert, CamerasStatus, CameraStatus, Topics

ALL = "cameras"  # the alert of all together


class OnBroker:
    """Implements `edge.cameras.work.Told`."""

    def __init__(self, settings: Settings, uplink: Uplink) -> None:
        self._topics = Topics(settings.hall.id, settings.node.id)
        self._uplink = uplink

    def camera(self, status: CameraStatus) -> None:
        self._uplink.retain(self._topics.camera(status.camera), status)

    def cameras(self, status: CamerasStatus) -> None:
        self._uplink.retain(self._topics.cameras, status)

    def alert(self, key: str, alert: Alert | None) -> None:
        topic = self._topics.alert(key)
        if alert is None:
            self._uplink.clear(topic)
        else:
            self._uplink.retain(topic, alert)


def alert_key(camera: str) -> str:
    return f"camera-{camera}"


def topics_of(topics: Topics, cameras: Iterable[str]) -> list[str]:
    """All that is retained of these, beside alerts."""
    each = [topics.camera(camera) for camera in cameras]
    return [topics.cameras, *each] if each else []


def alerts_of(topics: Topics, cameras: Iterable[str]) -> list[str]:
    each = [topics.alert(alert_key(camera)) for camera in cameras]
    return [topics.alert(ALL), *each] if each else []
