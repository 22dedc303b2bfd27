"""Frames of the boards, and what stands in them."""

from __future__ import annotations

from datetime import datetime

import pytest

from drivers.api import BadFrame
from drivers.bx5k import commands
from drivers.bx5k.codec import BUFFER, NOISE_RUN, BoardCodec, Frame, crc16, encode
from drivers.bx5k.sim_ears import Ears, check_of, spoken
from tests.golden.bx5k_frames import AREA, DATA, SENT

PING = encode(Frame(commands.PING))


@pytest.mark.parametrize(("data", "frame"), SENT.values(), ids=SENT)
def test_what_is_printed_in_the_protocol_is_what_we_send_and_read(data: bytes, frame: bytes) -> None:
    assert encode(Frame(data)) == frame
    assert BoardCodec().feed(frame) == [Frame(data)]


@pytest.mark.parametrize(("data", "printed"), DATA.values(), ids=DATA)
def test_the_data_of_each_command(data: bytes, printed: bytes) -> None:
    assert data == printed


def test_an_area_is_as_in_the_example() -> None:
    area, printed = AREA
    assert commands.area_bytes(area) == printed
    assert commands.areas([area]) == b"\xa3\x06\x01\x00\x00\x00\x01" + b"\x29\x00" + printed


def test_the_check_is_crc_16_arc() -> None:
    assert crc16(b"123456789") == 0xBB3D
    assert check_of(b"123456789") == b"\x3d\xbb"


def test_escapes_come_after_the_check() -> None:
    data = b"\xa5\xa6\x5a\x5b\x00"
    wire = encode(Frame(data))
    assert b"\xa6\x02\xa6\x01\x5b\x02\x5b\x01\x00" in wire
    assert wire.count(0xA5) == 8
    assert wire.index(0x5A) == len(wire) - 1
    assert BoardCodec().feed(wire) == [Frame(data)]


@pytest.mark.parametrize("leads", [1, 2, 8, 100])
def test_any_number_of_leading_bytes(leads: int) -> None:
    assert BoardCodec().feed(b"\xa5" * leads + PING.lstrip(b"\xa5")) == [Frame(commands.PING)]


def test_a_check_of_ff_is_none() -> None:
    assert BoardCodec().feed(PING[:-3] + b"\xff\xff\x5a") == [Frame(commands.PING)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PING[:-3] + b"\x00\x00\x5a", "check 0000, computed F868"),
        (b"\xa5\x01\x02\x5a", "2 bytes are no frame"),
        (PING.replace(b"\x05\x00\xa2", b"\x06\x00\xa2"), "says that it has 6 bytes of data, and has 5"),
        (b"\xa5\x5b\x07", "07 ends no escape"),
        (b"\xa5\xa6\x5a", "ends within an escape"),
        (b"\xa5" + bytes(BUFFER + 1), f"longer than {BUFFER} bytes"),
        (b"\xa5\x01\xa5", "cut short"),
    ],
)
def test_what_is_no_frame_says_why_and_costs_no_other(data: bytes, reason: str) -> None:
    codec = BoardCodec()
    (bad,) = codec.feed(data)
    assert isinstance(bad, BadFrame)
    assert bad.reason == reason
    assert codec.feed(PING) == [Frame(commands.PING)]
    assert codec.buffered == 0


def test_noise_is_reported_in_runs() -> None:
    assert len(BoardCodec().feed(bytes(2 * NOISE_RUN))) == 2


def test_nothing_longer_than_the_receive_buffer_can_be_sent() -> None:
    room = BUFFER - len(encode(Frame(b"")))
    data = b"\x00" * (room - 1)  # the length's low byte and the check may be escaped
    assert len(encode(Frame(data))) <= BUFFER
    with pytest.raises(ValueError, match="1024"):
        encode(Frame(b"\xa5" * (room // 2 + 3)))


def test_simulator_and_codec_have_read_the_same_protocol() -> None:
    data = bytes(range(256))
    (heard,) = Ears(BUFFER).hear(encode(Frame(data, to=7, device=0x51)))
    assert (heard.good, heard.to, heard.sender, heard.device, heard.data) == (True, 7, 0x8000, 0x51, data)
    assert BoardCodec().feed(spoken(0x8000, 7, 0x51, data)) == [Frame(data, 0x8000, 7, 0x51)]


# --- replies ---
STATUS = (
    bytes.fromhex("01 0C 2420 05 15 09 30 58 03 02") + b"P001" + bytes.fromhex("00 01 02 00 03") + b"B" * 16
)


def test_a_status_is_read_as_documented() -> None:
    status = commands.status(STATUS + bytes(12))
    assert status == commands.Status(True, 12, datetime(2024, 5, 15, 9, 30, 58), 2, "P001", (0, 3), "B" * 16)


def test_a_clock_that_makes_no_sense_is_no_time() -> None:
    assert commands.status(STATUS.replace(b"\x24\x20\x05", b"\xff\x20\x05")).clock is None


@pytest.mark.parametrize("data", [b"", STATUS[:17], STATUS[:17] + b"\x20\x00"])
def test_a_status_that_is_cut_short_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"status|areas"):
        commands.status(data)


def test_no_command_for_program_files_or_for_the_reset_that_erases_them() -> None:
    """Flash wears out; what is not there cannot be sent by mistake."""
    ours = [commands.PING, commands.STATUS, commands.CLEAR, commands.areas()]
    ours += [commands.power(True), commands.brightness(1, table=True), commands.clock(datetime(2024, 1, 1))]
    groups = {bytes(data[:2]) for data in ours}
    assert {group for group in groups if group[0] == 0xA1} == {b"\xa1\x02"}
    assert b"\xa2\x01" not in groups
    made = {name for name, value in vars(commands).items() if callable(value) and name.islower()}
    assert made & {"program", "write_file", "reset"} == set()
