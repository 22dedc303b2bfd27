"""Frames of Onbon font-card controllers, byte for byte, with their check bytes recomputed.

Source: Onbon, BX-5K/6K communication protocol for users. A frame marked "layout" follows the documented
layout, but is not itself printed there.
"""

from __future__ import annotations

from datetime import datetime

from drivers.bx5k import commands

# what is meant, its data, the whole frame
SENT: dict[str, tuple[bytes, bytes]] = {
    "ping": (
        commands.PING,
        bytes.fromhex("A5A5A5A5A5A5A5A5 0100 0080 000000000000 FE 02 0500 A200010000 68F8 5A"),
    ),
    "clear": (
        commands.CLEAR,
        bytes.fromhex("A5A5A5A5A5A5A5A5 0100 0080 000000000000 FE 02 0500 A310010000 51F8 5A"),
    ),
}

# what is meant, the data: the vendor's example programs send clock (BxCmdSystemClockCorrect) and light
# (BxCmdTurnOnOff) so; brightness and deletion are layout
DATA: dict[str, tuple[bytes, bytes]] = {
    "Wednesday, 15 May 2024, 09:30:58": (
        commands.clock(datetime(2024, 5, 15, 9, 30, 58)),
        bytes.fromhex("A203010000 2420 05 15 09 30 58 03"),
    ),
    "on": (commands.power(True), bytes.fromhex("A300010000 01")),
    "off": (commands.power(False), bytes.fromhex("A300010000 02")),
    "brightness 5 (layout)": (
        commands.brightness(5, table=True),
        bytes.fromhex("A302010000 01 05") + b"\x05" * 48,
    ),
    "brightness 5, short (layout)": (
        commands.brightness(5, table=False),
        bytes.fromhex("A302010000 01 05"),
    ),
    "delete areas 1 and 2 (layout)": (
        commands.areas(delete=[1, 2]),
        bytes.fromhex("A306010000 02 01 02 00"),
    ),
    "delete all (layout)": (commands.areas(delete=[0xFF]), bytes.fromhex("A306010000 FF 00")),
}

# A distributor's example of a dynamic area, 128 x 32 (deanled.cn, "example of real-time display"). The check
# of the frame around it does not hold, so only the area stands here.
AREA = (
    commands.Area(0, 0, 0, 128, 32, b"012345QRSTTV'B", timeout_s=2, newline=2, effect=3, speed=4, stay=5),
    bytes.fromhex(
        "00 0000 0000 8000 2000 00 00 00 0200 00 00 00 02 02 03 00 04 05 0E000000"
        "30 31 32 33 34 35 51 52 53 54 54 56 27 42"
    ),
)
