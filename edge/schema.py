"""JSON Schema of what others write to us and read from us: the configuration and the wire."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from drivers.checking.problems import BadDevice
from drivers.registry import Registry, settings_schema
from edge import wire
from edge.settings.tables import Document
from edge.wire import about

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CHILDREN = (
    "children"  # of a bus: written as [[device.child]], each with the hall's own keys beside the driver's
)

# What is published where; "hall/1/<hall>/<node>/" stands before each but the last.
TOPICS: Mapping[str, str] = {
    "status": "NodeStatus",
    "device/<device>": "DeviceStatus",
    "window/<window>": "WindowStatus",
    "queue": "QueueStatus",
    "camera/<camera>": "CameraStatus",
    "cameras": "CamerasStatus",
    "alert/<key>": "Alert",
    "health": "NodeHealth",
    "about": "NodeAbout",
    "event": "EventBatch",
    "event/live": "EventBatch",
    "ack": "Ack",
    "cmd/<verb>": "Request",
    "reply/<client>/<id>": "Reply",
}


def config_schema(registry: Registry | None = None) -> dict[str, Any]:
    """Of a configuration file, with the settings of each family that is installed and loads.

    A family's settings may lack what its model's file gives, so none of them is required here.
    """
    registry = registry or Registry()
    schema = Document.model_json_schema()
    device = schema["$defs"]["DeviceTable"]
    device["allOf"] = []
    for family in registry.families():
        try:
            settings = settings_schema(registry.driver(family).spec.settings)
        except BadDevice:  # `check` says why; a schema of the others is still of use
            continue
        schema["$defs"] |= {f"{family}.{name}": node for name, node in _own_defs(settings, family).items()}
        device["allOf"].append(_when(family, schema["$defs"]))
    return {"$schema": DIALECT, **schema}


def wire_schema() -> dict[str, Any]:
    """Of every message on MQTT and the control socket. "topics" says which is published where; an event is
    its Stamp, one of the facts and an act's Seal in one flat object."""
    models = [
        model
        for module in (wire, about)
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, BaseModel) and model.__module__.startswith(f"{wire.__name__}.")
    ]
    _, schema = models_json_schema([(model, "validation") for model in models])
    facts = wire.FACTS.json_schema(ref_template="#/$defs/{model}")
    facts.pop("$defs")
    defs = schema["$defs"]
    defs["AnyFact"] = facts
    either = [{"required": [name]} for name in wire.Seal.model_fields]
    sealed = {"if": {"anyOf": either}, "then": {"$ref": "#/$defs/Seal"}}
    defs["Event"] = {"allOf": [{"$ref": "#/$defs/Stamp"}, {"$ref": "#/$defs/AnyFact"}, sealed]}
    defs["EventBatch"]["properties"]["events"]["items"] = {"$ref": "#/$defs/Event"}
    topics = {topic(name): {"$ref": f"#/$defs/{model}"} for name, model in TOPICS.items()}
    return {
        "$schema": DIALECT,
        "title": f"hall-edge wire, version {wire.VERSION}",
        "topics": topics,
        **schema,
    }


def topic(name: str) -> str:
    """The whole of it, with names in angle brackets."""
    node = "" if name.startswith("reply/") else "<hall>/<node>/"
    return f"hall/{wire.VERSION}/{node}{name}"


def _own_defs(settings: Mapping[str, Any], family: str) -> dict[str, Any]:
    """The definitions of one family, pointing at each other under its own name; "settings" is the whole."""

    def rename(node: Any) -> Any:
        if isinstance(node, list):
            return [rename(inner) for inner in node]
        if not isinstance(node, dict):
            return node
        renamed = {key: rename(inner) for key, inner in node.items() if key != "required"}
        if isinstance(ref := node.get("$ref"), str):
            renamed["$ref"] = ref.replace("#/$defs/", f"#/$defs/{family}.")
        return renamed

    whole = {key: node for key, node in settings.items() if key != "$defs"}
    return {**rename(settings["$defs"]), "settings": rename(whole)}


def _when(family: str, defs: dict[str, Any]) -> dict[str, Any]:
    """The rule that a device with this driver has that driver's settings, and children where it has them."""
    then: dict[str, Any] = {"settings": {"$ref": f"#/$defs/{family}.settings"}}
    whole = _target(defs[f"{family}.settings"], defs)
    children = whole.get("properties", {}).pop(_CHILDREN, None)
    if children:
        child = _target(children["items"], defs)
        child["properties"] |= {
            key: node
            for key, node in defs["ChildTable"]["properties"].items()
            if key not in child["properties"]
        }
        then["child"] = {"type": "array", "items": child}
    return {"if": {"properties": {"driver": {"const": family}}}, "then": {"properties": then}}


def _target(node: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = defs[node["$ref"].removeprefix("#/$defs/")]
    return node
