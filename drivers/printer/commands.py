"""What an ESC/POS printer is told: every command as bytes, each whole, so that another may follow it.

Source: Epson ESC/POS command reference; GS v 0, GS ( k and FS & stand there under these names.
"""

from __future__ import annotations

from typing import Literal

INITIALISE = b"\x1b@"  # clears the print buffer and all modes, not the receive buffer
CHINESE_ON = b"\x1c&"
PRINT_DONE = b"\x1dr\x01"  # GS r 1 is buffered: it is answered when all before it has been worked off
ASB_ON = b"\x1da\xff"
LINE_FEED = b"\n"

# Real-time commands: worked off on arrival, but only where a command may start.
CLEAR_BUFFERS = bytes.fromhex("10140801031401060208")  # DLE DC4 8, answered by 37 25 00

MODEL, FIRMWARE, SERIAL = 67, 65, 68  # what GS I can be asked for

Align = Literal["left", "center", "right"]
_ALIGN: dict[Align, int] = {"left": 0, "center": 1, "right": 2}
_QR_MODEL_2 = bytes.fromhex("1d286b040031413200")
_QR_PRINT = bytes.fromhex("1d286b0300315130")
_QR_LEVEL_M = bytes.fromhex("1d286b0300314531")


def status(n: Literal[1, 2, 3, 4]) -> bytes:
    """DLE EOT n: printer, offline cause, error cause, paper."""
    return bytes((0x10, 0x04, n))


def recover(n: Literal[0, 1, 2]) -> bytes:
    """DLE ENQ n. 1 and 2 are honoured after a recoverable error only: 1 goes on at the line of the error, 2
    clears the receive and print buffers first (Epson TM-T88III specification, "DLE ENQ n"). 0 brings a
    printer online that got paper and waits for that (Epson ESC/POS reference 4.0, p. 1295)."""
    return bytes((0x10, 0x05, n))


def identify(n: int) -> bytes:
    """GS I n, buffered: no answer while the printer is offline."""
    return bytes((0x1D, 0x49, n))


def align(to: Align) -> bytes:
    """Of the lines, codes and pictures that follow; at the beginning of a line only."""
    return bytes((0x1B, 0x61, _ALIGN[to]))


def size(times: int) -> bytes:
    """Of the characters that follow: so many times as wide and high as the printer's own."""
    return bytes((0x1D, 0x21, (times - 1) << 4 | (times - 1)))


def feed_and_cut(feed: int) -> bytes:
    """Feed to the cutter and `feed` units on, then cut, leaving one point."""
    return bytes((0x1D, 0x56, 0x42, feed))


def qr(data: bytes, module: int) -> bytes:
    """Store and print a QR symbol, model 2, level M. `module` is 1…16 dots."""
    store = bytes((0x1D, 0x28, 0x6B)) + (len(data) + 3).to_bytes(2, "little") + b"\x31\x50\x30" + data
    size = bytes((0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, module))
    return _QR_MODEL_2 + size + _QR_LEVEL_M + store + _QR_PRINT


def raster(row_bytes: int, rows: bytes) -> bytes:
    """GS v 0: `rows` from top to bottom, `row_bytes` each, a set bit is a black dot, the high bit left."""
    height = len(rows) // row_bytes
    return b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + height.to_bytes(2, "little") + rows
