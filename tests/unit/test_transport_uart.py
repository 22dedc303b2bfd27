"""What a port reads at another speed than the sender's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.transport.uart import misread


@given(st.binary(max_size=200))
def test_at_the_senders_speed_every_byte_is_as_it_was(data: bytes) -> None:
    assert misread(data, 1.0) == data
    assert misread(data, 1.02) == data, "clocks of two per cent more are within what a port bears"


@given(st.binary(min_size=1, max_size=200), st.sampled_from((1 / 12, 1 / 8, 1 / 6, 1 / 2, 2, 4, 6, 12, 96)))
def test_at_another_something_else_is_read(data: bytes, ratio: float) -> None:
    read = misread(data, ratio)
    assert read, "a start bit is seen at any speed"
    assert len(read) <= len(data) * max(1.0, ratio)


@pytest.mark.parametrize(
    ("sent", "ratio", "read"),
    [
        (b"\xff", 4.0, b"\xf8"),  # the start bit lasts for four of ours: ours, and three of data
        (b"\x00", 4.0, b"\x00"),  # low for 36 of ours: one frame, whose stop bit is false; then it is over
        (b"\x10\x04\x01", 4.0, b"\x00\x00\x00\x00\x78"),
        (b"\x10\x04\x01", 1 / 8, b"\xf8"),  # 30 bits are less than four of ours
    ],
)
def test_bit_by_bit(sent: bytes, ratio: float, read: bytes) -> None:
    assert misread(sent, ratio) == read
