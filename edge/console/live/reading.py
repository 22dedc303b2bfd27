"""From a topic and its bytes to what they say. Nothing here raises for what a stranger sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from edge.console.live.things import Fault, Key, Kind, Unreadable
from edge.wire import (
    MAX_ABOUT,
    VERSION,
    Alert,
    CamerasStatus,
    CameraStatus,
    DeviceStatus,
    NodeHealth,
    NodeStatus,
    QueueStatus,
    WindowStatus,
    split_topic,
)
from edge.wire.about import NodeAbout
from edge.wire.plain import plain

KIB = 1024
MODELS: Mapping[Kind, tuple[type[BaseModel], int, str]] = MappingProxyType(
    {  # with the most bytes, many times what a node says; and the field that names whose it is
        "node": (NodeStatus, 4 * KIB, ""),
        "health": (NodeHealth, 4 * KIB, ""),
        "queue": (QueueStatus, 64 * KIB, ""),
        "cameras": (CamerasStatus, 16 * KIB, ""),
        "about": (NodeAbout, MAX_ABOUT, ""),
        "device": (DeviceStatus, 16 * KIB, "device"),
        "window": (WindowStatus, 4 * KIB, "window"),
        "camera": (CameraStatus, 16 * KIB, "camera"),
        "alert": (Alert, 16 * KIB, "key"),
    }
)
_ALONE: Mapping[str, Kind] = MappingProxyType(
    {"status": "node", "health": "health", "queue": "queue", "cameras": "cameras", "about": "about"}
)
_NAMED: Mapping[str, Kind] = MappingProxyType(
    {"device": "device", "window": "window", "camera": "camera", "alert": "alert"}
)
LARGEST = 1e15  # of a number: sums and times are far below, and beyond it a page is no longer one
DETAIL = 200  # characters of what a technician is told
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ALERT = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,199}")  # of alerts that are made of two names


def key_of(topic: str) -> Key | None:
    """Whose it is; None for a topic of which a node retains nothing."""
    split = split_topic(topic)
    if split is None or not all(_NAME.fullmatch(part) for part in split[:2]):
        return None
    hall, node, rest = split
    if kind := _ALONE.get(rest):
        return Key(kind, hall, node)
    family, _, name = rest.partition("/")
    kind = _NAMED.get(family)
    pattern = _ALERT if kind == "alert" else _NAME
    return Key(kind, hall, node, name) if kind and pattern.fullmatch(name) else None


def read(key: Key, payload: bytes) -> BaseModel | Unreadable:
    """What it says. Fields of a later program are ignored; another version than ours is not guessed at."""
    model, most, naming = MODELS[key.kind]
    if len(payload) > most:
        return Unreadable("too_large", f"{len(payload)} > {most}")
    try:
        said = from_json(payload)
    except ValueError as error:  # also what is nested too deep
        return _unreadable("not_json", str(error))
    if not isinstance(said, dict):
        return Unreadable("not_it")
    if _beyond_sense(said):
        return Unreadable("beyond_sense")
    if (version := said.get("v", VERSION)) != VERSION:
        return _unreadable("later_version" if isinstance(version, int) else "not_it", f"v: {version}")
    if naming and said.get(naming) != key.name:
        return _unreadable("names_another", f"{naming}: {said.get(naming)}")
    try:
        return model.model_validate(said, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return _unreadable("not_it", f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


def _beyond_sense(said: object) -> bool:
    """Whether a number in it is none that anything here could be."""
    waiting = [said]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, int | float) and not (abs(each) <= LARGEST and isfinite(each)):
            return True
    return False


def _unreadable(fault: Fault, detail: str) -> Unreadable:
    return Unreadable(fault, plain(detail[:DETAIL]))
