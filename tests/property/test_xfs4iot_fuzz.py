"""Ten thousand times what no terminal should send, and what is made of it.

Whatever the WebSocket itself may carry is thrown by `tests.property.fuzz_targets`.
"""

from __future__ import annotations

import json
import random
from typing import Any

from drivers.xfs4iot.codec import Failed, SocketCodec
from drivers.xfs4iot.discovery import MAX_SERVICES, read
from drivers.xfs4iot.envelope import NotAMessage, parse
from drivers.xfs4iot.service import _identity, _interfaces
from drivers.xfs4iot.status import MAX_SOURCES, ServiceBook
from tests.golden.xfs4iot_messages import CAPABILITIES, SERVICES
from tests.property.fuzz_connections import GOOD, TEXTS, spoil, twist
from tests.unit.test_xfs4iot_codec import MESSAGE, frame, opened

COUNT = 10_000
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
