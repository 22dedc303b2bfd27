"""RTP (RFC 3550): the header of a packet, and what sequence numbers tell."""

from __future__ import annotations

import struct
from typing import NamedTuple

from drivers.camera.errors import BadSyntax

CYCLE = 2**16  # of sequence numbers
TICKS = 2**32  # of timestamps
# Appendix A.1: packets that may be missing at once, and by which one may be late; else the sender began anew.
MAX_DROPOUT = 3000
MAX_MISORDER = 100
_HEADER = struct.Struct("!BBHII")
_RTCP = range(72, 77)  # what RTCP's packet types look like here (RFC 5761 §4)


class Packet(NamedTuple):
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


def packet(data: bytes) -> Packet:
    """§5.1 and §5.3.1. Raises BadSyntax, for RTCP too."""
    size = len(data)
    if size < _HEADER.size:
        raise BadSyntax("too short for RTP")
    flags, kind, sequence, timestamp, _ssrc = _HEADER.unpack_from(data)
    if flags >> 6 != 2 or kind & 0x7F in _RTCP:  # noqa: PLR2004 the version
        raise BadSyntax("no RTP of version 2")
    start, end = 12 + 4 * (flags & 0x0F), size
    if flags & 0x10:  # extension
        if start + 4 > size:
            raise BadSyntax("ends within its header")
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    if flags & 0x20:  # padding
        end -= data[-1]
        if not data[-1]:
            raise BadSyntax("padding of nothing")
    if start > end:
        raise BadSyntax("ends within its header")
    return Packet(kind & 0x7F, kind >= 0x80, sequence, timestamp, data[start:end])  # noqa: PLR2004 the marker


class Sequence:
    """Packets that came and that did not. A late one counts as lost: nothing is put in order here."""

    def __init__(self) -> None:
        self.received = 0
        self.lost = 0
        self._next = -1

    def take(self, number: int) -> int:
        """How many are missing before this one; -1 for one that is late or came twice."""
        missing = (number - self._next) % CYCLE if self._next >= 0 else 0
        if missing >= CYCLE - MAX_MISORDER:
            return -1
        self._next = (number + 1) % CYCLE
        self.received += 1
        if missing > MAX_DROPOUT:
            return 1  # how much is missing, no number says
        self.lost += missing
        return missing
