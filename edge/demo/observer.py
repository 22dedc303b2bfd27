"""The independent subscriber: it knows the broker's address and the topics, and nothing of the nodes."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from pydantic import ValidationError

from edge.broker import Broker
from edge.demo.ledger import Ledger, Samples
from edge.ids import new_id
from edge.mqtt import Connection, Session
from edge.wire import (
    Alert,
    CamerasStatus,
    CameraStatus,
    DeviceStatus,
    NodeHealth,
    QueueStatus,
    WindowStatus,
    split_topic,
)

log = logging.getLogger(__name__)

PRESS_MEMORY_S = 5.0  # an event that comes later than this is not the press's


class NodeView:
    """What is seen of one node: its events counted, its newest state, and the time from a key's last byte to
    its event here."""

    def __init__(self) -> None:
        self._pressed: dict[str, float] = {}  # each device's last press, while its event has not come by
        self._came: dict[str, float] = {}  # when each device's last event came by
        self.ledger = Ledger()
        self.byte_to_publish = Samples()
        self.windows: dict[str, WindowStatus] = {}
        self.devices: dict[str, DeviceStatus] = {}
        self.queue: QueueStatus | None = None
        self.health: NodeHealth | None = None
        self.cameras: CamerasStatus | None = None
        self.camera: dict[str, CameraStatus] = {}
        self.alerts: dict[str, Alert] = {}  # that stand

    def pressing(self, device: str) -> None:
        """A key of it is about to be pressed; a press before that had no event was refused."""
        self._pressed.pop(device, None)

    def pressed(self, device: str, at_s: float) -> None:
        """A key frame's last byte was on the line at `at_s` (loop's clock); its event may have come by."""
        came_s = self._came.get(device, -1.0)
        if came_s >= at_s:
            self.byte_to_publish.add(came_s - at_s)
        else:
            self._pressed[device] = at_s

    def take(self, topic: str, payload: bytes, at_s: float) -> None:
        """A message that came at `at_s`; `topic` below the node's. Raises ValidationError."""
        what, _, name = topic.partition("/")
        if not payload:
            if what == "alert":
                self.alerts.pop(name, None)
            return
        match what:
            case "alert":
                self.alerts[name] = Alert.model_validate_json(payload)
            case "event" if not name:
                for event in self.ledger.batch(payload):
                    self._measure(event, at_s)
            case "window":
                self.windows[name] = WindowStatus.model_validate_json(payload)
            case "device":
                self.devices[name] = DeviceStatus.model_validate_json(payload)
            case "queue":
                self.queue = QueueStatus.model_validate_json(payload)
            case "cameras":
                self.cameras = CamerasStatus.model_validate_json(payload)
            case "camera":
                self.camera[name] = CameraStatus.model_validate_json(payload)
            case "health":
                self.health = NodeHealth.model_validate_json(payload)

    def warnings(self) -> list[Alert]:
        """Of supervision; the oldest first."""
        warned = [each for each in tuple(self.alerts.values()) if each.warning]
        return sorted(warned, key=lambda each: each.since)

    def _measure(self, event: dict[str, Any], at_s: float) -> None:
        """The first event of a device after a press of it is that press's."""
        if event["kind"] == "device.changed":
            return
        device = str(event["by"])
        self._came[device] = at_s
        pressed_s = self._pressed.pop(device, None)
        if pressed_s is not None and 0 <= at_s - pressed_s < PRESS_MEMORY_S:
            self.byte_to_publish.add(at_s - pressed_s)


class Observer:
    """Hears all, and keeps what is of the nodes that it watches."""

    def __init__(self, broker: str) -> None:
        self._session = Session([Broker.parse(broker)], f"observer-{new_id()[:8]}")
        self._views: dict[tuple[str, str], NodeView] = {}
        self.sessions = 0  # above 1: the broker was lost, and events may come again
        self.subscribed = asyncio.Event()

    def watch(self, hall: str, node: str) -> NodeView:
        """The view of this node, from now on."""
        return self._views.setdefault((hall, node), NodeView())

    async def run(self) -> None:
        await self._session.run(self._serve)

    async def _serve(self, connection: Connection) -> None:
        await connection.subscribe("hall/1/+/+/#")
        self.sessions += 1
        self.subscribed.set()
        async for message in connection.messages():
            self._take(message.topic, message.payload, asyncio.get_running_loop().time())

    def _take(self, topic: str, payload: bytes, at_s: float) -> None:
        parts = split_topic(topic)
        view = self._views.get(parts[:2]) if parts else None
        if parts is None or view is None:
            return
        try:
            view.take(parts[2], payload, at_s)
        except ValidationError as error:
            log.warning("%s: not what it should be: %s", topic, error.errors()[0]["msg"])
            view.ledger.malformed += 1
