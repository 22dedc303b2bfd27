"""Frames of the sound line, laid out by hand from the table in `drivers.transport.sound`.

There is no vendor's document: the line is our own. Check values were worked out with `cksum`-independent
means (Python's `zlib.crc32` over the bytes between `5A 50` and the check), not with the codec.
"""

QUERY = bytes.fromhex("5A50 51 0000 0000 51 6A7C1B93")
STOP_7 = bytes.fromhex("5A50 58 0007 0000 5F 371C5FE5")
PLAYED_4096 = bytes.fromhex("5A50 50 1000 0000 60 901E5F8E")
