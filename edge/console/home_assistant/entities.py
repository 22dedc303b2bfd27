"""What a node is to Home Assistant: a device, and one more for each of its devices and cameras. Pure.

Device-based discovery as Home Assistant has it from 2024.11 on. Entities read this project's own topics as
they stand at the broker, by constant templates; names of strangers are strings of JSON and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core import to_json

from edge import __version__
from edge.console.home_assistant import templates
from edge.console.home_assistant.settings import HomeAssistantTable
from edge.wire import CameraPhase, DeviceStateName, Topics
from edge.wire.about import AboutCamera, AboutDevice, NodeAbout
from edge.wire.plain import plain

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # what may stand in a topic
_WITH_PAPER = ("printer", "xfs4iot", "heartbeat")  # families that tell of paper
_LANGS = ("zh", "en")
_WORDS = {
    "connected": ("在线", "Connected"),
    "waiting": ("等候人数", "Waiting"),
    "longest_wait": ("最长等候", "Longest wait"),
    "cameras_ok": ("正常的摄像机", "Cameras ok"),
    "cameras": ("摄像机故障", "Cameras"),
    "unsent": ("未上报的事件", "Events not yet told"),
    "memory": ("内存", "Memory"),
    "problem": ("故障", "Problem"),
    "state": ("状态", "State"),
    "conditions": ("情况", "Conditions"),
    "paper": ("纸不足", "Paper low"),
    "restart": ("重新连接", "Open afresh"),
    "picture": ("画面故障", "Picture"),
    "faults": ("画面情况", "Picture faults"),
}

Said = dict[str, Any]


def object_id(*names: str) -> str:
    """One for each path of names, in the characters that a discovery topic may have: an underscore within a
    name is doubled, and since no name begins with one, what is odd is a boundary."""
    return "_".join(("hall", *(name.replace("_", "__") for name in names)))


def config_topic(prefix: str, *names: str) -> str:
    return f"{prefix}/device/{object_id(*names)}/config"


def announced(hall: str, node: str, about: NodeAbout, settings: HomeAssistantTable) -> dict[str, bytes]:
    """Topic and payload of the node, of its devices, of its cameras. Of two with one id the first counts;
    what has no usable id is left out."""
    telling = _Telling(hall, node, about, settings)
    told = dict([telling.node()])
    for topic, payload in telling.things():
        told.setdefault(topic, payload)
    return told


@dataclass(slots=True)
class _Telling:
    hall: str
    node_id: str
    about: NodeAbout
    settings: HomeAssistantTable

    @property
    def topics(self) -> Topics:
        return Topics(self.hall, self.node_id)

    def node(self) -> tuple[str, bytes]:
        topics, health = self.topics, {"state_topic": self.topics.health, "entity_category": "diagnostic"}
        # Whether it is there is what this one tells, so it is itself always there.
        said: Said = {"connected": _binary(topics.status, templates.CONNECTED, "connectivity")}
        said["connected"] |= {"availability": [], "entity_category": "diagnostic"}
        if self.about.services:
            waiting = _measured(topics.queue, templates.WAITING)
            longest = _measured(topics.queue, templates.LONGEST_WAIT_S, "duration", "s")
            said |= {"waiting": waiting, "longest_wait": longest}
        if self.about.cameras:
            said["cameras_ok"] = _measured(topics.cameras, templates.CAMERAS_OK)
            said["cameras"] = _binary(topics.cameras, templates.CAMERAS_BAD, "problem")
        said["unsent"] = _measured(topics.health, templates.UNSENT) | health
        said["memory"] = _measured(topics.health, templates.MEMORY_MB, "data_size", "MB") | health
        return self._config((), f"{self._area()} {self.node_id}", {"model": "hall-edge"}, said)

    def things(self) -> Iterator[tuple[str, bytes]]:
        windows = {window.id: window.name for window in self.about.windows}
        for device in self.about.devices:
            if _NAME.fullmatch(device.id):
                yield self.device(device, windows)
        for camera in self.about.cameras:
            if _NAME.fullmatch(camera.id):
                yield self.camera(camera)

    def device(self, device: AboutDevice, windows: Mapping[str, str]) -> tuple[str, bytes]:
        topic = self.topics.device(device.id)
        said: Said = {
            "problem": _binary(topic, templates.PROBLEM, "problem"),
            "state": _one_of(topic, templates.STATE, get_args(DeviceStateName)),
            "conditions": _text(topic, templates.CONDITIONS),
        }
        if device.driver in _WITH_PAPER:
            said["paper"] = _binary(topic, templates.PAPER_LOW, "problem")
        if self.settings.commands and not device.line and device.driver != "kiosk":
            said["restart"] = {
                "platform": "button",
                "command_topic": self.topics.command("device.restart"),
                "command_template": templates.RESTART,
                "payload_press": device.id,
                "device_class": "restart",
                "entity_category": "config",
            }
        called = (self._of(device.name, device.name_en), device.id, windows.get(device.window, ""))
        name = " · ".join(filter(None, called))
        return self._config((device.id,), name, {"model": device.model or device.driver}, said)

    def camera(self, camera: AboutCamera) -> tuple[str, bytes]:
        topic, line = self.topics.camera(camera.id), self.topics.device(camera.id)
        said: Said = {
            "problem": _binary(line, templates.PROBLEM, "problem"),
            "picture": _binary(topic, templates.PICTURE_BAD, "problem"),
            "state": _one_of(topic, templates.STATE, get_args(CameraPhase)),
            "faults": _text(topic, templates.FAULTS),
        }
        return self._config(
            (camera.id,), " · ".join(filter(None, (camera.name, camera.id))), {"model": "camera"}, said
        )

    def _config(
        self, names: tuple[str, ...], called: str, more: Mapping[str, str], components: Said
    ) -> tuple[str, bytes]:
        path = (self.hall, self.node_id, *names)
        identifier = "/".join(("hall", *path))
        device: Said = {"identifiers": [identifier], "name": plain(called)}
        device |= {key: plain(text) for key, text in more.items() if text}
        device |= {"manufacturer": "hall-edge", "suggested_area": plain(self._area())}
        if names:
            device["via_device"] = "/".join(("hall", self.hall, self.node_id))
        for key, each in components.items():
            each |= {"unique_id": f"{identifier}/{key}", "name": self._of(*_WORDS[key])}
        status = {"topic": self.topics.status, "value_template": templates.AVAILABLE}
        payload = {
            "device": device,
            "origin": {"name": "hall-edge", "sw_version": __version__},
            "components": components,
            "availability": [status],
            "qos": 1,
        }
        return config_topic(self.settings.prefix, *path), to_json(payload)

    def _area(self) -> str:
        return self._of(self.about.hall_name, self.about.hall_name_en) or self.hall

    def _of(self, zh: str, en: str) -> str:
        return (zh, en or zh)[_LANGS.index(self.settings.lang)]


def _binary(topic: str, template: str, device_class: str) -> Said:
    read = {"state_topic": topic, "value_template": template}
    return {"platform": "binary_sensor", **read, "device_class": device_class}


def _measured(topic: str, template: str, device_class: str = "", unit: str = "") -> Said:
    said = {"platform": "sensor", "state_topic": topic, "value_template": template}
    said |= {"state_class": "measurement"}
    return said | ({"device_class": device_class, "unit_of_measurement": unit} if device_class else {})


def _text(topic: str, template: str) -> Said:
    read = {"state_topic": topic, "value_template": template}
    return {"platform": "sensor", **read, "entity_category": "diagnostic"}


def _one_of(topic: str, template: str, options: tuple[str, ...]) -> Said:
    return _text(topic, template) | {"device_class": "enum", "options": list(options)}
