"""Seeded rubbish on the pipe of a picture worker: see `tests.property.fuzz_connections` for what is asked."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

from drivers.api import BadFrame
from drivers.camera.framing import MARK, Frame, Frames
from drivers.camera.job import Answer, Hello, read_answer, read_hello, write_answer, write_hello
from tests.property.fuzz_connections import spoil, twist

LIMIT = 2000
GOOD = write_answer(
    3,
    Answer(
        "ok", "", 640, 360, False, {"mean": 12.5, "n": 3, "mode": "day"}, {"thumb": b"abc"}, b"jpeg", 1.0, 9
    ),
)
SIZES = (0, 1, 12, 1999, 2000, 2**31, 2**32 - 1)


def throw_at_worker_pipe(n: int, seed: int) -> None:
    """`n` inputs, each on a pipe of its own. Raises AssertionError where the codec does not keep its word."""
    rng = random.Random(f"worker/{seed}")
    failures = answers = 0
    for _ in range(n):
        frames, found = Frames(LIMIT), list[Frame | BadFrame]()
        data = _input(rng) + GOOD
        cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 1, 4))))
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            found += frames.feed(data[start:end])
            assert 0 <= frames.buffered <= LIMIT
        bad = [each for each in found if isinstance(each, BadFrame)]
        assert len(bad) <= 1
        assert not bad or (found[-1] is bad[0] and frames.feed(GOOD) == [] and len(bad[0].data) <= 64)
        failures += len(bad)
        answers += sum(_is_answer(each) for each in found if isinstance(each, Frame))
    assert failures > n / 100
    assert answers > n / 100


def _is_answer(frame: Frame) -> bool:
    """It is read, or refused as it should be."""
    for read in (read_answer, read_hello):
        try:
            read(frame)
        except ValueError:
            continue
        return True
    return False


def _input(rng: random.Random) -> bytes:
    match rng.randrange(5):
        case 0:
            return rng.randbytes(rng.randint(1, 80))
        case 1:
            return spoil(rng, rng.choice((GOOD, write_hello(Hello("av 18")))))
        case 2:
            return MARK + struct.pack("!II", rng.choice(SIZES), rng.choice(SIZES)) + rng.randbytes(20)
        case 3:
            return GOOD[: rng.randrange(len(GOOD))]
        case _:
            return _twisted(rng)


def _twisted(rng: random.Random) -> bytes:
    """A frame that is whole, whose text says other things."""
    (frame,) = Frames(LIMIT).feed(GOOD)
    assert isinstance(frame, Frame)
    sizes: Any = [["given.thumb", 3], ["jpeg", 4]]
    raw = json.dumps(twist(rng, {**frame.text, "blobs": sizes}), default=float).encode()
    return MARK + struct.pack("!II", len(raw), 7) + raw + b"abcjpeg"
