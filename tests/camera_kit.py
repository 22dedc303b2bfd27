"""What tests of the camera's wire share: packets made by hand, by the RFCs and not by our own codec."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence

MTU = 1400


def nals_of(annex_b: bytes) -> list[bytes]:
    """H.264 annex B.1: NAL units between start codes."""
    return [nal for nal in re.split(rb"\x00{2,3}\x01", annex_b) if nal]


def rtp(
    payload: bytes, sequence: int, timestamp: int, *, marker: bool = False, kind: int = 96, csrcs: int = 0
) -> bytes:
    """RFC 3550 §5.1."""
    head = struct.pack(
        "!BBHII", 0x80 | csrcs, marker << 7 | kind, sequence % 2**16, timestamp % 2**32, 0x5EED
    )
    return head + bytes(4 * csrcs) + payload


def fu_a(nal: bytes, size: int = MTU) -> list[bytes]:
    """RFC 6184 §5.8."""
    parts = [nal[1:][at : at + size] for at in range(0, len(nal) - 1, size)]
    found = []
    for index, part in enumerate(parts):
        flags = (index == 0) << 7 | (index == len(parts) - 1) << 6
        found.append(bytes((nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F)) + part)
    return found


def stap_a(nals: Sequence[bytes]) -> bytes:
    """RFC 6184 §5.7.1."""
    return b"\x18" + b"".join(struct.pack("!H", len(nal)) + nal for nal in nals)


def fu(nal: bytes, size: int = MTU) -> list[bytes]:
    """RFC 7798 §4.4.3."""
    parts = [nal[2:][at : at + size] for at in range(0, len(nal) - 2, size)]
    found = []
    for index, part in enumerate(parts):
        flags = (index == 0) << 7 | (index == len(parts) - 1) << 6
        found.append(bytes((nal[0] & 0x81 | 49 << 1, nal[1], flags | nal[0] >> 1 & 0x3F)) + part)
    return found


def ap(nals: Sequence[bytes]) -> bytes:
    """RFC 7798 §4.4.2."""
    return bytes((48 << 1, 1)) + b"".join(struct.pack("!H", len(nal)) + nal for nal in nals)


def packets(
    pictures: Sequence[Sequence[bytes]], *, h265: bool = False, sequence: int = 65_530, ticks: int = 3600
) -> Iterator[bytes]:
    """Pictures of NAL units as a camera sends them: small ones whole, large ones in fragments."""
    cut = fu if h265 else fu_a
    for number, nals in enumerate(pictures):
        payloads = [part for nal in nals for part in ([nal] if len(nal) <= MTU else cut(nal))]
        for index, payload in enumerate(payloads):
            last = index == len(payloads) - 1
            yield rtp(payload, sequence, 4_294_960_000 + number * ticks, marker=last)
            sequence += 1


def interleaved(payload: bytes, channel: int = 0) -> bytes:
    """RFC 2326 §10.12."""
    return b"$" + struct.pack("!BH", channel, len(payload)) + payload
