"""Ten thousand times what no terminal should send, as lines, and what is made of it.

Whatever HTTP may carry is thrown by `tests.property.fuzz_targets`.
"""

from __future__ import annotations

import json
import random
from decimal import Decimal

from drivers.api import BadFrame
from drivers.heartbeat.codec import LineCodec
from drivers.heartbeat.reading import read
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.heartbeat.sim import FIELDS, VALUES, HeartbeatSim
from drivers.strictjson import loads
from tests.property.fuzz_connections import spoil, twist

COUNT = 10_000
LIMIT = 1000
SETTINGS = HeartbeatSettings(fields=FIELDS, values=VALUES)
GOOD = b'{"good":1}\n'


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
