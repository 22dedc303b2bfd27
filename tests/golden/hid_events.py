"""Input events byte for byte, on a little-endian machine of 64 bits.

Source: linux/input.h, `struct input_event` (two longs of time, type, code, value), and
linux/input-event-codes.h. Laid out by hand, at 1700000000.000250 s; not captured.
"""

from __future__ import annotations

from drivers.hid.codec import InputEvent

_TIME = bytes.fromhex("00 F1 53 65 00 00 00 00  FA 00 00 00 00 00 00 00")
_AT = (1_700_000_000, 250)

EVENTS: dict[str, tuple[bytes, InputEvent]] = {
    "KEY_KP5 down": (_TIME + bytes.fromhex("01 00  4C 00  01 00 00 00"), InputEvent(1, 76, 1, *_AT)),
    "KEY_KP5 repeated": (_TIME + bytes.fromhex("01 00  4C 00  02 00 00 00"), InputEvent(1, 76, 2, *_AT)),
    "KEY_KP5 up": (_TIME + bytes.fromhex("01 00  4C 00  00 00 00 00"), InputEvent(1, 76, 0, *_AT)),
    "MSC_SCAN of it": (_TIME + bytes.fromhex("04 00  04 00  5D 00 07 00"), InputEvent(4, 4, 0x7005D, *_AT)),
    "SYN_REPORT": (_TIME + bytes.fromhex("00 00  00 00  00 00 00 00"), InputEvent(0, 0, 0, *_AT)),
    "SYN_DROPPED": (_TIME + bytes.fromhex("00 00  03 00  00 00 00 00"), InputEvent(0, 3, 0, *_AT)),
}
