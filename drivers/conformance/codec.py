"""The promises of a codec, by property tests over frames, cuts and garbage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, cycle
from typing import TYPE_CHECKING, Protocol, TypeVar

from drivers.api import BadFrame, Codec
from drivers.conformance.subject import NotConformant

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

F = TypeVar("F")

MAX_GARBAGE = 300  # bytes in a row: more than most frames, so that a length field in it has room to lie
HEAD = 8  # bytes of a torn frame: where lengths stand, which make a codec wait for what never comes
FLOOD = 3  # times max_frame, of a frame's first byte, which a codec must not keep
BAD_BYTES = 64  # of a BadFrame's data, the contract of `drivers.api`
_DEPTH = 4  # of objects within a codec's attributes that are searched for bytes


class BoundedCodec(Codec[F], Protocol[F]):
    """A codec that tells how many bytes it holds."""

    @property
    def buffered(self) -> int: ...


def check_codec(
    codec: Callable[[], BoundedCodec[F]],
    frames: SearchStrategy[F],
    *,
    max_frame: int,
    may_lose: int = 1,
    examples: int | None = None,  # by default as many as the profile of Hypothesis says: 100, where none does
) -> None:
    """`frames` are those that the codec decodes. Raises NotConformant, with the smallest example found.

    `may_lose` is the number of good frames that may be lost after noise: more than one only where a codec
    drops a broken frame whole on purpose, because its tail would pass for short frames that mean something.
    """
    from hypothesis import HealthCheck, assume, given, settings  # noqa: PLC0415 only who tests codecs needs Hypothesis
    from hypothesis import strategies as st  # noqa: PLC0415

    torn = st.builds(lambda frame, size: codec().encode(frame)[:size], frames, st.integers(1, max_frame))
    spoilt = st.builds(
        lambda frame, at, byte: _spoil(codec().encode(frame), at, byte),
        frames,
        st.integers(0, max_frame),
        st.integers(0, 255),
    )
    whole = st.builds(lambda frame: codec().encode(frame), frames)
    garbage = st.one_of(st.binary(max_size=MAX_GARBAGE), torn, spoilt)
    stream = st.lists(st.one_of(garbage, whole), max_size=6).map(b"".join)
    busy = [HealthCheck.too_slow]  # says how busy the machine is, and nothing of the codec
    limits = settings(deadline=None, database=None, suppress_health_check=busy)
    limits = settings(limits, max_examples=examples or limits.max_examples)

    @limits
    @given(frames)
    def inverse(frame: F) -> None:
        check_inverse(codec(), frame, max_frame)

    @limits
    @given(stream, st.lists(st.integers(1, 2 * max_frame), max_size=20))
    def cuts(data: bytes, sizes: list[int]) -> None:
        check_cuts(codec, data, sizes)

    @limits
    @given(stream, st.lists(frames, min_size=1, max_size=4))
    def resynchronises(noise: bytes, good: list[F]) -> None:
        assume(check_resync(codec(), noise, good, max_frame, may_lose))

    @limits
    @given(frames, frames)
    def resumes_after_a_torn_frame(torn: F, good: F) -> None:
        begun = codec().encode(torn)[:-1][:HEAD]
        for size in range(1, len(begun) + 1):
            check_resync(codec(), begun[:size], [good], max_frame, may_lose)

    @limits
    @given(st.lists(garbage, max_size=4), frames)
    def bounded(noise: list[bytes], frame: F) -> None:
        begun = codec().encode(frame)[:-1]
        check_bound(codec, [*noise, begun, begun[:1] * (FLOOD * max_frame), begun], max_frame)

    for check in (inverse, cuts, resynchronises, resumes_after_a_torn_frame, bounded):
        check()


def check_inverse(codec: BoundedCodec[F], frame: F, max_frame: int) -> None:
    """What is encoded is decoded to the same, within the declared size."""
    data = codec.encode(frame)
    if not 1 <= len(data) <= max_frame:
        raise NotConformant(f"{frame} is {len(data)} bytes long, declared are 1 to {max_frame}")
    if (found := list(codec.feed(data))) != [frame]:
        raise NotConformant(f"{data.hex(' ')} is {frame} encoded, and decoded is {found}")
    if codec.buffered:
        raise NotConformant(f"holds {codec.buffered} bytes after a whole frame")


def check_cuts(codec: Callable[[], BoundedCodec[F]], data: bytes, sizes: Sequence[int]) -> None:
    """The same bytes give the same frames in one piece, in pieces of `sizes`, and a byte at a time."""
    whole = _outline(_feed(codec().feed, [data]))
    for pieces in (_cut(data, sizes), _cut(data, [1])):
        if (found := _outline(_feed(codec().feed, pieces))) != whole:
            sizes_used = [len(piece) for piece in pieces]
            raise NotConformant(f"{data.hex(' ')} is {whole} whole and {found} in pieces of {sizes_used}")


def check_resync(
    codec: BoundedCodec[F], noise: bytes, good: Sequence[F], max_frame: int, may_lose: int = 1
) -> bool:
    """After `noise` at most the first `may_lose` good frames are lost.

    Enough good frames follow to fill any frame that the noise began. False where the example says nothing:
    noise and good bytes together have made another valid frame, which no codec can tell from a real one.
    """
    _feed(codec.feed, [noise])
    sent: list[F] = []
    found: list[F | BadFrame] = []
    size = 0
    for frame in cycle(good):
        data = codec.encode(frame)
        sent.append(frame)
        size += len(data)
        found += _feed(codec.feed, [data])
        if len(sent) > may_lose and size >= max_frame + len(data):
            break
    frames = [each for each in found if not isinstance(each, BadFrame)]
    if frames[may_lose - len(sent) :] == sent[may_lose:]:
        return True
    if any(frame not in sent for frame in frames):
        return False
    raise NotConformant(f"after {noise.hex(' ')} there came {sent}, and decoded were {frames}")


def check_bound(codec: Callable[[], BoundedCodec[F]], pieces: Iterable[bytes], max_frame: int) -> None:
    """Whatever comes, no more than `max_frame` bytes are held, by the codec's own word and in fact."""
    fresh, used = codec(), codec()
    for piece in pieces:
        _feed(used.feed, [piece])
        held = _held(used, _DEPTH) - _held(fresh, _DEPTH)
        if not 0 <= used.buffered <= max_frame:
            raise NotConformant(f"says that it holds {used.buffered} bytes, declared are {max_frame}")
        if held > max_frame:
            raise NotConformant(f"holds {held} bytes and says {used.buffered}; declared are {max_frame}")


