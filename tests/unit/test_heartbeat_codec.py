"""Lines of JSON and answers of HTTP, sans-IO: whole, in pieces, too long, and none at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.conformance.codec import BoundedCodec, check_cuts
from drivers.heartbeat.codec import Answer, Failed, HttpCodec, LineCodec

BODY = b'{"a":1}'
# RFC 9112, 6: the three ways in which an answer can end.
BY_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + BODY
BY_CHUNKS = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\n\r\n'
BY_CLOSE = b"HTTP/1.0 200 OK\r\n\r\n" + BODY
GOOD = Answer(200, BODY)


def asked(max_bytes: int = 1000) -> HttpCodec:
    codec = HttpCodec(max_bytes)
    codec.request("192.0.2.1:8080", "/heartbeat?x=1")
    return codec


# --- lines ---
def test_lines_are_documents() -> None:
    codec = LineCodec()
    assert codec.feed(b'{"a":1}\r\n\r\n{"b"') == [{"a": 1}]
    assert codec.feed(b':2}\n{"c":3}\n') == [{"b": 2}, {"c": 3}]


@pytest.mark.parametrize(
    "line", [b"hello", b"{", b"\xff\xfe", b"[" * 5000, b'{"a":NaN}', b'{"a":' + b"9" * 5000 + b"}"]
)
def test_a_line_that_is_no_json_costs_itself_alone(line: bytes) -> None:
    bad, good = LineCodec().feed(line + b"\n" + BODY + b"\n")
    assert isinstance(bad, BadFrame)
    assert good == {"a": 1}


def test_a_line_that_is_too_long_is_told_once_and_not_kept() -> None:
    codec = LineCodec(100)
    found: list[BadFrame] = []
    for _ in range(1000):
        found += codec.feed(b"x" * 99)
        assert codec.buffered <= 100
    assert [each.reason for each in found] == ["more than 100 bytes"]
    assert codec.feed(b"x\n" + BODY + b"\n") == [{"a": 1}]


# --- HTTP ---
def test_the_question_is_as_the_standard_has_it() -> None:
    request = HttpCodec().request("192.0.2.1:8080", "/heartbeat?x=1")
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == b"GET /heartbeat?x=1 HTTP/1.1"
    assert b"host: 192.0.2.1:8080" in [header.lower() for header in headers]
    assert body == b""


@pytest.mark.parametrize("answer", [BY_LENGTH, BY_CHUNKS])
def test_one_connection_serves_many_questions(answer: bytes) -> None:
    codec = HttpCodec()
    for _ in range(3):
        codec.request("192.0.2.1", "/")
        assert codec.feed(answer) == [GOOD]
        assert codec.reusable


def test_an_answer_may_end_with_the_connection() -> None:
    codec = asked()
    assert codec.feed(BY_CLOSE) == []
    assert codec.end() == [GOOD]
    assert not codec.reusable
    assert codec.end() == []


def test_a_connection_that_the_terminal_will_close_is_not_used_again() -> None:
    codec = asked()
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n" + BODY
    assert codec.feed(answer) == [GOOD]
    assert not codec.reusable


def test_an_interim_answer_is_passed_over() -> None:
    assert asked().feed(b"HTTP/1.1 103 Early Hints\r\n\r\n" + BY_LENGTH) == [GOOD]


def test_a_redirection_says_where_to() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\xff\r\nContent-Length: 0\r\n\r\n"
    assert asked().feed(answer) == [Answer(302, b"", "http://elsewhere/ÿ")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not_http"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "not_http"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 2000, "too_long"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000, "too_long"),
    ],
)
def test_what_cannot_be_an_answer_ends_the_connection(answer: bytes, code: str) -> None:
    codec = asked()
    found: list[Answer | Failed] = []
    for start in range(0, len(answer), 4096):
        found += codec.feed(answer[start : start + 4096])
        assert codec.buffered < 32 * 1024
    assert [each.code for each in found if isinstance(each, Failed)] == [code]
    assert not codec.reusable
    assert codec.feed(BY_LENGTH) == []


def test_an_answer_that_is_cut_off_is_none() -> None:
    codec = asked()
    assert codec.feed(BY_LENGTH[:-2]) == []
    (failed,) = codec.end()
    assert isinstance(failed, Failed)


@pytest.mark.parametrize("early", [True, False])
def test_an_answer_that_nobody_asked_for_ends_the_connection(early: bool) -> None:
    codec = HttpCodec() if early else asked()
    found = codec.feed(BY_LENGTH if early else BY_LENGTH + BY_LENGTH)
    assert found[:-1] == ([] if early else [GOOD])
    assert isinstance(found[-1], Failed)


class Fed:
    """A codec that has asked, as the kit's checks take one. They only feed it."""

    def __init__(self) -> None:
        self._codec = asked()

    @property
    def buffered(self) -> int:
        return self._codec.buffered

    def feed(self, data: bytes) -> Sequence[Answer | Failed | BadFrame]:
        return [BadFrame(each.code) if isinstance(each, Failed) else each for each in self._codec.feed(data)]

    def encode(self, frame: Answer | Failed) -> bytes:
        raise NotImplementedError


FED: Callable[[], BoundedCodec[Answer | Failed]] = Fed


@given(
    st.lists(
        st.one_of(st.sampled_from([BY_LENGTH, BY_CHUNKS, BY_CLOSE]), st.binary(max_size=60)), max_size=4
    ).map(b"".join),
    st.lists(st.integers(1, 100), max_size=10),
)
def test_any_cut_gives_the_same(data: bytes, sizes: list[int]) -> None:
    check_cuts(FED, data, sizes)
