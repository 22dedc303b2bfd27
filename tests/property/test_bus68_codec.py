"""What holds of the codec for all bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.bus68.codec import (
    MAX_ANSWER,
    MAX_BODY,
    MAX_FRAME,
    BusCodec,
    KeyFrame,
    StripAnswer,
    StripCommand,
    encode,
)
from drivers.bus68.sim_ears import KeyEar, StripEar

addresses = st.integers(0, 255)
key_frames = st.builds(
    KeyFrame, addresses, st.integers(0, 255), st.binary(max_size=MAX_BODY - 2), lead=st.booleans()
)
answers = st.builds(
    StripAnswer, addresses, st.binary(max_size=MAX_ANSWER - 5).filter(lambda body: b"\xa5\xaa" not in body)
)
commands = st.builds(StripCommand, addresses, st.integers(0, 255), st.binary(max_size=240))
frames = st.one_of(key_frames, answers)
# noise made of what frames are made of, so that it looks like frames
noise = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from([0xFF, 0x68, 2, 3, 0xA0, 0x90, 0xA5, 0xAA, 0x16]), max_size=60).map(bytes),
)
pieces = st.lists(st.one_of(frames.map(encode), noise), max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


@given(pieces, st.lists(st.integers(0, 10_000), max_size=30))
def test_the_same_bytes_give_the_same_however_they_are_cut(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(parts)
    whole, cut_up, by_byte = BusCodec(), BusCodec(), BusCodec()
    found = [*whole.feed(data), *whole.expire()]
    again = [frame for piece in cut(data, places) for frame in cut_up.feed(piece)] + [*cut_up.expire()]
    single = [frame for byte in data for frame in by_byte.feed(bytes([byte]))] + [*by_byte.expire()]
    good = [frame for frame in found if not isinstance(frame, BadFrame)]
    assert [frame for frame in again if not isinstance(frame, BadFrame)] == good
    reasons = [frame.reason for frame in found if isinstance(frame, BadFrame)]
    assert [frame.reason for frame in again if isinstance(frame, BadFrame)] == reasons
    assert [frame.reason for frame in single if isinstance(frame, BadFrame)] == reasons


@given(frames)
def test_decode_undoes_encode(frame: KeyFrame | StripAnswer) -> None:
    assert BusCodec().feed(encode(frame)) == [frame]


@given(key_frames)
def test_a_device_that_knows_only_the_document_hears_the_same(frame: KeyFrame) -> None:
    data, ear = encode(frame), KeyEar()
    heard = [ear.hear(byte, 1.0 + index * 0.001) for index, byte in enumerate(data)]
    assert heard == [None] * (len(data) - 1) + [data]


@given(commands)
def test_a_strip_that_knows_only_the_document_hears_the_same(command: StripCommand) -> None:
    ear = StripEar()
    heard = [ear.hear(byte, 1.0) for byte in encode(command)]
    assert heard[-1] == (command.address, command.command, command.data, 1.0)


@given(noise, frames)
def test_after_garbage_and_a_pause_the_next_frame_is_found(
    garbage: bytes, frame: KeyFrame | StripAnswer
) -> None:
    codec = BusCodec()
    codec.feed(garbage)
    codec.expire()
    assert codec.feed(encode(frame)) == [frame]


@given(noise, st.lists(key_frames.filter(lambda frame: frame.lead), min_size=1, max_size=1))
def test_after_garbage_without_a_pause_one_frame_is_lost_at_most(garbage: bytes, one: list[KeyFrame]) -> None:
    """Where the garbage looks like the beginning of a frame, what follows is held until that has failed."""
    codec = BusCodec()
    codec.feed(garbage)
    found: list[object] = []
    for _ in range(1 + MAX_FRAME // 6):
        found += codec.feed(encode(one[0]))
    found += codec.expire()
    good = [frame for frame in found if frame == one[0]]
    assert len(good) >= MAX_FRAME // 6


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_garbage_never_raises_and_holds_no_more_than_a_frame(parts: list[bytes]) -> None:
    codec = BusCodec()
    for part in parts:
        codec.feed(part)
        assert codec.buffered <= MAX_FRAME
    codec.expire()
    assert codec.buffered == 0


@pytest.mark.parametrize("value", range(256))
def test_every_first_byte_is_survived(value: int) -> None:
    codec = BusCodec()
    codec.feed(bytes([value]))
    codec.expire()
    assert codec.feed(encode(KeyFrame(3, 1, b"\x0c"))) == [KeyFrame(3, 1, b"\x0c")]
