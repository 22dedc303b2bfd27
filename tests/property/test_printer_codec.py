"""The printer's codec under any bytes, cut in any way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.printer.codec import MAX_FRAME, Answer, Asb, Cleared, PaperReply, PrinterCodec, RealTime, Text

real_times = st.integers(0, 255).map(lambda n: RealTime(0x12 | n & 0x6C))
automatic = st.tuples(
    st.integers(0, 255).map(lambda n: 0x10 | n & 0x6C), *[st.integers(0, 255).map(lambda n: n & 0x6F)] * 3
).map(Asb)
replies = st.integers(0, 15).map(PaperReply)
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=MAX_FRAME - 2).map(Text)
frames = st.one_of(real_times, automatic, replies, texts, st.just(Cleared()))
told_apart = st.one_of(real_times, automatic)  # by their fixed bits alone, whatever came before


def _codec(*, asking: bool = True) -> PrinterCodec:
    codec = PrinterCodec()
    codec.expect_text = asking
    return codec


def _pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    yield from (data[a:b] for a, b in pairwise(edges))


@given(st.lists(frames, max_size=12))
def test_what_a_printer_says_is_understood(sent: list[Answer]) -> None:
    codec = _codec()
    assert list(codec.feed(b"".join(map(codec.encode, sent)))) == sent
    assert codec.buffered == 0


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=20), st.booleans())
def test_any_cut_gives_the_same_frames(data: bytes, cuts: list[int], asking: bool) -> None:
    whole = list(_codec(asking=asking).feed(data))
    codec = _codec(asking=asking)
    assert [frame for piece in _pieces(data, cuts) for frame in codec.feed(piece)] == whole


@given(st.binary(max_size=400), st.booleans())
def test_every_byte_is_a_frames_or_thrown_away_or_held(data: bytes, asking: bool) -> None:
    codec = _codec(asking=asking)
    found = codec.feed(data)
    used = sum(len(f.data) if isinstance(f, BadFrame) else len(codec.encode(f)) for f in found)
    assert used + codec.buffered == len(data)
    assert 0 <= codec.buffered <= MAX_FRAME
    assert all(len(f.data) <= 64 for f in found if isinstance(f, BadFrame))


@given(st.binary(max_size=300), st.lists(told_apart, min_size=2, max_size=5))
def test_after_garbage_at_most_one_good_frame_is_lost(garbage: bytes, good: list[Answer]) -> None:
    codec = _codec(asking=False)
    codec.feed(garbage)
    found = [f for frame in good for f in codec.feed(codec.encode(frame)) if not isinstance(f, BadFrame)]
    assert found[1 - len(good) :] == good[1:]


@given(st.binary(max_size=300), frames)
def test_a_time_out_ends_whatever_garbage_began(garbage: bytes, good: Answer) -> None:
    codec = _codec()
    codec.feed(garbage)
    codec.drop()
    assert codec.buffered == 0
    assert list(codec.feed(codec.encode(good))) == [good]


@given(st.integers(0, 255), st.integers(1, 500))
def test_one_byte_without_end_is_not_kept(byte: int, count: int) -> None:
    codec = _codec()
    codec.feed(bytes((byte,)) * count)
    assert codec.buffered <= MAX_FRAME
