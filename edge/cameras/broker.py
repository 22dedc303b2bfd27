"""Where the present of the cameras is told: retained topics of the node, and its alerts."""

from __future__ import annotations

from edge.alerts import Alerts
from edge.settings import Settings
from edge.uplink import Uplink
from edge.wire import Alert, CamerasStatus, CameraStatus, Topics


class OnBroker:
    """Implements `edge.cameras.part.Told`."""

    def __init__(self, settings: Settings, uplink: Uplink, alerts: Alerts) -> None:
        self._topics = Topics(settings.hall.id, settings.node.id)
        self._uplink = uplink
        self._alerts = alerts

    def camera(self, status: CameraStatus) -> None:
        self._uplink.retain(self._topics.camera(status.camera), status)

    def cameras(self, status: CamerasStatus) -> None:
        self._uplink.retain(self._topics.cameras, status)

    def alert(self, key: str, alert: Alert | None) -> None:
        self._alerts.put("camera", key, alert)
