"""The topics as AsyncAPI: whole, about what is really published, readable by the tools of that standard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator

from edge import wire
from edge.asyncapi import asyncapi, model
from edge.schema import TOPICS, topic

MADE = asyncapi()
# Of JSON Schema 2020-12, and unknown to the draft that AsyncAPI reads by default.
LATER = {"$defs", "prefixItems", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "$anchor"}
# Specification 3.0.0: what each object may have of what is used here.
ALLOWED = {
    "": {"asyncapi", "info", "defaultContentType", "servers", "channels", "operations", "components"},
    "channels": {"address", "messages", "parameters"},
    "operations": {"action", "channel", "messages", "bindings", "reply"},
    "messages": {"name", "summary", "payload"},
}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def target(pointer: str) -> Any:
    found: Any = MADE
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_it_has_what_the_specification_asks_for_and_no_more() -> None:
    assert json.loads(json.dumps(MADE)) == MADE
    assert MADE["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(MADE["info"])
    assert set(MADE) == ALLOWED[""]
    for kind in ("channels", "operations"):
        assert all(set(each) <= ALLOWED[kind] for each in MADE[kind].values())
    assert all(set(each) <= ALLOWED["messages"] for each in MADE["components"]["messages"].values())
    assert {each["action"] for each in MADE["operations"].values()} == {"send", "receive"}


def test_everything_that_is_pointed_at_is_there() -> None:
    pointers = [node["$ref"] for node in nodes(MADE) if isinstance(node.get("$ref"), str)]
    assert len(pointers) > 100
    for pointer in pointers:
        assert isinstance(target(pointer), dict), pointer


def test_each_topic_is_a_channel_with_its_parameters_and_message() -> None:
    addresses = {channel["address"]: channel for channel in MADE["channels"].values()}
    assert set(addresses) == {re.sub(r"<(\w+)>", r"{\1}", topic(name)) for name in TOPICS}
    assert "hall/1/{hall}/{node}/device/{device}" in addresses
    for address, channel in addresses.items():
        assert set(re.findall(r"{(\w+)}", address)) == set(channel["parameters"])
        (message,) = channel["messages"]
        assert model(message)


def test_what_is_retained_is_what_stays_at_the_broker() -> None:
    retained = {
        name for name, each in MADE["operations"].items() if each["bindings"]["mqtt"]["retain"] is True
    }
    assert retained == {
        f"say_{name}"
        for name in ("status", "device", "window", "queue", "camera", "cameras", "alert", "health", "about")
    }
    assert MADE["operations"]["hear_cmd"]["reply"]["channel"] == {"$ref": "#/channels/reply"}


def test_its_schemas_are_of_the_draft_that_the_standard_reads_and_judge_as_ours_do() -> None:
    schemas = MADE["components"]["schemas"]
    words = {key for node in nodes(schemas) for key in node}
    assert not words & LATER
    assert "discriminator" not in words  # an object in OpenAPI, a name in AsyncAPI
    whole = {"$ref": "#/components/schemas/DeviceStatus", "components": MADE["components"]}
    Draft7Validator.check_schema(schemas["DeviceStatus"])
    good = wire.DeviceStatus(device="printer", state="online", since=1.0).model_dump(mode="json")
    assert Draft7Validator(whole).is_valid(good)
    assert not Draft7Validator(whole).is_valid(good | {"state": "asleep"})
