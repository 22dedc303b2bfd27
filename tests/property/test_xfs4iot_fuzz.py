"""Ten thousand times what no terminal should send, and what is made of it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from drivers.api import BadFrame
from drivers.xfs4iot.codec import MAX_FRAME, Failed, SocketCodec
from drivers.xfs4iot.discovery import MAX_SERVICES, read
from drivers.xfs4iot.envelope import NotAMessage, parse
from drivers.xfs4iot.service import _identity, _interfaces
from drivers.xfs4iot.status import MAX_SOURCES, ServiceBook
from tests.golden.xfs4iot_messages import CAPABILITIES, READ, SERVICES
from tests.unit.test_xfs4iot_codec import MESSAGE, STATUS, frame, opened

COUNT = 10_000
GOOD = frame(STATUS.encode())
TEXTS = [text.encode() for text, _ in READ]
STATUSES: list[dict[str, Any]] = [
    {
        "common": {"device": "online"},
        "printer": {"media": "jammed", "paper": {"upper": "low", "lower": "out"}},
    },
    {"common": {"device": "fraudAttempt"}, "cardReader": {"media": "present", "chipModule": "inoperable"}},
    {"common": {"antiFraudModule": "deviceDetected"}, "auxiliaries": {"safeDoor": "open"}},
    {"device": "offline"},
    {"paperSource": "upper", "threshold": "low"},
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
    [{}],
    {"": None},
]


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


def inputs(rng: random.Random) -> Iterator[bytes]:
    """Noise, frames of any kind, good messages spoilt on the line, and spoilt within a good frame."""
    while True:
        yield rng.randbytes(rng.randint(1, 80))
        yield frame(rng.randbytes(rng.randint(0, 200)), rng.randrange(16), last=rng.random() < 0.7)
        yield spoil(rng, frame(rng.choice(TEXTS)))
        yield frame(spoil(rng, rng.choice(TEXTS)))


def test_the_socket_bears_any_bytes() -> None:
    rng = random.Random("socket")
    stream, codec, failures, messages = inputs(rng), opened(), 0, 0
    for _ in range(COUNT):
        found = codec.feed(next(stream))
        assert 0 <= codec.buffered <= MAX_FRAME
        assert all(len(each.data) <= 64 for each in found if isinstance(each, BadFrame))
        messages += sum(not isinstance(each, BadFrame | Failed) for each in found)
        if any(isinstance(each, Failed) for each in found):
            failures += 1
            assert codec.feed(GOOD) == []
            codec = opened()  # the new line cures it
            assert codec.feed(GOOD) == [MESSAGE]
    assert failures > 100
    assert messages > 100


def test_the_handshake_bears_any_bytes() -> None:
    rng = random.Random("handshake")
    reply = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: y\r\n\r\n"
    for _ in range(COUNT):
        codec = SocketCodec()
        codec.open("ATM1", "/xfs4iot/v1.0")
        for frame_or_failure in codec.feed(spoil(rng, reply)):
            assert isinstance(frame_or_failure, Failed)


def test_a_message_that_is_spoilt_within_its_frame_costs_itself_alone() -> None:
    rng = random.Random("text")
    codec = opened()
    for _ in range(COUNT):
        spoilt = spoil(rng, rng.choice(TEXTS)).decode(errors="replace").encode()
        found = codec.feed(frame(spoilt) + GOOD)
        assert found[-1] == MESSAGE
        assert len(found) == 2


def test_any_document_is_read_as_a_status_or_left() -> None:
    rng = random.Random("status")
    book = ServiceBook("Printer", frozenset({"Printer", "CardReader"}))
    for n in range(COUNT):
        payload = twist(rng, rng.choice(STATUSES))
        payload = payload if isinstance(payload, dict) else {}
        rng.choice([book.whole, book.part, book.threshold])(payload, float(n))
        assert len(book.properties) <= 12 + MAX_SOURCES
        assert len(book.strange) <= 12 + MAX_SOURCES
        for code, detail in book.conditions(float(n), 300.0):
            assert code
            assert len(detail) < 120
            assert detail.isprintable()
        assert all(value and value.isprintable() for _, value in book.attributes())


def test_any_document_is_read_as_capabilities_or_left() -> None:
    rng = random.Random("capabilities")
    for _ in range(COUNT // 10):
        payload = twist(rng, CAPABILITIES)
        if isinstance(payload, dict):
            assert len(_interfaces(payload)) <= 32
            identity = _identity(payload)
            assert all(text.isprintable() for text in (identity.model, identity.serial, identity.firmware))


def test_any_document_is_read_as_services_or_left() -> None:
    rng = random.Random("services")
    for _ in range(COUNT):
        payload = twist(rng, SERVICES)
        if isinstance(payload, dict):
            assert len(read(payload).places) <= MAX_SERVICES


def test_any_text_is_a_message_or_no_message() -> None:
    rng = random.Random("message")
    for _ in range(COUNT):
        text = json.dumps(twist(rng, json.loads(rng.choice(TEXTS)))).encode()
        try:
            message = parse(text)
        except NotAMessage as reason:
            assert str(reason).isprintable()
        else:
            assert message.name.isprintable()
            assert isinstance(message.payload, dict)
