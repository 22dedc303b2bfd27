"""RTSP messages and frames: as the RFC prints them, as cameras write them, too long, and none at all."""

from __future__ import annotations

import pytest

from drivers.api import BadFrame, BadSettings
from drivers.camera.rtsp import (
    GARBAGE_STEP,
    MAX_BODY,
    MAX_HEADER,
    MAX_HEADERS,
    MAX_HELD,
    Frame,
    Interleaved,
    Oversize,
    Request,
    Response,
    RtspCodec,
    all_of,
    header,
)
from tests.camera_packets import interleaved, rtp
from tests.golden.camera_messages import ASKED, SAID

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
GOOD = Response(200, "OK", (("CSeq", "1"),))


@pytest.mark.parametrize(("data", "frame"), SAID)
def test_what_the_rfc_prints_is_read(data: bytes, frame: Frame) -> None:
    assert RtspCodec().feed(data) == [frame]


@pytest.mark.parametrize(("request_", "data"), ASKED)
def test_what_is_asked_is_as_the_rfc_prints_it(request_: Request, data: bytes) -> None:
    assert RtspCodec().encode(request_) == data


def test_a_body_is_as_long_as_it_says() -> None:
    data = b"RTSP/1.0 200 OK\r\ncontent-length: 3\r\nCSeq: 1\r\n\r\nv=0" + OK
    assert RtspCodec().feed(data) == [Response(200, "OK", (("CSeq", "1"),), b"v=0"), GOOD]


def test_headers_are_found_by_any_case_and_all_of_them() -> None:
    (found,) = RtspCodec().feed(b"RTSP/1.0 401 No\r\nWWW-Authenticate: a\r\nwww-authenticate: b\r\n\r\n")
    assert isinstance(found, Response)
    assert all_of(found, "Www-Authenticate") == ["a", "b"]
    assert header(found, "Session") == ""


@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 200 OK\nCSeq: 1\n\n",
        b"\r\n\r\nRTSP/1.0 200 OK\r\nCSeq:1\r\n\r\n",
        b"RTSP/1.1 200 OK\r\nCSeq :  1  \r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq:\r\n 1\r\n\r\n".replace(b":\r\n ", b":"),
    ],
)
def test_cameras_may_write_it_otherwise(data: bytes) -> None:
    assert RtspCodec().feed(data) == [GOOD]


def test_a_header_may_go_on_in_the_next_line() -> None:
    (found,) = RtspCodec().feed(b"RTSP/1.0 200 OK\r\nPublic: OPTIONS,\r\n\tDESCRIBE\r\n\r\n")
    assert isinstance(found, Response)
    assert header(found, "Public") == "OPTIONS, DESCRIBE"


# --- too long ---
@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 200 OK\r\nContent-Length: 100000000\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"RTSP/1.0 200 OK\r\nX: " + b"x" * MAX_HEADER,
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n",
    ],
    ids=["100 MB", "a byte too long", "header", "headers"],
)
def test_what_is_too_long_is_refused_at_its_header_and_not_kept(data: bytes) -> None:
    codec = RtspCodec()
    assert [type(each) for each in codec.feed(data)] == [Oversize]
    for _ in range(100):
        codec.feed(b"x" * 4096)
        assert codec.buffered <= MAX_HELD
    assert codec.feed(OK) == [GOOD]


def test_the_longest_that_is_allowed_is_read() -> None:
    codec = RtspCodec()
    body = b"v" * MAX_BODY
    found = codec.feed(codec.encode(Response(200, "OK", (), body)))
    assert found == [Response(200, "OK", (), body)]
    frame = Interleaved(0, b"\x80" * 65_535)
    assert codec.feed(codec.encode(frame)) == [frame]


# --- garbage ---
@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"RTSP/1.0 abc\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno header\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: \x00\r\n\r\n",
        b"\xff" * 1000,
    ],
)
def test_garbage_is_told_once_and_what_follows_is_read(garbage: bytes) -> None:
    found = RtspCodec().feed(garbage + OK)
    assert [type(each) for each in found] == [BadFrame, Response]


def test_garbage_without_end_is_told_again() -> None:
    codec = RtspCodec()
    found = codec.feed(b"\xff" * (3 * GARBAGE_STEP))
    assert [type(each) for each in found] == [BadFrame] * 4
    assert codec.buffered == 0


def test_frames_are_found_again_where_bytes_of_one_were_lost() -> None:
    frames = [interleaved(rtp(bytes([each]) * 200, each, 0)) for each in range(0xA0, 0xA4)]
    found = RtspCodec().feed(b"".join([frames[0], frames[1][:150], *frames[2:] * 2]))
    whole = [Interleaved(0, each[4:]) for each in (*frames[:1], *frames[2:])]
    assert [each for each in found if each in whole][-2:] == whole[1:]
    assert sum(isinstance(each, BadFrame) for each in found) == 1


# --- out ---
@pytest.mark.parametrize("url", ["rtsp://camera/a b", "rtsp://camera/\r\nX: y", "", "rtsp://camera/\x00"])
def test_an_address_that_is_none_is_not_sent(url: str) -> None:
    with pytest.raises(BadSettings):
        RtspCodec().encode(Request("DESCRIBE", url))


def test_what_authorizes_is_in_no_text() -> None:
    assert "Basic" not in repr(Request("DESCRIBE", "rtsp://camera/", (("Authorization", "Basic c2VjcmV0"),)))
