"""Seeded rubbish for connections that cannot be read on after an error: their driver opens a new one.

So what is asked of their codecs is another thing than of those in `tests.property.fuzz`: that they say so
once, stay deaf, hold no more than they may, and that a new connection reads what comes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from drivers.api import BadFrame
from drivers.heartbeat.codec import Failed as HttpFailed
from drivers.heartbeat.codec import HttpCodec
from drivers.xfs4iot.codec import MAX_FRAME, Failed
from tests.golden.xfs4iot_messages import READ
from tests.unit.test_heartbeat_codec import BY_CHUNKS, BY_CLOSE, BY_LENGTH
from tests.unit.test_xfs4iot_codec import MESSAGE, STATUS, frame, opened

GOOD = frame(STATUS.encode())
TEXTS = [text.encode() for text, _ in READ]
HTTP_LIMIT = 1000
HTTP_HELD = HTTP_LIMIT + 20_000  # with h11's own limit of 16 KiB for what is no body
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
    "2024-13-45",
    "1e9",
    [],
    {},
    [[]],
    [{}],
    {"": None},
]


def spoil(rng: random.Random, data: bytes) -> bytes:
    """A few bytes changed, cut out or put in."""
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
    """The same document with something else in some places."""
    if rng.random() < 0.15:
        return rng.choice(ODD)
    if isinstance(value, dict):
        twisted = {rng.choice([key, key, key, "x"]): twist(rng, inner) for key, inner in value.items()}
        return twisted | ({"a" * rng.randint(1, 40): rng.choice(ODD)} if rng.random() < 0.2 else {})
    if isinstance(value, list):
        return [twist(rng, inner) for inner in value * rng.choice([0, 1, 1, 2, 50])]
    return value


def throw_at_websocket(n: int, seed: int) -> None:
    """`n` inputs one after the other. Raises AssertionError where the codec does not keep its word."""
    rng = random.Random(f"websocket/{seed}")
    stream, codec, failures, messages = _frames(rng), opened(), 0, 0
    for _ in range(n):
        found = codec.feed(next(stream))
        assert 0 <= codec.buffered <= MAX_FRAME
        assert all(len(each.data) <= 64 for each in found if isinstance(each, BadFrame))
        messages += sum(not isinstance(each, BadFrame | Failed) for each in found)
        if any(isinstance(each, Failed) for each in found):
            failures += 1
            assert codec.feed(GOOD) == []
            codec = opened()  # the new line cures it
            assert codec.feed(GOOD) == [MESSAGE]
    assert failures > n / 100
    assert messages > n / 100


def throw_at_http(n: int, seed: int) -> None:
    """`n` answers, each on a connection of its own. Raises AssertionError likewise."""
    rng = random.Random(f"http/{seed}")
    failures = answers = 0
    for _ in range(n):
        codec = HttpCodec(HTTP_LIMIT)
        codec.request("192.0.2.1", "/")
        data = spoil(rng, rng.choice([BY_LENGTH, BY_CHUNKS, BY_CLOSE]))
        if rng.random() < 0.2:
            data = rng.randbytes(rng.randint(1, 300))
        cut = rng.randrange(len(data) + 1)
        found = [*codec.feed(data[:cut]), *codec.feed(data[cut:])]
        assert codec.buffered <= HTTP_HELD
        found += codec.end()
        failures += sum(isinstance(each, HttpFailed) for each in found)
        answers += sum(not isinstance(each, HttpFailed) for each in found)
    assert failures > n / 100
    assert answers > n / 100


def _frames(rng: random.Random) -> Iterator[bytes]:
    """Noise, frames of any kind, good messages spoilt on the line, and spoilt within a good frame."""
    while True:
        yield rng.randbytes(rng.randint(1, 80))
        yield frame(rng.randbytes(rng.randint(0, 200)), rng.randrange(16), last=rng.random() < 0.7)
        yield spoil(rng, frame(rng.choice(TEXTS)))
        yield frame(spoil(rng, rng.choice(TEXTS)))
