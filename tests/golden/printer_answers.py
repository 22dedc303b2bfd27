"""What printers say, as their documents print it: bytes and what they mean.

Sources, by row: [E] Epson ESC/POS command reference, DLE EOT, GS a, GS r, DLE DC4 (fn 8). [B] Bixolon,
SRP-350plusA&C user manual, p. 6. [C] Citizen, CT-S2000 user's manual, pp. 55 and 60; CT-S300 user's manual,
p. 54. [R] Epson, RP-U420 specification, GS I.
"""

from __future__ import annotations

# DLE EOT n: n, answer, conditions that it must show with Epson's table.
REAL_TIME: tuple[tuple[int, int, frozenset[str]], ...] = (
    (1, 0x12, frozenset()),  # [E] online
    (1, 0x1A, frozenset({"offline"})),  # [B] 0x08
    (1, 0x32, frozenset({"awaiting_recovery"})),  # [B] 0x20
    (1, 0x16, frozenset()),  # [B] 0x04, drawer pin high: nothing of ours
    (1, 0x52, frozenset()),  # [B] 0x40, feed button: shows as offline too while it lasts
    (2, 0x16, frozenset({"cover_open"})),  # [B] 0x04
    (2, 0x32, frozenset({"paper_out"})),  # [B] 0x20, printing stopped by paper end
    (2, 0x52, frozenset()),  # [B] 0x40, an error, named by n = 3
    (3, 0x16, frozenset({"mechanical_error"})),  # [B] 0x04
    (3, 0x1A, frozenset({"cutter_fault"})),  # [B] 0x08
    (3, 0x32, frozenset({"unrecoverable_error"})),  # [B] 0x20
    (3, 0x52, frozenset({"head_hot"})),  # [B] 0x40
    (4, 0x1E, frozenset({"paper_near_end"})),  # [E] 0x0C
    (4, 0x72, frozenset({"paper_out"})),  # [E] 0x60
    (4, 0x7E, frozenset({"paper_out", "paper_near_end"})),  # [E] both
)

# Automatic status back.
ASB: tuple[tuple[str, frozenset[str]], ...] = (
    ("10 00 00 00", frozenset()),  # [E] all is well
    ("18 00 00 00", frozenset({"offline"})),  # [C] b1 0x08
    ("38 00 00 00", frozenset({"cover_open"})),  # [C] b1 0x20, offline by it
    ("18 04 00 00", frozenset({"mechanical_error"})),  # [C] b2 0x04
    ("18 08 00 00", frozenset({"cutter_fault"})),  # [C] b2 0x08
    ("18 20 00 00", frozenset({"unrecoverable_error"})),  # [C] b2 0x20
    ("18 40 00 00", frozenset({"head_hot"})),  # [C] b2 0x40
    ("10 00 03 00", frozenset({"paper_near_end"})),  # [C] b3 0x03
    ("18 00 0F 00", frozenset({"paper_near_end", "paper_out"})),  # [C] b3 0x0C
)

MODEL_RP_U420 = "5F 52 50 2D 55 34 32 30 00"  # [R] 5F "RP-U420" 00
CLEARED = "37 25 00"  # [E] DLE DC4 8: clear response
PRINT_DONE = "00"  # [E] GS r 1: paper adequate
PRINT_DONE_NEAR_END = "03"  # [E] GS r 1
XON, XOFF = "11", "13"  # [E] identification of transmitted status
