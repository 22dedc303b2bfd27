"""Events of the kernel: the bytes of the documents, names of keys, and rubbish."""

from __future__ import annotations

import random
import sys

import pytest

from drivers.api import BadFrame
from drivers.hid.codec import MAX_FRAME, HidCodec, InputEvent
from drivers.hid.keys import CODES, TYPED, code_of, name_of
from drivers.hid.sim import CHARS, event
from tests.golden.hid_events import EVENTS

ROUNDS = 10_000


def test_an_event_is_24_bytes_on_64_bits() -> None:
    assert (MAX_FRAME, sys.maxsize > 2**32) == (24, True)


@pytest.mark.parametrize("name", EVENTS)
def test_the_events_of_the_documents(name: str) -> None:
    data, meant = EVENTS[name]
    assert HidCodec().feed(data) == [meant]
    assert HidCodec().encode(meant) == data


def test_the_simulators_bytes_are_the_kernels() -> None:
    (found,) = HidCodec().feed(event(4, 4, -1, 1_700_000_000.5))
    assert found == InputEvent(4, 4, -1, 1_700_000_000, 500_000)


AT_S = 1_700_000_000.5


@pytest.mark.parametrize(
    "wrong",
    [
        event(6, 0, 0, AT_S),  # no such type
        event(1, 0x300, 1, AT_S),  # no such key
        event(1, 30, 3, AT_S),  # no such value of a key
        event(0, 4, 0, AT_S),  # no such synchronisation
        event(1, 30, 1, AT_S)[:8] + (1_000_000).to_bytes(8, "little") + event(1, 30, 1, AT_S)[16:],
        b"\xff" * 24,
    ],
)
def test_what_cannot_be_is_slid_over(wrong: bytes) -> None:
    codec = HidCodec()
    good = event(1, 30, 1, 1_700_000_000)
    found = codec.feed(wrong + good)
    assert found[-1] == InputEvent(1, 30, 1, 1_700_000_000)
    assert all(isinstance(each, BadFrame) and each.data == b"" for each in found[:-1])
    assert 1 <= len(found[:-1]) <= 2


def test_rubbish_never_raises_and_an_event_after_it_is_found() -> None:
    rng = random.Random("keys")
    codec, good = HidCodec(), event(1, 30, 1, 1_700_000_000)
    for _ in range(ROUNDS):
        piece = bytearray(rng.choice((good, rng.randbytes(rng.randrange(60)))))
        if piece and rng.random() < 0.5:
            piece[rng.randrange(len(piece))] = rng.randrange(256)
        codec.feed(bytes(piece[: rng.randrange(len(piece) + 1)]))
        assert codec.buffered < MAX_FRAME
    assert InputEvent(1, 30, 1, 1_700_000_000) in codec.feed(good + good)


# --- keys ---
def test_the_names_are_the_kernels() -> None:
    ecodes = pytest.importorskip("evdev").ecodes
    assert {name: ecodes.ecodes[name] for name in CODES} == CODES


def test_a_key_has_a_name_or_a_number() -> None:
    assert [code_of("key_kp1"), code_of("0x120"), name_of(79), name_of(0x120)] == [
        79,
        0x120,
        "KEY_KP1",
        "0x120",
    ]
    for wrong in ("KEY_", "1", "0x", "0x300", "0x0", "enter", ""):
        with pytest.raises(ValueError, match="is no key"):
            code_of(wrong)


def test_the_simulators_keyboard_types_what_the_driver_reads() -> None:
    for char, (code, shift) in CHARS.items():
        assert TYPED[code][shift] == char
    assert set(CHARS) == {chr(code) for code in range(0x20, 0x7F)}
