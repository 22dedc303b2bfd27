"""Frames of identity card readers as the SDT module's serial protocol prints them.

The request frames with their check bytes are printed there whole. Of the replies the document gives SW and
sizes; the frames below are put together from those, byte by byte, and have not been captured.
"""

from __future__ import annotations

STATUS = "AA AA AA 96 69 00 03 11 FF ED"
RESET = "AA AA AA 96 69 00 03 10 FF EC"
FIND = "AA AA AA 96 69 00 03 20 01 22"
SELECT = "AA AA AA 96 69 00 03 20 02 21"
READ = "AA AA AA 96 69 00 03 30 01 32"

# Reply, SW as one number, bytes of data.
REPLIES: tuple[tuple[str, int, int], ...] = (
    ("AA AA AA 96 69 00 04 00 00 90 94", 0x90, 0),  # done
    ("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97", 0x9F, 4),  # a card was found
    ("AA AA AA 96 69 00 04 00 00 80 84", 0x80, 0),  # none was
    ("AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C", 0x90, 8),  # selected
    ("AA AA AA 96 69 00 04 00 00 81 85", 0x81, 0),  # not selected
    ("AA AA AA 96 69 00 04 00 00 41 45", 0x41, 0),  # not read
    ("AA AA AA 96 69 00 04 00 00 60 64", 0x60, 0),  # self-test
    ("AA AA AA 96 69 00 04 00 00 66 62", 0x66, 0),  # unauthorised
    ("AA AA AA 96 69 00 04 00 00 10 14", 0x10, 0),  # wrong checksum
)
CARD_HEAD = "AA AA AA 96 69 05 08 00 00 90 01 00 04 00"  # 1295 bytes in all: 256 of text, 1024 of photo

# GB 11643-1999, its own examples: 17 digits and the check character.
NUMBERS = ("11010519491231002X", "440524188001010014")
