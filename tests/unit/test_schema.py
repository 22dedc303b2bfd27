"""The JSON Schemas, read by an independent validator."""

from __future__ import annotations

import inspect
import json
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from drivers.registry import Registry
from edge import wire
from edge.schema import TOPICS, config_schema, wire_schema
from tests.unit.registry_kit import WHOLE, entry_points, replaced

CONFIG = config_schema(Registry(allow=["slip", "line"], entry_points=entry_points()))
WIRE = wire_schema()
OURS = ("slip.", "line.")  # families of the tests, whose settings describe nothing


def errors(schema: dict[str, Any], instance: object) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(instance)]


def config_errors(text: str) -> list[str]:
    return errors(CONFIG, json.loads(json.dumps(tomllib.loads(text))))


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    tables = {"": schema, **schema["$defs"]}
    for table, node in tables.items():
        for name, found in node.get("properties", {}).items():
            yield f"{table}.{name}", found


# --- the configuration ---
@pytest.mark.parametrize("schema", [CONFIG, WIRE], ids=["config", "wire"])
def test_they_are_json_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_right_configuration_is_right_by_the_schema() -> None:
    assert config_errors(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('id = "demo"', 'id = "Demo"', "$.hall.id"),
        ("[node]", "[node]\nmax_mb = 1", "$.node.max_mb"),
        ('prefix = "A"', 'prefix = "a"', "$.service[0].prefix"),
        ("columns = 32", 'columns = "x"', "$.device[0].settings.columns"),
        ("columns = 32", "heartbeat_s = 0", "$.device[0].settings.heartbeat_s"),
        ("columns = 32", "colums = 32", "$.device[0].settings"),
        ("columns = 32", "margin = { left = 11 }", "$.device[0].settings.margin.left"),
        ("address = 2", "address = 0", "$.device[1].child[1].address"),
        ("address = 2", "adress = 2", "$.device[1].child[1]"),
        ('kind = "pad"', 'kind = "pda"', "$.device[1].child[1].kind"),
        ('2 = "social"', 'x = "social"', "$.device[1].child[3].services"),
    ],
)
def test_the_schema_finds_what_check_finds(old: str, new: str, path: str) -> None:
    assert path in config_errors(replaced(old, new))


def test_what_a_model_may_give_is_not_required() -> None:
    assert config_errors(replaced("[device.settings]\ncolumns = 32\n", "")) == []


def test_every_setting_of_the_configuration_is_described() -> None:
    bare = [
        name for name, node in properties(CONFIG) if not name.startswith(OURS) and not node.get("description")
    ]
    assert bare == []


def test_a_driver_that_does_not_load_leaves_the_rest_of_the_schema() -> None:
    broken = EntryPoint("slip", "no.such.module:Driver", "hall_edge.drivers")
    schema = config_schema(Registry(allow=["slip"], entry_points=lambda: [broken]))
    assert schema["$defs"]["DeviceTable"]["allOf"] == []


# --- the wire ---
def test_every_message_is_in_the_schema_and_every_topic_leads_to_one() -> None:
    assert {"NodeStatus", "Ack", "Request", "Reply", "TicketCalled", "Dropped"} <= set(WIRE["$defs"])
    assert set(TOPICS.values()) <= set(WIRE["$defs"])
    for reference in WIRE["topics"].values():
        assert reference["$ref"].removeprefix("#/$defs/") in WIRE["$defs"]


def test_topics_are_those_that_the_node_uses() -> None:
    topics = wire.Topics("<hall>", "<node>")
    named = {
        method(*(f"<{name}>" for name in inspect.signature(method).parameters))
        for name, method in inspect.getmembers(topics, inspect.ismethod)
        if not name.startswith("_")
    }
    plain = set(vars(topics).values()) - {topics.base, topics.commands}
    assert set(WIRE["topics"]) == plain | named | {wire.reply_topic("<client>", "<id>")}


def event(**changes: object) -> dict[str, object]:
    stamp = wire.Stamp(
        epoch="a" * 32, seq=1, id="b" * 32, at=1.0, boot="c" * 32, mono=1.0, clock_ok=True, by="node"
    )
    fact = wire.TicketPrinted(ticket="A001", copies=1)
    return {**stamp.model_dump(), **fact.model_dump(), **changes}


def test_an_event_is_a_stamp_a_fact_and_a_seal_in_one_object() -> None:
    batch = {"$ref": "#/$defs/EventBatch", "$defs": WIRE["$defs"]}
    assert errors(batch, {"v": 1, "events": [event()]}) == []
    assert errors(batch, {"v": 1, "events": [event(seq=0)]}) != []
    assert errors(batch, {"v": 1, "events": [event(kind="ticket.eaten")]}) != []
    seal = {"follows": "d" * 64, "link": "e" * 64}
    assert errors(batch, {"v": 1, "events": [event(**seal)]}) == []
    assert errors(batch, {"v": 1, "events": [event(**seal | {"link": "short"})]}) != []
    assert errors(batch, {"v": 1, "events": [event(link=seal["link"])]}) != []
    without = event()
    del without["copies"]
    assert errors(batch, {"v": 1, "events": [without]}) != []


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("NodeStatus", {"state": "gone"}),
        ("Request", {"id": "x", "verb": "Status"}),
        ("Ack", {"epoch": "a" * 32, "seq": -1}),
    ],
)
def test_the_wires_schema_refuses_what_the_models_refuse(model: str, message: dict[str, object]) -> None:
    assert errors({"$ref": f"#/$defs/{model}", "$defs": WIRE["$defs"]}, message)
