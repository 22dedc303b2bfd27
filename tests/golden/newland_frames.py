"""Frames of a serial scanner, byte for byte.

Source: Newland, serial programming command manual. A frame marked "layout" follows the documented layout, but
is not itself printed there.
"""

from __future__ import annotations

from drivers.newland.codec import Command, Reply

COMMANDS: dict[str, tuple[bytes, Command]] = {
    "begin to scan": (bytes.fromhex("7E0130303030 23 53434E54524731 3B03"), Command("#", "SCNTRG", "1")),
    "stop (layout)": (bytes.fromhex("7E0130303030 23 53434E54524730 3B03"), Command("#", "SCNTRG", "0")),
    "who are you (layout)": (bytes.fromhex("7E0130303030 40 515259535953 3B03"), Command("@", "QRYSYS")),
}
REPLIES: dict[str, tuple[bytes, Reply]] = {
    "begin to scan: yes": (
        bytes.fromhex("020130303030 23 53434E54524731 06 3B03"),
        Reply("#", "SCNTRG", b"1", True),
    ),
    "begin to scan: no (layout)": (
        bytes.fromhex("020130303030 23 53434E54524731 15 3B03"),
        Reply("#", "SCNTRG", b"1", False),
    ),
}
