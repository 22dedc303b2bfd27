"""What an ESC/POS printer says: a mixed stream of status bytes, split by their fixed bits.

Source: Epson ESC/POS command reference, "Identification of transmitted status", and the same table in
Citizen, CT-S310 command reference, appendix "Identification of Send Status":
DLE EOT `0xx1xx10`, ASB first byte `0xx1xx00`, ASB bytes 2-4 and GS r `0xx0xxxx`, XON 11, XOFF 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.api import BadFrame

MAX_FRAME = 64  # bytes; a GS I answer is at most 17 (Bixolon, SRP-330II command manual, p. 101)
_ASB_BYTES = 4
_TEXT_HEAD = 0x5F
_CLEARED = bytes.fromhex("372500")
_FLOW_CONTROL = (0x11, 0x13)


@dataclass(frozen=True, slots=True)
class RealTime:
    """The answer to DLE EOT n. It does not carry n: whoever asked must know what was asked."""

    status: int


@dataclass(frozen=True, slots=True)
class Asb:
    """Automatic status back: the whole status, sent on every change."""

    status: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class PaperReply:
    """The answer to GS r 1: the printer has worked off all that it was sent before."""

    status: int


@dataclass(frozen=True, slots=True)
class Text:
    """The answer to GS I n, ASCII."""

    text: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """The answer to DLE DC4 8: the printer's buffers are empty."""


Answer = RealTime | Asb | PaperReply | Text | Cleared


class PrinterCodec:
    """Splits what a printer sends. Who has sent GS I sets `expect_text`: at any other time 5F is noise."""

    def __init__(self) -> None:
        self.expect_text = False
        self._held = bytearray()

    @property
    def buffered(self) -> int:
        """Bytes held for a frame that is not complete, never above MAX_FRAME."""
        return len(self._held)

    def feed(self, data: bytes) -> Sequence[Answer | BadFrame]:
        found: list[Answer | BadFrame] = []
        for byte in data:
            self._take(byte, found)
        return found

    def encode(self, frame: Answer) -> bytes:
        """The bytes that a printer sends for `frame`."""
        match frame:
            case RealTime(status) | PaperReply(status):
                return bytes((status,))
            case Asb(status):
                return bytes(status)
            case Text(text):
                return b"\x5f" + text.encode("ascii") + b"\x00"
            case Cleared():
                return _CLEARED

    def drop(self) -> BadFrame | None:
        """Give up what is held: an answer that has not come in full by its time-out is none."""
        held = bytes(self._held)
        self._held.clear()
        return BadFrame("cut short", held) if held else None

    def _take(self, byte: int, found: list[Answer | BadFrame]) -> None:
        if byte in _FLOW_CONTROL:  # allowed between the bytes of a frame, so it leaves what is held alone
            found.append(BadFrame("XON/XOFF: set both ends to the same flow control", bytes((byte,))))
            return
        if self._held and not self._continues(byte):
            # All of it goes: tails of a broken ASB would pass for print-done answers.
            found.append(BadFrame("broken off", bytes(self._held)))
            self._held.clear()
        if self._held:
            self._held.append(byte)
            self._complete(found)
        else:
            self._begin(byte, found)

    def _begin(self, byte: int, found: list[Answer | BadFrame]) -> None:
        if byte & 0x93 == 0x12:
            found.append(RealTime(byte))
        elif byte & 0xF0 == 0:  # GS r 1 uses the low four bits only
            found.append(PaperReply(byte))
        elif byte & 0x93 == 0x10 or byte == _CLEARED[0] or (byte == _TEXT_HEAD and self.expect_text):
            self._held.append(byte)
        else:
            found.append(BadFrame("not a status", bytes((byte,))))

    def _continues(self, byte: int) -> bool:
        head = self._held[0]
        if head == _TEXT_HEAD:
            return byte == 0 or (0x20 <= byte <= 0x7E and len(self._held) < MAX_FRAME - 1)
        if head == _CLEARED[0]:
            return byte == _CLEARED[len(self._held)]
        return byte & 0x90 == 0

    def _complete(self, found: list[Answer | BadFrame]) -> None:
        held = bytes(self._held)
        if held[0] == _TEXT_HEAD and held[-1] == 0:
            found.append(Text(held[1:-1].decode("ascii")))
        elif held == _CLEARED:
            found.append(Cleared())
        elif held[0] & 0x93 == 0x10 and len(held) == _ASB_BYTES:
            found.append(Asb((held[0], held[1], held[2], held[3])))
        else:
            return
        self._held.clear()
