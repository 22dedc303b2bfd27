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


# --- syntax ---
def ue(value: int) -> str:
    """Exp-Golomb as a text of bits: H.264 §9.1."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def se(value: int) -> str:
    return ue(2 * value - 1 if value > 0 else -2 * value)


def rbsp(bits: str) -> bytes:
    """With its trailing bits, and emulation prevention (H.264 §7.4.1)."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", data)


def sps_264(macroblocks_x: int, macroblocks_y: int, *, sps_id: int = 0, crop: tuple[int, ...] = ()) -> bytes:
    """Baseline, in 4:2:0; `crop` is left, right, top, bottom in units of two samples."""
    bits = "".join(f"{each:08b}" for each in (66, 0, 62))
    bits += ue(sps_id) + ue(0) + ue(2) + ue(1) + "0" + ue(macroblocks_x - 1) + ue(macroblocks_y - 1) + "11"
    bits += "1" + "".join(map(ue, crop)) if crop else "0"
    return b"\x67" + rbsp(bits + "0")


def slice_264(kind: int, slice_type: int, *, first: int = 0, size: int = 40, reference: int = 3) -> bytes:
    """A slice whose header is true as far as it matters here; the rest is noise."""
    return bytes((reference << 5 | kind,)) + rbsp(ue(first) + ue(slice_type) + ue(0)) + b"\xaa" * size


def recovery_point(pictures: int) -> bytes:
    """SEI of H.264 D.1.8."""
    payload = rbsp(ue(pictures) + "1000")
    return b"\x06\x06" + bytes((len(payload),)) + payload + b"\x80"


def slice_265(kind: int, *, first: bool = True, size: int = 40) -> bytes:
    return bytes((kind << 1, 1, first << 7 | 0x2A)) + b"\xaa" * size
