"""The topics as AsyncAPI 3.0.0, made from the messages themselves: what a node says and hears over MQTT.

https://www.asyncapi.com/docs/reference/specification/v3.0.0; bindings: MQTT 0.2.0.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from edge import __version__, wire
from edge.schema import TOPICS, topic, wire_schema
from edge.wire import about

RETAINED = frozenset(
    {"status", "queue", "cameras", "health", "about"}
)  # and what has the name of a device, say
HEARD = frozenset({"ack", "cmd/<verb>"})  # by a node; all others it says
REPLY = "reply/<client>/<id>"
QOS = 1
SERVER = {"host": "broker.example:8883", "protocol": "mqtts", "protocolVersion": "3.1.1"}
PARAMETERS = {
    "hall": "a hall's id, as its configuration has it",
    "node": "the id of one of its nodes",
    "device": "a device's id",
    "window": "a window's id",
    "camera": "a camera's id",
    "key": "what is wrong, and of what",
    "verb": "a command, as `hallctl send` knows it",
    "client": "who asked: the `reply_to` of the request has it",
    "id": "the request's own id",
}


def asyncapi() -> dict[str, Any]:
    """The whole document, as JSON. Each message's schema is the one that it is checked by."""
    schemas = {name: _moved(node) for name, node in wire_schema()["$defs"].items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "hall-edge",
            "version": __version__,
            "description": f"Topics of a hall's nodes, version {wire.VERSION} of their messages. {_DELIVERY}",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {"host": "broker.example:8883", "protocol": "mqtts", "protocolVersion": "3.1.1"}
        },
        "channels": {_name(each): _channel(each) for each in TOPICS},
        "operations": {_does(each): _operation(each) for each in TOPICS if each != REPLY},
        "components": {
            "messages": {name: _message(name) for name in sorted(set(TOPICS.values()))},
            "schemas": schemas,
        },
    }


_DELIVERY = (
    "Everything is published at QoS 1 and may come more than once. What is retained is the whole of its "
    "topic, and an empty payload takes it back. Events are in order of seq without gaps within an epoch: "
    "a reader that keeps the last seq of each node sees what it has lost, and what has come twice."
)


def _does(name: str) -> str:
    return f"{'hear' if name in HEARD else 'say'}_{_name(name)}"


def _name(name: str) -> str:
    """A channel's, of letters: `device/<device>` is `device`, `event/live` is `event_live`."""
    return re.sub(r"/<[a-z]+>", "", name).replace("/", "_")


def _channel(name: str) -> dict[str, Any]:
    address = topic(name).replace("<", "{").replace(">", "}")
    model = TOPICS[name]
    return {
        "address": address,
        "messages": {model: {"$ref": f"#/components/messages/{model}"}},
        "parameters": {each: {"description": PARAMETERS[each]} for each in re.findall(r"{(\w+)}", address)},
    }


def _operation(name: str) -> dict[str, Any]:
    retain = name in RETAINED or ("<" in name and name not in HEARD)
    operation: dict[str, Any] = {
        "action": "receive" if name in HEARD else "send",
        "channel": {"$ref": f"#/channels/{_name(name)}"},
        "messages": [{"$ref": f"#/channels/{_name(name)}/messages/{TOPICS[name]}"}],
        "bindings": {"mqtt": {"qos": QOS, "retain": retain, "bindingVersion": "0.2.0"}},
    }
    if TOPICS[name] == "Request":
        operation["reply"] = {
            "address": {"location": "$message.payload#/reply_to"},
            "channel": {"$ref": f"#/channels/{_name(REPLY)}"},
            "messages": [{"$ref": f"#/channels/{_name(REPLY)}/messages/Reply"}],
        }
    return operation


def model(name: str) -> type:
    """The message of that name."""
    found: type = getattr(wire, name, None) or getattr(about, name)
    return found


def _message(name: str) -> dict[str, Any]:
    says = inspect.getdoc(model(name)) or name
    return {
        "name": name,
        "summary": says.splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }


def _moved(node: Any) -> Any:
    """A schema as it stands in this document: what it points at lies among the components."""
    if isinstance(node, list):
        return [_moved(inner) for inner in node]
    if not isinstance(node, dict):
        return node.replace("#/$defs/", "#/components/schemas/") if isinstance(node, str) else node
    # A discriminator is OpenAPI's object, and a name in AsyncAPI; each fact's `kind` is a constant anyway.
    return {key: _moved(inner) for key, inner in node.items() if key != "discriminator"}
