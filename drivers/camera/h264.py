"""H.264 in RTP: RFC 6184 in its modes "single NAL unit" and "non-interleaved"; ITU-T H.264 §7."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from drivers.camera.bits import Bits, unescape
from drivers.camera.errors import BadSyntax
from drivers.camera.nal import SLICE_HEAD, Piece, Slice, sei_messages

# Table 7-1
SLICE, IDR, SEI, SPS, PPS = 1, 5, 6, 7, 8
# RFC 6184 table 1
STAP_A, FU_A = 24, 28
RECOVERY_POINT = 6  # D.1: its payload type
_MAX_ID = {SPS: 31, PPS: 255}
_ALL_INTRA = frozenset({2, 4, 7, 9})  # table 7-6: I and SI


class H264:
    recovery_point: ClassVar[bytes] = bytes((SEI, RECOVERY_POINT, 1, 0b1_1_0_00_100, 0x80))  # D.1.8, exact
    needed: ClassVar[frozenset[int]] = frozenset({SPS, PPS})

    def pieces(self, payload: bytes) -> Sequence[Piece]:
        if not payload:
            raise BadSyntax("an empty payload")
        kind = payload[0] & 0x1F
        if 1 <= kind < STAP_A:
            return (Piece(payload, True, True),)
        if kind == FU_A:
            return (_fragment(payload),)
        if kind == STAP_A:
            return [Piece(nal, True, True) for nal in aggregated(payload, 1)]
        raise BadSyntax(f"a payload of type {kind}")

    def is_slice(self, nal: bytes) -> bool:
        return 1 <= nal[0] & 0x1F <= IDR

    def slice(self, head: bytes) -> Slice:
        """§7.3.3. Of a picture's first one all that is asked stands in two bytes: first_mb_in_slice is one
        bit there, and slice_type has seven at the most."""
        return _first_slice(head[:2]) if head[1:2] >= b"\x80" else self._slice(head)

    def _slice(self, head: bytes) -> Slice:
        bits = Bits(unescape(head[:SLICE_HEAD])[1:])
        first = bits.ue() == 0
        kind = head[0] & 0x1F
        intra = kind == IDR or (kind == SLICE and bits.ue(9) in _ALL_INTRA)
        return Slice(first, intra, kind == IDR, head[0] & 0x60 != 0)

    def set_key(self, nal: bytes) -> tuple[int, int] | None:
        kind = nal[0] & 0x1F
        if kind not in _MAX_ID:
            return None
        bits = Bits(unescape(nal[: SLICE_HEAD * 2])[1:])
        if kind == SPS:
            bits.skip(24)  # profile, constraints, level
        return kind, bits.ue(_MAX_ID[kind])

    def recovery(self, nal: bytes) -> int | None:
        """D.1.8: recovery_frame_cnt, in pictures that others refer to."""
        if nal[0] & 0x1F != SEI:
            return None
        for kind, payload in sei_messages(unescape(nal[1:])):
            if kind == RECOVERY_POINT:
                return Bits(payload).ue(2**16)
        return None


@lru_cache(maxsize=256)  # types of slices, and of how much others refer to them: a stream has three or four
def _first_slice(head: bytes) -> Slice:
    return H264()._slice(head)


def _fragment(payload: bytes) -> Piece:
    """RFC 6184 §5.8."""
    if len(payload) < 3:  # noqa: PLR2004 two bytes of headers and something
        raise BadSyntax("an empty fragment")
    indicator, header = payload[0], payload[1]
    first, last = header & 0x80 != 0, header & 0x40 != 0
    if not first:
        return Piece(payload[2:], False, last)
    return Piece(bytes((indicator & 0xE0 | header & 0x1F,)) + payload[2:], True, last)


def aggregated(payload: bytes, header_size: int) -> list[bytes]:
    """The NAL units of an aggregation packet: RFC 6184 §5.7.1, RFC 7798 §4.4.2. One that says more than there
    is ends it."""
    found: list[bytes] = []
    at = header_size
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        at += 2
        if size <= header_size or at + size > len(payload):
            raise BadSyntax("an aggregate that lies about its lengths")
        found.append(payload[at : at + size])
        at += size
    return found
