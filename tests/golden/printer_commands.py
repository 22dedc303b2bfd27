"""What printers are told, as the Epson ESC/POS command reference prints it, recomputed by hand."""

from __future__ import annotations

INITIALISE = "1B 40"  # ESC @
CHINESE_ON = "1C 26"  # FS &
ASB_ALL = "1D 61 FF"  # GS a 255
PRINT_DONE = "1D 72 01"  # GS r 1
STATUS = ("10 04 01", "10 04 02", "10 04 03", "10 04 04")  # DLE EOT 1…4
RECOVER = ("10 05 00", "10 05 01", "10 05 02")  # DLE ENQ 0, 1, 2
CLEAR_BUFFERS = "10 14 08 01 03 14 01 06 02 08"  # DLE DC4 8
MODEL = "1D 49 43"  # GS I 67
CUT = "1D 56 42 00"  # GS V 66 0

# ESC a 1, GS ! 0x55 (six times as wide and high), "A012", LF
LINE_A012_SIZE_6_CENTER = "1B 61 01 1D 21 55 41 30 31 32 0A"
# ESC a 0, GS ! 0x11, 请 C7EB 取 C8A1 号 BAC5 (GB/T 2312 rows 39, 40, 26), LF
LINE_CHINESE_SIZE_2 = "1B 61 00 1D 21 11 C7 EB C8 A1 BA C5 0A"

# GS ( k: functions 165, 167, 169, 180, 181 for "A012", module 6, level M
QR_A012 = (
    "1D 28 6B 04 00 31 41 32 00"
    "1D 28 6B 03 00 31 43 06"
    "1D 28 6B 03 00 31 45 31"
    "1D 28 6B 07 00 31 50 30 41 30 31 32"
    "1D 28 6B 03 00 31 51 30"
)
# GS v 0: 2 bytes wide, 3 rows: a bar, a gap, a bar
RASTER_16_BY_3 = "1D 76 30 00 02 00 03 00 FF FF 00 00 FF FF"
