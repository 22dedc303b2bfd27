"""RTP headers, what sequence numbers tell, and how a stream flows."""

from __future__ import annotations

import math
import struct

import pytest

from drivers.camera.errors import BadSyntax
from drivers.camera.flow import FlowMeter, StirMeter, intra_of
from drivers.camera.h264 import H264
from drivers.camera.rtp import Packet, Sequence, packet
from tests.camera_packets import fu_a, rtp, slice_264


def test_a_plain_header() -> None:
    assert packet(rtp(b"x", 7, 90_000, marker=True, kind=98)) == Packet(98, True, 7, 90_000, b"x")


def test_sources_extension_and_padding_are_left_out() -> None:
    head = struct.pack("!BBHII", 0xB2, 96, 1, 2, 3) + bytes(8) + struct.pack("!HH", 0xBEDE, 1) + bytes(4)
    assert packet(head + b"payload" + b"\x00\x00\x03").payload == b"payload"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(12),
        b"\x80" * 11,
        b"\x8f" + bytes(11),
        b"\x90" + bytes(11),
        b"\x90" + bytes(13) + b"\xff\xff",
        b"\xa0" + bytes(11),
        b"\xa0" + bytes(11) + b"\xff",
        b"\x80\xc8" + bytes(26),
    ],
    ids=["empty", "version 0", "short", "sources", "no extension", "extension", "padding", "pad", "RTCP"],
)
def test_what_is_no_rtp_is_told(data: bytes) -> None:
    with pytest.raises(BadSyntax):
        packet(data)


def test_what_is_missing_is_counted_and_what_is_late_is_not_taken() -> None:
    sequence = Sequence()
    assert [sequence.take(each) for each in (65_534, 65_535, 0, 3, 2, 3, 4)] == [0, 0, 0, 2, -1, -1, 0]
    assert (sequence.received, sequence.lost) == (5, 2)


def test_a_sender_that_begins_anew_has_lost_no_thousands() -> None:
    sequence = Sequence()
    assert [sequence.take(each) for each in (10, 40_000, 40_001)] == [0, 1, 0]
    assert sequence.lost == 0


# --- how it flows ---
IDR, P = fu_a(slice_264(5, 7, size=2000)), [slice_264(1, 5)]


def metered(
    order: list[int],
    *,
    gop: int = 5,
    drop: frozenset[int] = frozenset(),
    late_s: float = 0.0,
    ticks: int = 3600,
) -> FlowMeter:
    """Pictures at 25 a second, shown in `order`, every `gop`th an IDR; every other comes `late_s` later."""
    meter = FlowMeter(90_000, intra_of(H264()))
    sequence = 0
    for number, shown in enumerate(order):
        for payload in IDR if number % gop == 0 else P:
            data = rtp(payload, sequence, 2**32 - 3600 + shown * ticks)
            if sequence not in drop:
                meter.take(packet(data), len(data), 100.0 + number * 0.04 + number % 2 * late_s)
            sequence += 1
    return meter


def test_an_even_stream() -> None:
    flow = metered(list(range(51))).flow(102.0)
    assert flow.seconds == pytest.approx(2.0)
    assert flow.fps == pytest.approx(25.0)
    assert flow.jitter_ms == pytest.approx(0.0, abs=1e-6)
    assert flow.gop_s == pytest.approx(0.2)
    assert flow.longest_gap_s == pytest.approx(0.04)
    assert (flow.received, flow.lost) == (62, 0)
    assert flow.bits_per_s == pytest.approx(8 * (11 * 2030 + 40 * 55) / 2, rel=0.05)


def test_b_pictures_come_in_another_order() -> None:
    order = [0] + [each for start in range(1, 48, 3) for each in (start + 2, start, start + 1)]
    flow = metered(order, gop=12).flow(102.0)
    assert flow.fps == pytest.approx(25.0, rel=0.03)
    assert flow.gop_s == pytest.approx(0.48, rel=0.2)


def test_what_is_lost_late_or_stops_is_seen() -> None:
    assert metered(list(range(51)), drop=frozenset({20, 21, 30})).flow(102.0).lost == 3
    assert metered(list(range(51)), gop=1000, late_s=0.03).flow(102.0).jitter_ms == pytest.approx(30, rel=0.1)
    assert metered(list(range(26))).flow(105.0).longest_gap_s == pytest.approx(4.0)


@pytest.mark.parametrize("ticks", [0, 9])
def test_a_clock_that_stands_still_or_creeps_is_not_believed(ticks: int) -> None:
    """The first shows as one picture; the second would be 10,000 a second."""
    flow = metered(list(range(51)), ticks=ticks).flow(102.0)
    assert flow.fps == pytest.approx(25.0 if ticks else 0.0)


@pytest.mark.parametrize(
    ("gop", "grows", "median"),
    [(5, 0, len(b"".join(P))), (1, 0, 0), (1, 1, len(b"".join(IDR)) + 4)],
    ids=["foretold", "intra, all the same", "intra, each its own"],
)
def test_the_stir_is_what_is_new_from_picture_to_picture(gop: int, grows: int, median: int) -> None:
    meter = StirMeter(intra_of(H264()))
    for number in range(12):
        *first, last = IDR if number % gop == 0 else P
        for at, payload in enumerate([*first, last + bytes(grows * number)]):
            meter.take(packet(rtp(payload, 10 * number + at, 3600 * number)))
    assert meter.is_enough
    assert meter.stir() == pytest.approx(math.log1p(median), rel=0.001)


def test_of_two_pictures_no_stir_is_known() -> None:
    meter = StirMeter(intra_of(H264()))
    for number in range(3):
        for at, payload in enumerate(P):
            meter.take(packet(rtp(payload, 10 * number + at, 3600 * number)))
    assert meter.stir() is None


def test_nothing_is_nothing() -> None:
    flow = FlowMeter(90_000, intra_of(H264())).flow(1.0)
    assert (flow.seconds, flow.fps, flow.received, flow.longest_gap_s) == (0.0, 0.0, 0, 0.0)
