"""What daemon and picture worker say to each other, however the pipe cuts it, and what is refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import replace

import pytest

from drivers.api import BadFrame
from drivers.camera.framing import MARK, MAX_TEXT, Frame, Frames, encode
from drivers.camera.job import (
    MAX_FROM_WORKER,
    MAX_GIVEN,
    MAX_JPEG,
    MAX_MEASURES,
    MAX_TO_WORKER,
    MAX_UNIT,
    Answer,
    Hello,
    Job,
    Order,
    read_answer,
    read_hello,
    read_order,
    write_answer,
    write_hello,
    write_job,
)
from drivers.camera.model import AccessUnit, StreamFormat
from tests.property.fuzz_worker_pipe import throw_at_worker_pipe

UNIT = AccessUnit(StreamFormat("h265", 1920, 1080), b"\x00\x00\x01\x26" * 500, complete=True)
ANSWER = Answer(
    "ok", "a part of it is missing", 1920, 1080, True, {"mean": 1.5, "cells": 12, "mode": "夜"},
    {"thumb": bytes(range(256))}, b"\xff\xd8jpeg", 4.25, 70_000,
)  # fmt: skip


def one(data: bytes, most: int = MAX_FROM_WORKER) -> Frame:
    (frame,) = Frames(most).feed(data)
    assert isinstance(frame, Frame), frame
    return frame


def framed(text: object, blobs: bytes = b"") -> bytes:
    raw = text if isinstance(text, bytes) else json.dumps(text).encode()
    return MARK + struct.pack("!II", len(raw), len(blobs)) + raw + blobs


def refused(data: bytes, most: int = MAX_FROM_WORKER) -> str:
    frames = Frames(most)
    (bad,) = frames.feed(data)
    assert isinstance(bad, BadFrame), bad
    assert len(bad.data) <= 64
    assert frames.buffered == 0
    assert frames.feed(write_answer(1, ANSWER)) == [], "deaf from then on"
    return bad.reason


def test_a_job_arrives_as_it_was_given() -> None:
    job = Job(UNIT, {"previous": b"abc", "reference": b""}, want_jpeg=True)
    order = read_order(one(write_job(7, job), MAX_TO_WORKER))
    given = {"previous": b"abc", "reference": b""}
    assert order == Order(7, "h265", 1920, 1080, UNIT.data, given, want_jpeg=True, want_measures=True)


def test_an_answer_arrives_as_it_was_given() -> None:
    assert read_answer(one(write_answer(7, ANSWER))) == (7, ANSWER)
    measures = read_answer(one(write_answer(7, ANSWER)))[1].measures
    assert [type(value) for value in measures.values()] == [float, int, str]


def test_a_hello_arrives_as_it_was_given() -> None:
    assert read_hello(one(write_hello(Hello("av 18.1.0")))) == Hello("av 18.1.0")
    assert read_hello(one(write_hello(Hello(lacks="No module named 'cv2'")))).lacks == "No module named 'cv2'"


def test_frames_are_the_same_however_they_are_cut() -> None:
    data = write_answer(1, ANSWER) + write_hello(Hello("x")) + write_answer(2, ANSWER)
    whole = Frames(MAX_FROM_WORKER).feed(data)
    assert len(whole) == 3
    for size in (1, 7, 100):
        frames, found = Frames(MAX_FROM_WORKER), list[Frame | BadFrame]()
        for at in range(0, len(data), size):
            found += frames.feed(data[at : at + size])
            assert frames.buffered <= MAX_FROM_WORKER
        assert found == whole


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Segmentation fault\n", "garbage"),
        (b"\n", "garbage"),
        (b"cam2", "garbage"),
        (MARK + struct.pack("!II", MAX_TEXT + 1, 0), "at most"),
        (MARK + struct.pack("!II", 2, MAX_FROM_WORKER), "at most"),
        (MARK + b"\xff" * 8, "at most"),
        (framed(b"{"), "Expecting"),
        (framed(b"\xff\xfe"), "utf-8"),
        (framed([]), "no object"),
        (framed({"answer": 1}), "no object"),
        (framed({"blobs": [["a", 1]] * 17}, bytes(17)), "at most 16 blobs"),
        (framed({"blobs": [["a", 1], ["a", 1]]}, bytes(2)), "without name or size"),
        (framed({"blobs": [["a", -1]]}), "without name or size"),
        (framed({"blobs": [["a", True]]}, bytes(1)), "without name or size"),
        (framed({"blobs": [["a" * 49, 1]]}, bytes(1)), "without name or size"),
        (framed({"blobs": ["a"]}), "without name or size"),
        (framed({"blobs": [["a", 3]]}, bytes(2)), "blobs of 3 bytes in 2"),
        (framed({"blobs": []}, bytes(2)), "blobs of 0 bytes in 2"),
        (framed(b"[" * 4000), "levels"),
    ],
)
def test_what_is_no_frame_is_said_once_and_nothing_after_it_counts(data: bytes, reason: str) -> None:
    assert reason in refused(data)


def test_garbage_after_an_answer_is_no_answer() -> None:
    found: Sequence[Frame | BadFrame] = Frames(MAX_FROM_WORKER).feed(write_answer(1, ANSWER) + b"warning: x")
    assert isinstance(found[0], Frame)
    assert isinstance(found[1], BadFrame)


def test_the_worker_takes_what_is_larger_than_an_answer() -> None:
    job = Job(replace(UNIT, data=bytes(MAX_UNIT)), {"reference": bytes(MAX_GIVEN)})
    assert len(read_order(one(write_job(1, job), MAX_TO_WORKER)).data) == MAX_UNIT
    assert "at most" in refused(write_job(1, job))


@pytest.mark.parametrize(
    ("size", "given"),
    [
        (MAX_UNIT + 1, {}),
        (1, {"reference": bytes(MAX_GIVEN + 1)}),
        (1, {str(number): b"" for number in range(15)}),
        (1, {"x" * 60: b""}),
        (1, {"\n": b""}),
    ],
)
def test_a_job_that_no_worker_takes_is_none(size: int, given: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="at most"):
        Job(replace(UNIT, data=bytes(size)), given)


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, jpeg=bytes(MAX_JPEG + 1)),
        replace(ANSWER, blobs={"thumb": bytes(MAX_GIVEN + 1)}),
        replace(ANSWER, measures={str(number): 0.0 for number in range(MAX_MEASURES + 1)}),
        replace(ANSWER, measures={"mean": float("nan")}),
        replace(ANSWER, measures={"text": "x" * MAX_TEXT}),
    ],
)
def test_an_answer_that_is_too_much_is_not_written(answer: Answer) -> None:
    with pytest.raises(ValueError, match=r".+"):
        write_answer(1, answer)


TEXT = {
    "answer": 1, "code": "ok", "detail": "", "width": 1, "height": 1, "corrupt": False,
    "measures": {}, "cpu_ms": 0.5, "rss_kib": 1, "blobs": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": -1},
        {"answer": "1"},
        {"answer": None},
        {"code": "fine"},
        {"code": []},
        {"width": 2**32},
        {"height": 1.5},
        {"rss_kib": True},
        {"measures": None},
        {"measures": {str(number): 0 for number in range(MAX_MEASURES + 1)}},
        {"measures": {"mean": None}},
        {"measures": {"mean": [1]}},
        {"measures": {"mean": True}},
        {"measures": {"": 1}},
        {"cpu_ms": None},
        {"cpu_ms": "long"},
    ],
)
def test_an_answer_with_something_wrong_in_it_is_none(changed: dict[str, object]) -> None:
    assert read_answer(one(framed(TEXT)))[0] == 1
    with pytest.raises(ValueError, match=r".+"):
        read_answer(one(framed(TEXT | changed)))


def test_a_fraction_without_end_is_no_measure() -> None:
    with pytest.raises(ValueError, match="finite"):
        read_answer(
            one(
                framed(
                    json.dumps(TEXT | {"measures": {"mean": 0}})
                    .replace('"mean": 0', '"mean": 1e999')
                    .encode()
                )
            )
        )


def test_a_text_of_the_worker_is_one_printable_line() -> None:
    found = read_answer(one(framed(TEXT | {"detail": "a\nb\x1b" * 200, "measures": {"mode": "x\x00"}})))[1]
    assert found.detail.isprintable()
    assert len(found.detail) <= 200
    assert found.measures["mode"] == "x?"


@pytest.mark.parametrize("lacks", [{"codec": "av1"}, {"job": -1}, {"width": None}])
def test_an_order_with_something_wrong_in_it_is_none(lacks: dict[str, object]) -> None:
    text = {"job": 1, "codec": "h264", "width": 1, "height": 1, "blobs": [["unit", 0]]}
    assert read_order(one(framed(text))).number == 1
    with pytest.raises(ValueError, match="no job"):
        read_order(one(framed(text | lacks)))
    with pytest.raises(ValueError, match="no job"):
        read_order(one(framed(text | {"blobs": []})))


def test_a_frame_is_encoded_within_its_bound() -> None:
    with pytest.raises(ValueError, match="at most 100"):
        encode(Frame({}, {"a": bytes(100)}), 100)


def test_rubbish_on_the_pipe() -> None:
    throw_at_worker_pipe(10_000, seed=0)
