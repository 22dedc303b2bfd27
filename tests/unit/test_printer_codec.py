"""The printer's codec against documents, and against another program's commands."""

from __future__ import annotations

import pytest
from escpos.constants import QR_ECLEVEL_M, QR_MODEL_2  # type: ignore[import-untyped]
from escpos.printer import Dummy  # type: ignore[import-untyped]
from PIL import Image

from drivers.api import BadFrame
from drivers.printer import commands
from drivers.printer.codec import MAX_FRAME, Asb, Cleared, PaperReply, PrinterCodec, RealTime, Text
from tests.golden import printer_answers as said
from tests.golden import printer_commands as told


def _asking() -> PrinterCodec:
    codec = PrinterCodec()
    codec.expect_text = True
    return codec


# --- answers ---
def test_every_documented_real_time_answer_is_told_apart() -> None:
    for _, status, _ in said.REAL_TIME:
        assert PrinterCodec().feed(bytes((status,))) == [RealTime(status)]


def test_every_documented_automatic_status_is_told_apart() -> None:
    for text, _ in said.ASB:
        (frame,) = PrinterCodec().feed(bytes.fromhex(text))
        assert isinstance(frame, Asb)
        assert bytes(frame.status) == bytes.fromhex(text)


def test_print_done_model_and_clear_response() -> None:
    assert PrinterCodec().feed(bytes.fromhex(said.PRINT_DONE)) == [PaperReply(0)]
    assert PrinterCodec().feed(bytes.fromhex(said.PRINT_DONE_NEAR_END)) == [PaperReply(3)]
    assert _asking().feed(bytes.fromhex(said.MODEL_RP_U420)) == [Text("RP-U420")]
    assert PrinterCodec().feed(bytes.fromhex(said.CLEARED)) == [Cleared()]


def test_a_mixed_stream_is_split() -> None:
    stream = bytes.fromhex("12 10 00 00 00 00 16 38 00 00 00 37 25 00 7E")
    assert PrinterCodec().feed(stream) == [
        RealTime(0x12),
        Asb((0x10, 0, 0, 0)),
        PaperReply(0),
        RealTime(0x16),
        Asb((0x38, 0, 0, 0)),
        Cleared(),
        RealTime(0x7E),
    ]


def test_flow_control_between_the_bytes_of_a_status_leaves_it_whole() -> None:
    """The manuals allow XOFF, and only XOFF, between the four bytes."""
    frames = PrinterCodec().feed(bytes.fromhex("10 00 13 00 00"))
    assert [f for f in frames if not isinstance(f, BadFrame)] == [Asb((0x10, 0, 0, 0))]
    assert len(frames) == 2


def test_a_broken_automatic_status_never_passes_for_print_done() -> None:
    frames = PrinterCodec().feed(bytes.fromhex("10 00 00 12"))
    assert frames == [BadFrame("broken off", b"\x10\x00\x00"), RealTime(0x12)]


def test_text_is_only_text_when_it_was_asked_for() -> None:
    frames = PrinterCodec().feed(bytes.fromhex(said.MODEL_RP_U420))
    assert not any(isinstance(frame, Text) for frame in frames)
    assert frames[0] == BadFrame("not a status", b"\x5f")


def test_text_without_an_end_is_given_up() -> None:
    codec = _asking()
    frames = codec.feed(b"\x5f" + b"A" * 200)
    assert all(isinstance(frame, BadFrame) for frame in frames)
    assert codec.buffered <= MAX_FRAME
    assert codec.feed(b"\x12")[-1] == RealTime(0x12)


def test_what_is_held_can_be_dropped() -> None:
    codec = PrinterCodec()
    assert codec.drop() is None
    codec.feed(b"\x10\x00")
    assert codec.buffered == 2
    assert codec.drop() == BadFrame("cut short", b"\x10\x00")
    assert codec.feed(b"\x00") == [PaperReply(0)]


@pytest.mark.parametrize("byte", [0x20, 0x41, 0x80, 0x93, 0xFF, 0x11, 0x13, 0x15])
def test_what_is_no_status_is_a_bad_frame(byte: int) -> None:
    (frame,) = PrinterCodec().feed(bytes((byte,)))
    assert isinstance(frame, BadFrame)
    assert frame.data == bytes((byte,))


# --- commands ---
def _hex(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_plain_commands_are_as_documented() -> None:
    assert _hex(told.INITIALISE) == commands.INITIALISE
    assert _hex(told.CHINESE_ON) == commands.CHINESE_ON
    assert _hex(told.ASB_ALL) == commands.ASB_ON
    assert _hex(told.PRINT_DONE) == commands.PRINT_DONE
    assert _hex(told.CLEAR_BUFFERS) == commands.CLEAR_BUFFERS
    assert commands.identify(commands.MODEL) == _hex(told.MODEL)
    assert commands.feed_and_cut(0) == _hex(told.CUT)
    assert [commands.status(n) for n in (1, 2, 3, 4)] == [_hex(text) for text in told.STATUS]
    assert [commands.recover(n) for n in (0, 1, 2)] == [_hex(text) for text in told.RECOVER]


def test_lines_qr_and_raster_are_as_documented() -> None:
    number = commands.align("center") + commands.size(6) + b"A012" + commands.LINE_FEED
    chinese = commands.align("left") + commands.size(2) + "请取号".encode("gb18030") + commands.LINE_FEED
    assert number == _hex(told.LINE_A012_SIZE_6_CENTER)
    assert chinese == _hex(told.LINE_CHINESE_SIZE_2)
    assert commands.qr(b"A012", 6) == _hex(told.QR_A012)
    assert commands.raster(2, _hex("FFFF0000FFFF")) == _hex(told.RASTER_16_BY_3)


def test_a_long_qr_code_counts_its_bytes_in_two() -> None:
    assert b"\x1d\x28\x6b\x2f\x01\x31\x50\x30" in commands.qr(b"x" * 300, 6)  # 303 = 0x012F


def test_another_program_says_the_same() -> None:
    """python-escpos, written from the same reference by other hands."""
    other = Dummy(profile="default")
    other.hw("INIT")
    other.set(align="center", custom_size=True, width=6, height=6)
    assert other.output.startswith(commands.INITIALISE)
    assert commands.align("center") in other.output
    assert commands.size(6) == b"\x1d!\x55"
    assert commands.size(6) in other.output


def test_another_program_encodes_the_same_qr_code() -> None:
    other = Dummy(profile="TM-T88III")
    other.qr("A012", ec=QR_ECLEVEL_M, size=6, model=QR_MODEL_2, native=True)
    mine = commands.qr(b"A012", 6)
    assert mine in other.output


def test_another_program_encodes_the_same_raster() -> None:
    image = Image.frombytes("1", (16, 3), bytes.fromhex("0000 ffff 0000"))  # 0 is black there
    other = Dummy(profile="default")
    other.image(image, impl="bitImageRaster", center=False)
    assert _hex(told.RASTER_16_BY_3) in other.output
