"""The codec against frames from documents, and what it says of frames that are none."""

from __future__ import annotations

import pytest

from drivers.api import BadFrame
from drivers.bus68.codec import (
    MAX_ANSWER,
    MAX_BODY,
    NOISE_RUN,
    BusCodec,
    KeyFrame,
    StripAnswer,
    StripCommand,
    encode,
)
from tests.golden.bus68_frames import HEARD, SENT

CALL = HEARD["caller 3, call next (layout)"]


@pytest.mark.parametrize("name", HEARD)
def test_documented_frames_are_understood(name: str) -> None:
    data, meaning = HEARD[name]
    codec = BusCodec()
    assert codec.feed(data) == [meaning]
    assert codec.buffered == 0


@pytest.mark.parametrize("name", SENT)
def test_documented_frames_are_sent(name: str) -> None:
    frame, data = SENT[name]
    assert BusCodec().encode(frame) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("FF 68 03 03 68 03 01 0C 11 16", "check byte 11, computed 10"),
        ("FF 68 03 03 68 03 01 0C 10 17", "ends with 17, not 16"),
        ("FF 68 03 04 68 03 01 0C 10 16", "the two lengths differ: 03 and 04"),
        ("FF 68 01 01 68 03 03 16", f"length 1 is not between 2 and {MAX_BODY}"),
        ("FF 68 21 21 68", f"length 33 is not between 2 and {MAX_BODY}"),
        ("FF 68 03 03 69 03 01 0C 10 16", "69 in place of the second 68"),
        ("00 01 02", "noise"),
        ("FF 00", "noise"),
        ("A0 A0", "noise"),
        ("A0 90 05" + "00" * 29, f"a strip's answer without A5 AA in {MAX_ANSWER} bytes"),
    ],
)
def test_a_bad_frame_is_reported_once_with_its_reason(data: str, reason: str) -> None:
    codec = BusCodec()
    found = [*codec.feed(bytes.fromhex(data)), *codec.expire(), *codec.feed(CALL[0])]
    bad = [frame for frame in found if isinstance(frame, BadFrame)]
    assert [frame.reason for frame in bad][:1] == [reason]
    assert sum(frame.reason == reason for frame in bad) == 1
    assert found[-1] == CALL[1]


def test_a_wrong_check_byte_is_one_bad_frame_and_is_told_at_once() -> None:
    data = bytes.fromhex("FF 68 03 03 68 03 01 0C 11 16")
    assert BusCodec().feed(data) == [BadFrame("check byte 11, computed 10", data)]


def test_the_frame_after_a_bad_one_is_found() -> None:
    codec = BusCodec()
    found = codec.feed(bytes.fromhex("FF 68 03 03 68 03 01 0C 11 16") + CALL[0])
    assert [type(frame) for frame in found] == [BadFrame, KeyFrame]


def test_a_good_frame_inside_a_broken_one_is_found() -> None:
    codec = BusCodec()
    found = codec.feed(bytes.fromhex("FF 68 08 08 68") + CALL[0] + CALL[0])
    assert [frame for frame in found if not isinstance(frame, BadFrame)] == [CALL[1], CALL[1]]


def test_silence_ends_a_frame_and_frees_what_it_had_swallowed() -> None:
    codec = BusCodec()
    assert codec.feed(bytes.fromhex("A0 90 05") + CALL[0]) == []
    assert codec.buffered == 3 + len(CALL[0])
    found = codec.expire()
    assert isinstance(found[0], BadFrame)
    assert found[0].reason == "cut short after 13 bytes"
    assert found[-1] == CALL[1]
    assert codec.buffered == 0
    assert codec.expire() == []


def test_long_noise_is_counted_by_the_run_not_by_the_byte() -> None:
    found = BusCodec().feed(bytes(NOISE_RUN * 3))
    assert [frame for frame in found if isinstance(frame, BadFrame) and frame.reason == "noise"] == found
    assert len(found) == 3


def test_noise_before_and_after_a_good_frame_is_counted_twice() -> None:
    found = BusCodec().feed(bytes(3) + CALL[0] + bytes(3))
    assert [type(frame) for frame in found] == [BadFrame, KeyFrame, BadFrame]


def test_an_answer_may_hold_anything_but_its_end() -> None:
    answer = StripAnswer(5, b"\xa5\x00\xaa\xa5")
    assert BusCodec().feed(encode(answer)) == [answer]


@pytest.mark.parametrize(
    "frame",
    [
        KeyFrame(3, 1, bytes(MAX_BODY - 1)),
        KeyFrame(256, 1),
        StripCommand(5, 0xA5, bytes(241)),
        StripAnswer(5, b"\xa5\xaa"),
        StripAnswer(5, bytes(28)),
    ],
)
def test_what_no_frame_can_carry_is_refused(frame: KeyFrame | StripCommand | StripAnswer) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        encode(frame)
