"""Ten thousand times what no terminal should send, over HTTP and as lines, and what is made of it."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

from drivers.api import BadFrame
from drivers.heartbeat.codec import Failed, HttpCodec, LineCodec
from drivers.heartbeat.reading import read
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.heartbeat.sim import FIELDS, VALUES, HeartbeatSim
from drivers.strictjson import loads
from tests.unit.test_heartbeat_codec import BY_CHUNKS, BY_CLOSE, BY_LENGTH

COUNT = 10_000
LIMIT = 1000
HELD = LIMIT + 20_000  # with h11's own limit of 16 KiB for what is no body
SETTINGS = HeartbeatSettings(fields=FIELDS, values=VALUES)
GOOD = b'{"good":1}\n'
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x" * 300,
    "\ud800\n\x1b",
    [],
    {},
    [[]],
    "2024-13-45",
    "1e9",
]


def spoil(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(3):
            case 0:
                out[at : at + 1] = rng.randbytes(1)
            case 1:
                del out[at : at + rng.randint(1, 8)]
            case _:
                out[at:at] = rng.randbytes(rng.randint(1, 8))
    return bytes(out)


def twist(rng: random.Random, value: Any) -> Any:
    if rng.random() < 0.2:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {rng.choice([key, key, key, "x"]): twist(rng, inner) for key, inner in value.items()}
    return [twist(rng, inner) for inner in value] if isinstance(value, list) else value


def test_http_bears_any_bytes() -> None:
    rng = random.Random("http")
    codec, failures, answers = HttpCodec(LIMIT), 0, 0
    for _ in range(COUNT):
        if not codec.reusable:
            codec = HttpCodec(LIMIT)
        codec.request("192.0.2.1", "/")
        data = spoil(rng, rng.choice([BY_LENGTH, BY_CHUNKS, BY_CLOSE]))
        if rng.random() < 0.2:
            data = rng.randbytes(rng.randint(1, 300))
        cut = rng.randrange(len(data) + 1)
        found = [*codec.feed(data[:cut]), *codec.feed(data[cut:])]
        assert codec.buffered <= HELD
        found += codec.end()
        failures += sum(isinstance(each, Failed) for each in found)
        answers += sum(not isinstance(each, Failed) for each in found)
        codec = HttpCodec(LIMIT)
    assert failures > 100
    assert answers > 100


def test_a_line_that_is_spoilt_costs_no_more_than_itself() -> None:
    rng = random.Random("lines")
    codec = LineCodec(LIMIT)
    line = json.dumps(HeartbeatSim().document).encode()
    for _ in range(COUNT):
        spoilt = spoil(rng, line) if rng.random() < 0.7 else rng.randbytes(rng.randint(0, 3 * LIMIT))
        found = codec.feed(spoilt)
        assert codec.buffered <= LIMIT
        found = [*found, *codec.feed(b"\n" + GOOD)]
        assert found[-1] == {"good": 1}
        assert all(len(each.data) <= 64 for each in found if isinstance(each, BadFrame))


def test_any_document_is_read_or_told() -> None:
    rng = random.Random("documents")
    document = HeartbeatSim().document
    for _ in range(COUNT):
        reading = read(loads(json.dumps(twist(rng, document))), SETTINGS)
        told = {detail.split()[0] for code, detail in reading.wrong if code.startswith("field_")}
        assert told | reading.values.keys() == set(FIELDS)
        assert not told & reading.values.keys()
        assert all(value and value.isprintable() and len(value) <= 64 for value in reading.values.values())
        assert all(detail.isprintable() and len(detail) <= 120 for _, detail in reading.wrong)
        if amount := reading.values.get("takings_today"):
            assert Decimal(amount) >= 0
