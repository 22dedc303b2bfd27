"""H.265 in RTP: RFC 7798 without DONL, which is there only where an SDP says so; ITU-T H.265 §7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from drivers.camera.bits import Bits, unescape
from drivers.camera.errors import BadSyntax
from drivers.camera.h264 import aggregated
from drivers.camera.nal import SLICE_HEAD, Piece, Slice, sei_messages

# Table 7-1
FIRST_IRAP, LAST_IRAP, LAST_SLICE = 16, 23, 31  # BLA, IDR, CRA and what is reserved beside them
VPS, SPS, PPS, SEI = 32, 33, 34, 39
# RFC 7798 §4.4.2, §4.4.3
AP, FU = 48, 49
RECOVERY_POINT = 6  # D.2.1: its payload type
_MAX_ID = {VPS: 15, SPS: 15, PPS: 63}


def _kind(nal: bytes) -> int:
    return nal[0] >> 1 & 0x3F


class H265:
    recovery_point: ClassVar[bytes] = b""  # never wanted: what is known to be intra is IRAP
    needed: ClassVar[frozenset[int]] = frozenset({VPS, SPS, PPS})

    def pieces(self, payload: bytes) -> Sequence[Piece]:
        if len(payload) < 3:  # noqa: PLR2004 two bytes of header and something
            raise BadSyntax("an empty payload")
        kind = _kind(payload)
        if kind < AP:
            return (Piece(payload, True, True),)
        if kind == FU:
            return (_fragment(payload),)
        if kind == AP:
            return [Piece(nal, True, True) for nal in aggregated(payload, 2)]
        raise BadSyntax(f"a payload of type {kind}")

    def is_slice(self, nal: bytes) -> bool:
        return _kind(nal) <= LAST_SLICE

    def slice(self, head: bytes) -> Slice:
        """Of others than IRAP pictures nothing is known to be intra: their slices' type stands behind fields
        whose length depends on the PPS."""
        kind = _kind(head)
        irap = FIRST_IRAP <= kind <= LAST_IRAP
        return Slice(head[2] & 0x80 != 0, irap, irap, True)

    def set_key(self, nal: bytes) -> tuple[int, int] | None:
        kind = _kind(nal)
        if kind not in _MAX_ID or nal[0] & 1 or nal[1] >> 3:  # further layers (annex F) are not ours
            return None
        if kind == VPS:
            return kind, nal[2] >> 4
        if kind == PPS:
            return kind, Bits(unescape(nal[:SLICE_HEAD])[2:]).ue(_MAX_ID[kind])
        # The id of an SPS stands behind its profiles; several with different ids no camera sends.
        return kind, 0

    def recovery(self, nal: bytes) -> int | None:
        """D.2.8: recovery_poc_cnt. Below 0 and 0 the picture itself is well."""
        if _kind(nal) != SEI:
            return None
        for kind, payload in sei_messages(unescape(nal[2:])):
            if kind == RECOVERY_POINT:
                return max(Bits(payload).se(), 0)
        return None


def _fragment(payload: bytes) -> Piece:
    """RFC 7798 §4.4.3."""
    if len(payload) < 4:  # noqa: PLR2004 three bytes of headers and something
        raise BadSyntax("an empty fragment")
    header = payload[2]
    first, last = header & 0x80 != 0, header & 0x40 != 0
    if not first:
        return Piece(payload[3:], False, last)
    front = payload[0] & 0x81 | (header & 0x3F) << 1
    return Piece(bytes((front, payload[1])) + payload[3:], True, last)
