"""What cameras say of the time, and whose clock it is that is wrong."""

from __future__ import annotations

import struct
from zoneinfo import ZoneInfo

import pytest

from drivers.camera.wall_clock import AGREE_S, NTP_S, Clocks, of_date, of_report
from drivers.messages import Instant

WALL_S, MONO_S = 1_764_400_000.0, 5_000.0
NOW = Instant(WALL_S, MONO_S, clock_ok=True)
CHINA_S = 8 * 3600.0


@pytest.mark.parametrize(
    ("text", "wall_s"),
    [
        ("Fri, 23 Jan 1997 15:35:06 GMT", 854033706.0),  # RFC 2326 §12.18 and RFC 1123's form
        ("Tue, Aug 18 2015 10:20:30 GMT", 1439893230.0),  # as live555 writes it
        ("Thu, 01 Jan 1970 00:01:02 GMT", 62.0),  # a camera that has lost its clock's battery
        ("Tue, 18 Aug 2015 18:20:30 +0800", 1439893230.0),
        ("", None),
        ("yesterday", None),
        ("Tue, 99 Aug 2015 10:20:30 GMT", 1439893230.0 + 81 * 86_400),  # odd, and at least far off
        ("Tue, 18 Aug 999999999999999999999 10:20:30 GMT", None),
        ("\x00" * 300, None),
    ],
)
def test_dates(text: str, wall_s: float | None) -> None:
    assert of_date(text) == wall_s


def report(seconds: int, kind: int = 200, flags: int = 0x80) -> bytes:
    """RFC 3550 §6.4.1: header, source, NTP time, RTP time, packets, octets."""
    return struct.pack(">BBHIIIIII", flags, kind, 6, 7, seconds, 2**31, 90_000, 1, 1)


def test_sender_reports() -> None:
    assert of_report(report(int(WALL_S) + NTP_S)) == WALL_S + 0.5
    assert of_report(report(int(WALL_S) + NTP_S, kind=201)) is None, "a receiver's"
    assert of_report(report(int(WALL_S) + NTP_S, flags=0x40)) is None
    assert of_report(report(0)) is None
    assert of_report(report(4_711)) is None, "counted from its start"
    assert of_report(report(int(WALL_S) + NTP_S)[:15]) is None


def clocks(*offsets_s: float) -> Clocks:
    """Each of a camera, against this machine's."""
    found = Clocks(ZoneInfo("Asia/Shanghai"))
    for n, offset_s in enumerate(offsets_s):
        found.offset_s(f"cam-{n}", WALL_S + offset_s, NOW)
    return found


def test_one_that_is_wrong() -> None:
    found = clocks(0.4, -0.3, 1.0)
    assert found.offset_s("cam-9", WALL_S - 3600.0, NOW) == -3600.0
    assert found.common_s(NOW) == 0.0


def test_local_time_that_is_called_gmt() -> None:
    found = clocks()
    assert found.offset_s("cam-1", WALL_S + CHINA_S + 1.0, NOW) == 1.0
    assert found.offset_s("cam-2", WALL_S + CHINA_S + 600.0, NOW) == 600.0
    assert found.offset_s("cam-3", WALL_S - CHINA_S, NOW) == -CHINA_S


def test_a_step_of_this_machines_clock_is_no_cameras_fault_from_the_first_look_on() -> None:
    found = clocks(0.0, 0.5, -0.5, 1.0)
    stepped = Instant(WALL_S + 3600.0, MONO_S, clock_ok=True)
    assert found.offset_s("cam-2", WALL_S, stepped) == pytest.approx(0.0, abs=1.0)
    assert found.common_s(stepped) == pytest.approx(-3600.0, abs=1.0)
    assert found.common_s(NOW) == 0.0, "put right again"


def test_who_does_not_agree_proves_nothing() -> None:
    assert clocks(3600.0, 3600.0).common_s(NOW) == 0.0, "two are too few"
    assert clocks(3600.0, 3600.0, 0.0, 0.0).common_s(NOW) == 0.0
    assert clocks(*(n * 100.0 for n in range(40))).common_s(NOW) == 0.0
    assert clocks(3600.0, 3600.0, 3601.0, 0.0).common_s(NOW) == pytest.approx(3600.0, abs=1.0)
    assert clocks(*[AGREE_S - 1.0] * 9).common_s(NOW) == 0.0, "within what clocks may be off"
