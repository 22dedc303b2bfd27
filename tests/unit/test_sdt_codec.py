"""The reader's frames against the document, against lengths that lie, and against what must not be kept."""

from __future__ import annotations

import pytest

from drivers.api import BadFrame
from drivers.sdt import commands
from drivers.sdt.codec import MAX_FRAME, CardReply, Reply, SdtCodec, request
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import resident
from tests.golden import sdt_frames as golden

CARD = resident()
CARD_FRAME = SdtSim().card_reply(CARD)


def held(codec: SdtCodec) -> bytes:
    return bytes(codec._held)


@pytest.mark.parametrize(
    ("command", "frame"),
    [
        (commands.STATUS, golden.STATUS),
        (commands.FIND, golden.FIND),
        (commands.SELECT, golden.SELECT),
        (commands.READ, golden.READ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_requests_are_those_of_the_document(command: commands.Command, frame: str) -> None:
    assert request(command.code) == bytes.fromhex(frame)


@pytest.mark.parametrize(("frame", "sw", "size"), golden.REPLIES)
def test_replies_are_read_and_written_as_in_the_document(frame: str, sw: int, size: int) -> None:
    data = bytes.fromhex(frame)
    assert SdtCodec().feed(data) == [Reply(sw, bytes(size))]
    assert SdtCodec().encode(Reply(sw, bytes(size))) == data


def test_a_card_is_the_longest_frame_and_its_photo_ends_in_the_codec() -> None:
    assert len(CARD_FRAME) == MAX_FRAME
    assert CARD_FRAME.startswith(bytes.fromhex(golden.CARD_HEAD))
    codec = SdtCodec()
    (card,) = codec.feed(CARD_FRAME)
    assert isinstance(card, CardReply)
    assert card.text == CARD.text
    assert len(card.text) == 256
    assert held(codec) == bytes(MAX_FRAME), "nothing of text or photo is left in the buffer"
    card.wipe()
    assert card.text == bytes(256)


def test_the_buffer_is_overwritten_whatever_becomes_of_the_frame() -> None:
    wrong = CARD_FRAME[:-1] + bytes([CARD_FRAME[-1] ^ 1])
    torn = CARD_FRAME[:900]
    for data in (wrong, torn, CARD_FRAME[3:], CARD_FRAME[:4] + CARD_FRAME[5:]):
        codec = SdtCodec()
        codec.feed(data)
        codec.expire()
        assert codec.buffered == 0
        assert held(codec) == bytes(MAX_FRAME)


def test_the_buffer_never_moves() -> None:
    codec = SdtCodec()
    place = codec._held.obj
    for at in range(0, len(CARD_FRAME), 100):
        codec.feed(CARD_FRAME[at : at + 100])
    assert codec._held.obj is place


def test_no_bad_frame_carries_a_byte_of_what_it_was() -> None:
    wrong = CARD_FRAME[:-1] + bytes([CARD_FRAME[-1] ^ 1])
    found = [*SdtCodec().feed(wrong), *SdtCodec().feed(CARD_FRAME[5:])]
    assert found
    for bad in found:
        assert isinstance(bad, BadFrame)
        assert bad.data == b""
        assert "样" not in bad.reason


def test_nothing_of_a_card_stands_in_a_repr() -> None:
    (card,) = SdtCodec().feed(CARD_FRAME)
    assert repr(card) == "CardReply()"
    assert repr(Reply(0x90, b"12345678")) == "Reply(sw=144)"


def frame_of(length: int, content: bytes) -> bytes:
    """A frame that says `length` and is right otherwise."""
    body = length.to_bytes(2, "big") + content
    check = 0
    for byte in body:
        check ^= byte
    return bytes.fromhex("AAAAAA9669") + body + bytes([check])


@pytest.mark.parametrize("length", [0, 3, 1289, 0xFFFF])
def test_a_length_that_cannot_be_is_told_at_once(length: int) -> None:
    codec = SdtCodec()
    (bad,) = codec.feed(bytes.fromhex("AAAAAA9669") + length.to_bytes(2, "big"))[:1]
    assert isinstance(bad, BadFrame)
    assert bad.reason == f"length {length} is not between 4 and 1288"
    good = codec.feed(bytes.fromhex(golden.REPLIES[0][0]))
    assert good[-1] == Reply(0x90)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x00\x90" + bytes(71),  # longer than any reply but a card's
        b"\x00\x00\x90\x01\x00\x04\x00" + bytes(1279),  # a byte short
        b"\x00\x00\x90\x01\x00\x03\xff" + bytes(1280),  # says another size of its photo
        b"\x00\x00\x90\x02\x00\x03\x00" + bytes(1280),  # and of its text
        b"\x00\x00\x41\x01\x00\x04\x00" + bytes(1280),  # a card that was not read
    ],
)
def test_what_is_as_long_as_a_card_and_is_none_is_no_frame(content: bytes) -> None:
    codec = SdtCodec()
    found = codec.feed(frame_of(len(content) + 1, content))
    assert all(isinstance(each, BadFrame) for each in found)
    assert codec.feed(bytes.fromhex(golden.REPLIES[0][0])) == [Reply(0x90)]


def test_a_length_that_promises_too_much_costs_nothing_once_it_has_run_out() -> None:
    codec = SdtCodec()
    done, found = (bytes.fromhex(golden.REPLIES[n][0]) for n in (0, 1))
    assert codec.feed(bytes.fromhex("AAAAAA96690500") + done + found) == []
    told = codec.expire()
    assert isinstance(told[0], BadFrame)
    assert told[1:] == [Reply(0x90), Reply(0x9F, bytes(4))]


def test_a_good_frame_follows_any_number_of_leading_bytes() -> None:
    done = bytes.fromhex(golden.REPLIES[0][0])
    for lead in range(1, 9):
        assert SdtCodec().feed(b"\xaa" * lead + done)[-1] == Reply(0x90)


def test_what_can_answer_what() -> None:
    done, found, none = Reply(0x90), Reply(0x9F, bytes(4)), Reply(0x80)
    selected, card = Reply(0x90, bytes(8)), CardReply(bytearray(256))
    everything = (
        done,
        found,
        none,
        selected,
        card,
        Reply(0x90, bytes(33)),
        Reply(0x80, b"x"),
        Reply(0x123456),
    )
    fits = {
        command.name: [answer for answer in everything if command.is_answered_by(answer)]
        for command in (commands.STATUS, commands.FIND, commands.SELECT, commands.READ)
    }
    assert fits == {"status": [done], "find": [found, none], "select": [selected], "read": [card]}
    for command in (commands.STATUS, commands.FIND, commands.SELECT, commands.READ):
        assert all(command.is_answered_by(Reply(sw)) for sw in (0x10, 0x11, 0x21, 0x60, 0x66))
