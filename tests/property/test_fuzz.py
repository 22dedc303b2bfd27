"""Rubbish on every family's line; and the fuzzer finds what it is for."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from drivers.api import BadFrame
from drivers.registry import Registry
from tests.property.fuzz import Survived, fuzz, rubbish
from tests.property.fuzz_targets import SEARCHES, TARGETS, WITHOUT_CODEC, Connections, Target
from tests.protocol.conformance.toy import MAX_FRAME, ToyCodec

INPUTS = 10_000
TOYS = [b"?", b"R1", b"Ibell-1"]


@pytest.mark.parametrize("target", [*TARGETS, *SEARCHES], ids=lambda target: target.family)
def test_a_familys_codec_survives_rubbish(target: Target | Connections) -> None:
    tally = target.fuzz(INPUTS)
    assert tally.inputs == INPUTS
    assert tally.said_nothing < INPUTS / 4, "the good frames are too much like rubbish to show anything"


def test_every_family_is_fuzzed() -> None:
    fuzzed = {target.family for target in TARGETS}
    assert fuzzed | WITHOUT_CODEC.keys() == set(Registry().families()), "see tests/property/fuzz_targets.py"
    assert not fuzzed & WITHOUT_CODEC.keys()
    assert all(WITHOUT_CODEC.values())


@pytest.mark.parametrize(
    "target", [each for each in TARGETS if isinstance(each, Target)], ids=lambda target: target.family
)
def test_what_is_called_good_is_decoded(target: Target) -> None:
    codec = target.codec()
    for frame in (*target.frames, *target.after):
        assert list(codec.feed(codec.encode(frame))) == [frame]


# --- the fuzzer itself ---
class Raises(ToyCodec):
    """For one kind of broken frame only: a length that lies."""

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        found = super().feed(data)
        if len(self._held) > 1 and self._held[1] > 8:
            raise IndexError("beyond the frame")
        return found


class Hoards(ToyCodec):
    """Keeps what it could not read."""

    def _drop(self, found: list[bytes | BadFrame]) -> None:
        if self._held[0] == 0x02:
            super()._drop(found)
        else:
            found.append(BadFrame("no frame"))
            self._thrown += self._held
            self._held.clear()

    def __init__(self) -> None:
        super().__init__()
        self._thrown = bytearray()

    @property
    def buffered(self) -> int:
        return len(self._held) + len(self._thrown)


class NeverResumes(ToyCodec):
    """After one broken frame it waits for a time-out that nobody gives it."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = False

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        if self._lost:
            return []
        found = super().feed(data)
        self._lost = any(isinstance(frame, BadFrame) for frame in found)
        return found


class LosesThree(NeverResumes):
    """It comes back too late."""

    def __init__(self) -> None:
        super().__init__()
        self._skip = 3

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        if self._lost and data[:1] == b"\x02":
            self._skip -= 1
            if not self._skip:
                self.__init__()  # type: ignore[misc]  # as new
                return []
        return super().feed(data)


def test_a_codec_without_fault_survives() -> None:
    assert fuzz(ToyCodec, TOYS, 2_000, MAX_FRAME).said_nothing < 100


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        (Raises, "raised IndexError"),
        (Hoards, "bytes, declared are"),
        (NeverResumes, "decoded"),
        (LosesThree, "decoded"),
    ],
)
def test_a_faulty_codec_is_found(codec: type[ToyCodec], said: str) -> None:
    with pytest.raises(Survived, match=said) as found:
        fuzz(codec, TOYS, 2_000, MAX_FRAME)
    assert "seed 0, input " in str(found.value)


def test_a_codec_may_lose_what_it_says_and_no_more() -> None:
    fuzz(LosesThree, TOYS, 500, MAX_FRAME, may_lose=3)
    with pytest.raises(Survived):
        fuzz(LosesThree, TOYS, 500, MAX_FRAME, may_lose=2)


def test_the_same_seed_brings_the_same_rubbish_and_another_does_not() -> None:
    def some(seed: int) -> list[bytes]:
        rng = random.Random(seed)
        return [rubbish(rng, TOYS, MAX_FRAME) for _ in range(50)]

    assert some(1) == some(1) != some(2)


def test_a_flood_is_longer_than_a_codec_may_hold() -> None:
    assert len(rubbish(random.Random(1), TOYS, MAX_FRAME, flood=True)) > 2 * MAX_FRAME
