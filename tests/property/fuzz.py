"""Seeded rubbish for codecs: what a line in a hall may carry, as often as one likes.

    fuzz(BusCodec, frames, 10_000, MAX_FRAME)        in a test
    make fuzz N=1000000                              every family of `tests.property.fuzz_targets`

Hypothesis looks for small examples; this looks at many. An input is named by its seed and number, so that a
failure is repeated by giving the same two.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Generic, TypeVar

from drivers.api import BadFrame
from drivers.conformance import BoundedCodec

F = TypeVar("F")

MAX_RUN = 256  # bytes of one kind in a row: longer than most frames
FLOOD_EVERY = 200  # inputs; the others are short, so that a codec of long frames is fuzzed in seconds too
HEAD = 8  # bytes of a frame's beginning: where marks and lengths stand


class Survived(AssertionError):
    """Not by the codec: what it did wrong, and the input that made it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `inputs` so many `said_nothing`: rubbish and good bytes had made another valid frame together."""

    inputs: int
    said_nothing: int


def fuzz(
    codec: Callable[[], BoundedCodec[F]],
    frames: Sequence[F],
    n: int,
    max_frame: int,
    *,
    after: Sequence[F] = (),
    may_lose: int = 1,
    seed: int = 0,
) -> Tally:
    """Throw `n` inputs at fresh codecs. `frames` are good ones, which the codec decodes; `after`, if given,
    follow the rubbish in their place. So a frame of the rubbish that good bytes complete is known for what it
    is, also where it is long and its check weak.

    Raises Survived where the codec raises, holds more than `max_frame`, or loses more than the first
    `may_lose` good frames after the input (the same number as for `drivers.conformance.check_codec`).
    """
    good = [codec().encode(frame) for frame in frames]
    following = [(frame, codec().encode(frame)) for frame in after or frames]
    said_nothing = 0
    for index in range(n):
        rng = random.Random(f"{seed}/{index}")
        flood = index % FLOOD_EVERY == FLOOD_EVERY - 1
        pieces = list(_cut(rng, rubbish(rng, good, max_frame, flood=flood)))
        trial = _Trial(codec(), max_frame, f"seed {seed}, input {index}: {b'|'.join(pieces)[:MAX_RUN]!r}")
        for piece in pieces:
            trial.feed(piece)
        said_nothing += not trial.resumes(rng.choices(following, k=3), may_lose)
    return Tally(n, said_nothing)


class _Trial(Generic[F]):
    """One codec with one input."""

    def __init__(self, codec: BoundedCodec[F], max_frame: int, name: str) -> None:
        self._codec = codec
        self._max_frame = max_frame
        self._name = name

    def feed(self, data: bytes) -> list[F]:
        try:
            found = self._codec.feed(data)
        except Exception as error:
            raise Survived(f"feed() raised {error!r}; {self._name}") from error
        if not 0 <= (held := self._codec.buffered) <= self._max_frame:
            raise Survived(f"holds {held} bytes, declared are {self._max_frame}; {self._name}")
        return [frame for frame in found if not isinstance(frame, BadFrame)]

    def resumes(self, good: Sequence[tuple[F, bytes]], may_lose: int) -> bool:
        """Good frames until they are decoded, at the most so many as fill any frame that the rubbish began.

        False where the input says nothing.
        """
        sent: list[F] = []
        found: list[F] = []
        size = 0
        for frame, data in cycle(good):
            sent.append(frame)
            found += self.feed(data)
            size += len(data)
            in_step = bool(found) and found[-1] == frame and not self._codec.buffered
            if in_step and len(found) >= len(sent) - may_lose:
                return True
            if len(sent) > may_lose and size >= self._max_frame + len(data):
                break
        if len(found) >= len(sent) - may_lose > 0 and found[may_lose - len(sent) :] == sent[may_lose:]:
            return True
        if any(frame not in sent for frame in found):
            return False
        raise Survived(f"sent were then {sent}, decoded {found}; {self._name}")


# --- rubbish ---
def rubbish(rng: random.Random, good: Sequence[bytes], max_frame: int, *, flood: bool = False) -> bytes:
    """One input: one kind of rubbish, or several spliced. A flood is longer than a codec may hold."""
    if flood:
        head = rng.choice(good)[: rng.randint(1, HEAD)]
        return head * (2 * max_frame // len(head) + 1)
    return b"".join(rng.choice(_KINDS)(rng, good) for _ in range(rng.choice((1, 1, 1, 2, 4))))


def _random(rng: random.Random, _good: Sequence[bytes]) -> bytes:
    return rng.randbytes(rng.randint(0, rng.choice((8, 64, MAX_RUN))))


def _alphabet(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """Made of the bytes that frames are made of, so that it looks like frames."""
    return bytes(rng.choices(rng.choice(good), k=rng.randint(1, 48)))


def _mutated(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """A good frame with bytes changed, lost, doubled or inserted."""
    data = bytearray(rng.choice(good))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randint(0, 2)] = rng.choice((b"", rng.randbytes(1), data[at : at + 1] * 2))
    return bytes(data)


def _bit_flipped(rng: random.Random, good: Sequence[bytes]) -> bytes:
    data = bytearray(rng.choice(good))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _lying(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """A good frame whose beginning, where lengths stand, says another number: an extreme or a small one."""
    data = bytearray(rng.choice(good))
    number = rng.choice((0x00, 0x7F, 0x80, 0xFF, rng.randrange(32), rng.randrange(256)))
    data[rng.randrange(min(HEAD, len(data)))] = number
    return bytes(data)


def _truncated(rng: random.Random, good: Sequence[bytes]) -> bytes:
    data = rng.choice(good)
    return data[: rng.randrange(len(data) + 1)]


def _tail(rng: random.Random, good: Sequence[bytes]) -> bytes:
    data = rng.choice(good)
    return data[rng.randrange(len(data) + 1) :]


def _spliced(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """One frame within another: two devices that speak at once."""
    outer, inner = rng.choice(good), rng.choice(good)
    at = rng.randrange(len(outer) + 1)
    return outer[:at] + inner[: rng.randint(1, len(inner))] + outer[at:]


def _heads(rng: random.Random, good: Sequence[bytes]) -> bytes:
    head = rng.choice(good)[: rng.randint(1, HEAD)]
    return head * rng.randint(1, MAX_RUN // len(head) // 4)


def _whole(rng: random.Random, good: Sequence[bytes]) -> bytes:
    return rng.choice(good)


_KINDS = (_random, _alphabet, _mutated, _bit_flipped, _lying, _truncated, _tail, _spliced, _heads, _whole)


def _cut(rng: random.Random, data: bytes) -> Iterator[bytes]:
    """As a line delivers it: at once, a byte at a time, or in pieces of any size."""
    most = rng.choice((len(data), 1, 16)) if len(data) <= MAX_RUN else len(data)
    at = 0
    while at < len(data):
        size = rng.randint(1, most)
        yield data[at : at + size]
        at += size
