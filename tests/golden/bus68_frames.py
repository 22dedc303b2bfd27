"""Frames of the bus from documents, byte for byte, with their check bytes recomputed by hand.

Sources: the protocol of callers and rating pads (frames that begin FF 68, 9600 8N1), and that of the window
strips (A0 90). A frame marked "layout" follows the documented layout, but is not itself printed there.
"""

from __future__ import annotations

from drivers.bus68.codec import KeyFrame, StripAnswer, StripCommand

# (bytes, what they mean): heard by the host
HEARD: dict[str, tuple[bytes, KeyFrame | StripAnswer]] = {
    # 03 + 01 + 0C = 10
    "caller 3, call next (layout)": (
        bytes.fromhex("FF 68 03 03 68 03 01 0C 10 16"),
        KeyFrame(0x03, 0x01, b"\x0c"),
    ),
    # 03 + 01 + 00 + 02 + 03 + 0C = 15
    "caller 3, call 023 (layout)": (
        bytes.fromhex("FF 68 06 06 68 03 01 00 02 03 0C 15 16"),
        KeyFrame(0x03, 0x01, b"\x00\x02\x03\x0c"),
    ),
    # 83 + 11 + 03 = 97
    "pad of caller 3, excellent (layout)": (
        bytes.fromhex("FF 68 03 03 68 83 11 03 97 16"),
        KeyFrame(0x83, 0x11, b"\x03"),
    ),
    # 03 + 01 = 04
    "acknowledgement of pad model A (layout)": (
        bytes.fromhex("68 02 02 68 03 01 04 16"),
        KeyFrame(0x03, 0x01, lead=False),
    ),
    "the shortest good answer of strip 5 (layout)": (bytes.fromhex("A0 90 05 A5 AA"), StripAnswer(0x05)),
}

# (what is meant, its bytes): sent by the host
SENT: dict[str, tuple[KeyFrame | StripCommand, bytes]] = {
    # 03 + 02 + 0A + 0A + 0A + 00 + 02 + 03 = 28
    "show 023 on caller 3": (
        KeyFrame(0x03, 0x02, b"\x0a\x0a\x0a\x00\x02\x03"),
        bytes.fromhex("FF 68 08 08 68 03 02 0A 0A 0A 00 02 03 28 16"),
    ),
    # 03 + 03 = 06
    "beep on caller 3 (layout)": (KeyFrame(0x03, 0x03), bytes.fromhex("FF 68 02 02 68 03 03 06 16")),
    # 83 + 01 = 84
    "acknowledge pad model A (layout)": (
        KeyFrame(0x83, 0x01, lead=False),
        bytes.fromhex("68 02 02 68 83 01 84 16"),
    ),
    # 83 + 01 + 0B = 8F
    "begin a rating on pad model A (layout)": (
        KeyFrame(0x83, 0x01, b"\x0b", lead=False),
        bytes.fromhex("68 03 03 68 83 01 0B 8F 16"),
    ),
    # xor from addr to the last data byte: 05 ^ A1 = A4
    "show stored text 0 on strip 5": (StripCommand(0x05, 0xA1), bytes.fromhex("A0 90 05 A1 00 00 A4")),
    # 05 ^ A5 ^ 00 ^ 02 ^ 41 ^ 00 = E3
    "show a red A on strip 5 (layout)": (
        StripCommand(0x05, 0xA5, b"A\x00"),
        bytes.fromhex("A0 90 05 A5 00 02 41 00 E3"),
    ),
    # 请 is C7 EB in GBK; 05 ^ A5 ^ 00 ^ 03 ^ C7 ^ EB ^ 01 = 8E
    "show 请 in colour 1 on strip 5 (layout)": (
        StripCommand(0x05, 0xA5, b"\xc7\xeb\x01"),
        bytes.fromhex("A0 90 05 A5 00 03 C7 EB 01 8E"),
    ),
}
