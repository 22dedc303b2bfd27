"""Event batches: what is read, what is refused, and where a malformed event stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edge.console.batch import MAX_SEQ, Bad, BadBatch, Parsed, parse

EPOCH = "e" * 32


def event(seq: object, **more: Any) -> dict[str, Any]:
    stamp = {
        "epoch": EPOCH,
        "seq": seq,
        "id": "1" * 32,
        "at": 1.5,
        "boot": "b" * 32,
        "mono": 2,
        "clock_ok": True,
    }
    return {**stamp, "by": "node", "kind": "ticket.called", **more}


def batch(*events: object, **more: Any) -> bytes:
    return json.dumps({"v": 1, "events": list(events), **more}).encode()


def places(payload: bytes) -> list[tuple[str, int]]:
    return [(item.epoch, item.seq) for item in parse(payload)]


def test_an_event_of_a_kind_that_nobody_knows_is_kept_as_it_is() -> None:
    (item,) = parse(batch(event(7, kind="robot.waved", hand="左", nested={"a": [1, None]})))
    assert isinstance(item, Parsed)
    assert (item.epoch, item.seq, item.id, item.kind, item.at) == (EPOCH, 7, "1" * 32, "robot.waved", 1.5)
    assert json.loads(item.body) == event(7, kind="robot.waved", hand="左", nested={"a": [1, None]})
    assert "左" in item.body


def test_an_empty_batch_and_unknown_fields_are_no_fault() -> None:
    assert parse(batch()) == []
    assert len(parse(batch(event(1), from_="a later version"))) == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"events":{}}',
        b'{"v":2,"events":[]}',
        b'{"v":1,"events":[1,2]}',
        b'{"v":1,"events":[{}]}',
        b'{"v":1,"events":[NaN]}',
        b"[" * 100_000,
        batch(*[event(n) for n in range(1, 1_002)]),
        batch({}, event(1)),  # the first would have seq 0
        batch(event(MAX_SEQ), {}),
    ],
)
def test_what_cannot_be_placed_is_refused_whole(payload: bytes) -> None:
    with pytest.raises(BadBatch):
        parse(payload)


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "short"},
        {"id": None},
        {"kind": ""},
        {"kind": 5},
        {"kind": "x" * 65},
        {"at": "now"},
        {"boot": "?"},
        {"mono": None},
        {"clock_ok": "yes"},
        {"by": 1},
    ],
)
def test_a_malformed_event_with_a_place_keeps_it(fault: dict[str, Any]) -> None:
    before, bad, after = parse(batch(event(1), event(2, **fault), event(3)))
    assert isinstance(before, Parsed)
    assert isinstance(after, Parsed)
    assert isinstance(bad, Bad)
    assert bad.seq == 2
    assert bad.reason
    assert json.loads(bad.body) == event(2, **fault)


@pytest.mark.parametrize(
    "stranger", [{}, None, "text", [], event("2"), event(True), event(2.0), event(2, epoch="E")]
)
def test_an_event_without_a_place_has_that_which_its_neighbours_leave(stranger: object) -> None:
    expected = [(EPOCH, 1), (EPOCH, 2), (EPOCH, 3)]
    assert places(batch(event(1), stranger, event(3))) == expected
    assert places(batch(event(1), event(2), stranger)) == expected
    assert places(batch(stranger, event(2), event(3))) == expected
    assert places(batch(stranger, stranger, event(3))) == expected
    assert isinstance(parse(batch(event(1), stranger))[1], Bad)


@pytest.mark.parametrize("at", [b"1e999", b"NaN", b"-Infinity"])
def test_what_is_no_number_is_malformed_where_it_matters(at: bytes) -> None:
    payload = batch(event(1, at="@"), event(2)).replace(b'"@"', at)
    assert [type(item) for item in parse(payload)] == [Bad, Parsed]
    payload = batch(event(1, load="@")).replace(b'"@"', b"1e999")
    (item,) = parse(payload)
    assert isinstance(item, Parsed)
    assert json.loads(item.body)["load"] == "Infinity"  # JSON has no other word for it