def _feed(feed: Callable[[bytes], Sequence[F | BadFrame]], pieces: Iterable[bytes]) -> list[F | BadFrame]:
    """Raises NotConformant where the codec raises, or throws more into a BadFrame than its log may take."""
    found: list[F | BadFrame] = []
    for piece in pieces:
        try:
            found += feed(piece)
        except Exception as error:
            raise NotConformant(f"feed() raised {error!r} for {piece.hex(' ')}") from error
    for frame in found:
        if isinstance(frame, BadFrame) and len(frame.data) > BAD_BYTES:
            raise NotConformant(
                f"a BadFrame carries {len(frame.data)} bytes, at most {BAD_BYTES} are for the log"
            )
    return found


def _outline(found: Iterable[F | BadFrame]) -> list[F | str]:
    """The frames, and where bad ones stood between them: a budget of bad ones goes by their number."""
    return ["bad" if isinstance(frame, BadFrame) else frame for frame in found]


def _cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    pieces, start = [], 0
    for size in chain(sizes, cycle(sizes[-1:] or [len(data) or 1])):
        if start >= len(data):
            break
        pieces.append(data[start : start + size])
        start += size
    return pieces


def _spoil(data: bytes, at: int, byte: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def _held(value: object, depth: int) -> int:
    """Bytes within `value`: buffers, also as lists of numbers, in its attributes and theirs."""
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    if depth == 0 or value is None:
        return 0
    if isinstance(value, list | tuple | deque | set | frozenset):
        return sum(1 if isinstance(each, int) else _held(each, depth - 1) for each in value)
    if isinstance(value, dict):
        return sum(_held(each, depth - 1) for each in value.values())
    slots = [getattr(value, name, None) for name in getattr(type(value), "__slots__", ())]
    return sum(_held(each, depth - 1) for each in (*getattr(value, "__dict__", {}).values(), *slots))
