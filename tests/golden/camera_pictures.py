"""Sequence parameter sets as encoders make them, with the size and rate that the encoder was told.

Made by FFmpeg 5.1.9 with x264 164 and x265 3.5 of Debian 12, from `testsrc2`; the options stand beside.
The first is RFC 6184's own (§8.2.1); its size is what FFmpeg's decoder says.
"""

from __future__ import annotations

# options, the NAL unit, width, height, pictures a second
H264: list[tuple[str, str, int, int, float]] = [
    ("RFC 6184", "6742000a9653058988", 176, 144, 0.0),
    ("", "6764001eacd940a02ff97011000003000100000300320f162d96", 640, 360, 25.0),
    ("ultrafast", "6742c028da01e0089f97011000003e90000ea600f1832a", 1920, 1080, 30000 / 1001),
    ("interlaced, cqm=jvt", "6764001eacd940b424d8088000000300800000190f8a14cb", 720, 576, 25.0),
    ("yuv444p", "67f4000a919b288f6022000003000200000300301e244b2c", 64, 48, 12.0),
]
H265: list[tuple[str, str, int, int, float]] = [
    (
        "",
        "42010101600000030090000003000003003fa00502016965959a4932bc05a02000000300200000030321",
        640,
        360,
        25.0,
    ),
    (
        "scaling-list=default:ref=5:bframes=8:b-pyramid=1",
        "42010101600000030090000003000003005da00284802d9c9265998a924e5780b40400000fa40001d4c020",
        1282,
        722,
        30000 / 1001,
    ),
    (
        "yuv422p10le, temporal-layers=3",
        "4201010408000003009d08000003000078b003c0801107c4b6595952930bc05a020000030002000003001810",
        1920,
        1080,
        12.0,
    ),
]

# Whole sets of the 640 x 360 streams.
SPS_264 = bytes.fromhex(H264[1][1])
PPS_264 = bytes.fromhex("68ebe3cb22c0")
VPS_265 = bytes.fromhex("40010c01ffff01600000030090000003000003003f959809")
SPS_265 = bytes.fromhex(H265[0][1])
PPS_265 = bytes.fromhex("4401c172b46240")
