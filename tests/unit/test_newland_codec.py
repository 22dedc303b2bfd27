"""Bytes of a serial scanner: replies and codes in one stream, cut anywhere, wanted or not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from drivers.api import BadFrame, Identity
from drivers.newland.codec import MAX_FRAME, MAX_REPLY, NewlandCodec, Reply, Scan, Spoilt
from drivers.newland.commands import ABOUT, LIGHT_OFF, LIGHT_ON, identity
from drivers.newland.sim import ABOUT as TOLD
from drivers.scanning import MAX_CODE
from tests.golden.newland_frames import COMMANDS, REPLIES

YES = REPLIES["begin to scan: yes"][0]
TRIGGERED = REPLIES["begin to scan: yes"][1]
ROUNDS = 10_000


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_of_the_document(name: str) -> None:
    data, command = COMMANDS[name]
    assert command.encode() == data
    assert command in (LIGHT_ON, LIGHT_OFF, ABOUT)


@pytest.mark.parametrize("name", REPLIES)
def test_the_replies_of_the_document(name: str) -> None:
    data, reply = REPLIES[name]
    assert NewlandCodec().feed(data) == [reply]
    assert NewlandCodec().encode(reply) == data


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r\n"])
def test_a_code_ends_with_its_line_whatever_that_ends_with(end: bytes) -> None:
    codec = NewlandCodec()
    assert codec.feed(b"A012" + end + b"B001" + end) == [Scan(b"A012"), Scan(b"B001")]
    assert (codec.buffered, codec.pending) == (0, False)


def test_a_code_and_a_reply_cut_anywhere() -> None:
    data = YES + b"6901234567892\r\n" + YES
    for cut in range(len(data)):
        codec = NewlandCodec()
        assert [*codec.feed(data[:cut]), *codec.feed(data[cut:])] == [
            TRIGGERED,
            Scan(b"6901234567892"),
            TRIGGERED,
        ]


def test_a_code_may_hold_what_begins_like_a_reply() -> None:
    assert NewlandCodec().feed(b"a\x02b\x02\x01c\r") == [Scan(b"a\x02b\x02\x01c")]


def test_a_code_that_is_not_wanted_is_not_kept_to_its_end() -> None:
    codec = NewlandCodec()
    codec.keep = False
    assert codec.feed(b"1234") == []
    assert codec.buffered == 0
    codec.keep = True
    assert codec.feed(b"5678\rA012\r") == [Scan(b"A012")]


def test_a_code_that_is_no_longer_wanted_goes_whole() -> None:
    codec = NewlandCodec()
    codec.feed(b"1234")
    codec.wipe()
    assert codec.feed(b"5678\rA012\r") == [Scan(b"A012")]


def test_a_code_without_its_end_is_spoilt() -> None:
    codec = NewlandCodec()
    codec.feed(b"1234")
    assert codec.pending
    assert codec.expire() == [Spoilt("cut_short")]
    assert NewlandCodec().feed(b"1234" + YES) == [Spoilt("cut_short"), TRIGGERED]


def test_the_longest_code_and_one_that_is_longer() -> None:
    codec = NewlandCodec()
    assert codec.feed(b"1" * MAX_CODE + b"\r") == [Scan(b"1" * MAX_CODE)]
    for _ in range(100):
        assert codec.feed(b"1" * 1000) == []
        assert codec.buffered <= MAX_FRAME
    assert codec.feed(b"\rA\r") == [Spoilt("code_too_long"), Scan(b"A")]


def bad(found: Sequence[object]) -> list[object]:
    return ["bad" if isinstance(each, BadFrame) else each for each in found]


def test_a_torn_reply_spoils_the_code_that_it_would_run_into() -> None:
    codec = NewlandCodec()
    assert codec.feed(YES[:-2] + b"6901234567892\r") == []
    assert bad(codec.expire()) == ["bad", Spoilt("cut_short")]
    assert codec.feed(b"A012\r" + YES) == [Scan(b"A012"), TRIGGERED]


def test_a_torn_reply_ends_where_the_next_begins() -> None:
    assert bad(NewlandCodec().feed(YES[:-2] + YES)) == ["bad", Spoilt("cut_short"), TRIGGERED]


def test_a_reply_that_never_ends_is_given_up() -> None:
    codec = NewlandCodec()
    assert bad(codec.feed(YES[:-3] + b"x" * MAX_REPLY)) == ["bad"]
    assert codec.buffered <= MAX_REPLY


def test_bytes_of_a_code_stand_in_no_repr_and_in_no_bad_frame() -> None:
    assert "A012" not in repr(Scan(b"A012"))
    found = NewlandCodec().feed(YES[:-2] + b"A012\r" + YES)
    assert [each.data for each in found if isinstance(each, BadFrame)] == [b""]


def test_a_broken_code_is_not_sent_on_purpose() -> None:
    with pytest.raises(ValueError, match="on purpose"):
        NewlandCodec().encode(Spoilt("cut_short"))


def test_rubbish_never_raises_and_a_code_after_it_is_found() -> None:
    rng = random.Random("codes")
    codec = NewlandCodec()
    for _ in range(ROUNDS):
        piece = bytearray(rng.choice((YES, b"A012\r\n", rng.randbytes(rng.randrange(60)))))
        if piece and rng.random() < 0.5:
            piece[rng.randrange(len(piece))] = rng.randrange(256)
        codec.feed(bytes(piece[: rng.randrange(len(piece) + 1)]))
        assert codec.buffered <= MAX_FRAME
    codec.expire()
    assert codec.feed(b"A012\r" + YES) == [Scan(b"A012"), TRIGGERED]


# --- who it is ---
def test_what_it_says_of_itself() -> None:
    assert identity(Reply("@", "QRYSYS", TOLD, True)) == Identity("NLS-SIM30", "SIM0001", "1.00.001")


def test_one_that_says_nothing_of_itself_is_a_newland() -> None:
    assert identity(Reply("@", "QRYSYS", b"", False)) == Identity("Newland")
    assert len(identity(Reply("@", "QRYSYS", b"Product Name: " + b"x" * 300, True)).model) == 64
