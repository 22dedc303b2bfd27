"""WebSocket and envelope, sans-IO: documents' messages, any cut, limits, and a peer that is none."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.conformance.codec import BoundedCodec, check_bound, check_cuts
from drivers.xfs4iot.codec import MAX_FRAME, Failed, Frame, Opened, SocketCodec
from drivers.xfs4iot.envelope import Message, NotAMessage, command, parse
from tests.golden.xfs4iot_messages import ACCEPT, HELLO, HELLO_IN_TWO, NONCE, PING, READ

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
STATUS = READ[2][0]
MESSAGE = READ[2][1]


def accept_of(nonce: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(nonce + GUID).digest())  # RFC 6455, 4.2.2


def reply_to(request: bytes) -> bytes:
    (nonce,) = re.findall(rb"Sec-WebSocket-Key: (.*)\r\n", request, re.IGNORECASE)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_of(nonce) + b"\r\n\r\n"
    )


def opened() -> SocketCodec:
    codec = SocketCodec()
    assert codec.feed(reply_to(codec.open("ATM1:5846", "/xfs4iot/v1.0"))) == [Opened()]
    return codec


def frame(payload: bytes, opcode: int = 1, *, last: bool = True) -> bytes:
    """RFC 6455, 5.2, as a server sends it: not masked."""
    first = opcode | (0x80 if last else 0)
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 65_536:
        return bytes([first, 126]) + size.to_bytes(2, "big") + payload
    return bytes([first, 127]) + size.to_bytes(8, "big") + payload


# --- envelope ---
@pytest.mark.parametrize(("text", "message"), READ, ids=lambda value: getattr(value, "name", ""))
def test_the_documents_messages_are_read(text: str, message: Message) -> None:
    assert parse(text.encode()) == message


def test_a_command_is_as_the_specification_has_it() -> None:
    assert command("Common.Status", 12345, "1.0") == (
        '{"header":{"type":"command","name":"Common.Status","version":"1.0","requestId":12345},"payload":{}}'
    )
    assert parse(command("Common.Status", 5, "3.0").encode()) == Message(
        "command", "Common.Status", 5, {}, "3.0"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("[]", "no header"),
        ('{"header":[]}', "no header"),
        ('{"header":{"type":"shout","name":"X"}}', "type shout"),
        ('{"header":{"type":{},"name":"X"}}', "type missing"),
        ('{"header":{"type":"event"}}', "no name"),
        ('{"header":{"type":"event","name":"' + "x" * 65 + '"}}', "no name"),
        ('{"header":{"type":"event","name":"X"},"payload":[]}', "payload is no object"),
        ('{"header":{"type":"event","name":"X"},"payload":{"a":NaN}}', "NaN"),
        ('{"header":{"type":"event","name":"X"},"payload":{"a":' + "9" * 5000 + "}}", "digits"),
        ("[" * 40 + "]" * 40, "levels"),
        ("[" * 100_000, "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
    ],
)
def test_what_is_no_message_is_told_and_why(text: str, reason: str) -> None:
    with pytest.raises(NotAMessage, match=reason):
        parse(text.encode())


@pytest.mark.parametrize("number", ["0", "-1", "true", "1.5", '"1"', "null", "99999999999", "[]"])
def test_an_id_that_is_none_of_ours_answers_nothing(number: str) -> None:
    text = f'{{"header":{{"type":"completion","name":"X","requestId":{number}}}}}'
    assert parse(text.encode()).request_id is None


def test_a_code_that_is_no_text_is_no_success() -> None:
    text = '{"header":{"type":"completion","name":"X","requestId":1,"completionCode":{"a":1}}}'
    assert parse(text.encode()).code == "unreadable"


def test_what_goes_into_a_log_is_one_line_of_printable_text() -> None:
    text = (
        '{"header":{"type":"completion","name":"X\\nY\\ud800","requestId":1,"completionCode":"a\\u001b[31m"}}'
    )
    message = parse(text.encode())
    assert (message.name, message.code) == ("X?Y?", "a?[31m")


# --- WebSocket ---
def test_the_accept_of_the_standards_example() -> None:
    assert accept_of(NONCE) == ACCEPT


def test_an_opened_socket_carries_messages_whole_and_in_pieces() -> None:
    codec = opened()
    data = STATUS.encode()
    assert codec.feed(frame(data)) == [MESSAGE]
    assert codec.feed(frame(data[:50], last=False) + frame(data[50:], 0)) == [MESSAGE]
    assert codec.buffered == 0


def test_what_follows_the_handshake_at_once_is_not_lost() -> None:
    codec = SocketCodec()
    reply = reply_to(codec.open("ATM1", "/xfs4iot/v1.0/Printer"))
    assert codec.feed(reply + frame(STATUS.encode())) == [Opened(), MESSAGE]


def test_text_that_is_no_message_is_a_bad_frame_and_life_goes_on() -> None:
    codec = opened()
    for hello in (HELLO, HELLO_IN_TWO):
        (bad,) = codec.feed(hello)
        assert isinstance(bad, BadFrame)
        assert bad.data == b"Hello"
    assert codec.feed(frame(STATUS.encode())) == [MESSAGE]


def test_a_ping_is_owed_a_pong_even_within_a_message() -> None:
    codec = opened()
    data = STATUS.encode()
    assert codec.feed(frame(data[:50], last=False) + PING + frame(data[50:], 0)) == [MESSAGE]
    assert codec.owed[0] == 0x8A  # pong, last
    assert codec.owed[1] == 0x85  # masked, 5 bytes


def test_a_close_is_answered_and_ends_it() -> None:
    codec = opened()
    assert codec.feed(frame((1001).to_bytes(2, "big") + b"going away", 8)) == [
        Failed("peer_closed", "1001 going away")
    ]
    assert codec.owed[0] == 0x88
    assert codec.feed(frame(STATUS.encode())) == []
    assert codec.close() == b""


@pytest.mark.parametrize("size", [MAX_FRAME + 1, 10_000_000])
def test_a_message_that_is_too_long_ends_it_and_is_not_kept(size: int) -> None:
    codec = opened()
    found: list[Frame | BadFrame] = []
    data = frame(b"x" * size)
    for start in range(0, len(data), 4096):
        found += codec.feed(data[start : start + 4096])
        assert codec.buffered <= MAX_FRAME
    assert found == [Failed("message_too_long", f"more than {MAX_FRAME} bytes")]


def test_a_message_of_the_longest_kind_is_read() -> None:
    head, tail = b'{"header":{"type":"event","name":"X"},"payload":{"a":"', b'"}}'
    text = head + b"x" * (MAX_FRAME - len(head) - len(tail)) + tail
    (message,) = opened().feed(frame(text))
    assert isinstance(message, Message)


@pytest.mark.parametrize(
    "data",
    [
        b"\x83\x00",  # an opcode that is reserved
        b"\xc1\x01x",  # RSV1 without an extension
        b"\x80\x01x",  # a continuation of nothing
        b"\x81\x81abcdx",  # masked by a server
        b"\x89\x7e\x00\x80",  # a ping of 128 bytes
        frame(b"\xff\xfe"),  # text that is no UTF-8
        frame(b"x", last=False) + frame(b"y"),  # a message within a message
        frame(b"\x00", 8),  # a close of one byte
    ],
)
def test_bytes_that_are_no_websocket_end_it(data: bytes) -> None:
    found = opened().feed(data)
    assert isinstance(found[-1], Failed)
    assert found[-1].code == "not_websocket"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!", "upgrade_refused"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "upgrade_refused"),
        (b"HTTP/1.1 302 Found\r\nLocation: ws://elsewhere/\r\nContent-Length: 0\r\n\r\n", "upgrade_refused"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "upgrade_refused"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "not_websocket",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n",
            "not_websocket",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not_websocket"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "not_websocket"),  # a TLS alert
        (b"HTTP/1.1 101 X\r\nSec-WebSocket-Protocol: \xff\r\n\r\n", "not_websocket"),
        (b"x" * 100_000, "not_websocket"),
    ],
)
def test_a_handshake_that_fails_says_how(reply: bytes, code: str) -> None:
    codec = SocketCodec()
    codec.open("ATM1", "/xfs4iot/v1.0")
    found = codec.feed(reply)
    assert [each.code for each in found if isinstance(each, Failed)] == [code]
    assert codec.feed(frame(STATUS.encode())) == []


@pytest.mark.parametrize(
    ("host", "path"),
    [("ATM1", "no-slash"), ("ATM1", "/a b"), ("ATM1", "/a\r\nX: y"), ("ATM1", "/" + "x" * 300), ("a b", "/")],
)
def test_a_place_that_cannot_stand_in_a_request_is_refused(host: str, path: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        SocketCodec().open(host, path)


# --- properties ---
class Fed:
    """An opened socket as the kit's checks take a codec. They only feed it."""

    def __init__(self) -> None:
        self.socket = opened()

    @property
    def buffered(self) -> int:
        return self.socket.buffered

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        return self.socket.feed(data)

    def encode(self, frame: Frame) -> bytes:
        raise NotImplementedError


FED: Callable[[], BoundedCodec[Frame]] = Fed


def frames() -> st.SearchStrategy[bytes]:
    """Good ones, bad ones, and what is none."""
    message = st.sampled_from([text.encode() for text, _ in READ])
    data = st.one_of(message, st.binary(max_size=200))
    return st.one_of(
        st.builds(frame, message),
        st.builds(
            lambda payload, opcode, last: frame(payload, opcode, last=last),
            data,
            st.integers(0, 15),
            st.booleans(),
        ),
        st.binary(max_size=60),
    )


@example(b"\x01\x02\x00\x80", [])  # text that is no UTF-8
@given(st.lists(frames(), max_size=6).map(b"".join), st.lists(st.integers(1, 300), max_size=10))
def test_any_cut_gives_the_same(data: bytes, sizes: list[int]) -> None:
    check_cuts(FED, data, sizes)


@given(st.lists(frames(), max_size=6))
def test_no_more_than_a_message_is_held(pieces: list[bytes]) -> None:
    begun = frame(b"x" * 1000, last=False)
    check_bound(FED, [*pieces, begun, frame(b"y" * MAX_FRAME, 0)], MAX_FRAME)
