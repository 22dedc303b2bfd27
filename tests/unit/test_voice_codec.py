"""Frames of the sound line: golden bytes, every cut, any garbage; and the server's own reading of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.conformance import check_codec
from drivers.transport.sound import Desk
from drivers.voice.codec import MAX_DATA, MAX_FRAME, MAX_TEXT, Frame, VoiceCodec, end
from drivers.voice.sim import VoiceSim
from tests.golden import voice_frames

FUZZED = 10_000
MAX_HELD = 8 + MAX_TEXT + 4


def answers() -> st.SearchStrategy[Frame]:
    """What the server says."""
    return st.builds(
        Frame, st.sampled_from(("S", "P", "F")), st.integers(0, 0xFFFF), st.binary(max_size=MAX_TEXT)
    )


def test_frames_are_laid_out_as_written_down() -> None:
    codec = VoiceCodec()
    assert codec.encode(Frame("Q")) == voice_frames.QUERY
    assert codec.encode(Frame("X", 7)) == voice_frames.STOP_7
    assert codec.feed(voice_frames.PLAYED_4096) == [Frame("P", 4096)]


def test_the_codec_keeps_its_promises() -> None:
    check_codec(VoiceCodec, answers(), max_frame=MAX_FRAME)


def test_what_no_frame_can_carry_is_refused() -> None:
    for frame in (Frame("D", 1, bytes(MAX_DATA + 1)), Frame("D", -1), Frame("X", 0x10000)):
        with pytest.raises(ValueError, match="of job"):
            VoiceCodec().encode(frame)


def test_any_garbage_leaves_the_next_frame_but_one_whole() -> None:
    rng = random.Random("voice")
    codec, good = VoiceCodec(), Frame("F", 5, b"\x01stopped")
    whole = codec.encode(good)
    for _ in range(FUZZED):
        noise = bytearray(whole * 2 if rng.random() < 0.5 else rng.randbytes(1 + rng.randrange(40)))
        for _ in range(rng.randrange(4)):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        codec.feed(bytes(noise[rng.randrange(len(noise)) :]))
        assert codec.buffered <= MAX_HELD
        found = codec.feed(whole * (1 + MAX_HELD // len(whole) + 1))
        assert found[-1] == good


def test_a_run_of_noise_is_not_told_a_byte_at_a_time() -> None:
    bad = VoiceCodec().feed(b"\x00" * 640)
    assert len(bad) == 10
    assert all(isinstance(each, BadFrame) for each in bad)


# --- the server's side reads for itself ---
def read(data: bytes) -> list[tuple[bytes, int, bytes]]:
    return list(Desk(_Nowhere(), VoiceSim()).frames(data))


class _Nowhere:
    url = "null://nowhere"

    async def read(self) -> bytes:
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    "frame", [Frame("Q"), Frame("X", 9), Frame("D", 65_535, bytes(range(256)) * 8), end(3, 8000, 4, "请A012")]
)
def test_the_server_reads_what_the_driver_writes(frame: Frame) -> None:
    data = VoiceCodec().encode(frame)
    spoilt = data[:-1] + bytes([data[-1] ^ 1])
    assert read(b"\x5a" + spoilt + data) == [(frame.kind.encode(), frame.job, frame.payload)]


def test_the_server_survives_any_garbage() -> None:
    rng = random.Random("server")
    query = VoiceCodec().encode(Frame("Q", 1))
    for _ in range(FUZZED // 10):
        desk = Desk(_Nowhere(), VoiceSim())
        for _ in range(10):
            list(desk.frames(rng.randbytes(rng.randrange(60)) + query[: rng.randrange(len(query))]))
        assert list(desk.frames(query * 200))[-1] == (b"Q", 1, b"")
        assert desk.buffered <= MAX_FRAME
