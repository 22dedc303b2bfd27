"""Pictures in RTP packets: RFC 6184 for H.264, RFC 7798 for H.265, framed for RTSP as RFC 2326 §10.12 has it.

A picture's packets are made once for all who watch; what differs between two watchers is a few bytes of each
packet, which `stamp` writes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drivers.camera.sim_recipe import Codec, Gop, Unit

PAYLOAD_TYPE = 96  # the first of the dynamic ones
MTU = 1400  # bytes of RTP payload: fits an Ethernet frame with all headers
FRAME, HEADER = 4, 12  # bytes of the interleaved frame's header and of RTP's
MARKER = 0x80
_START_CODE = b"\0\0\1"

STAP_A, FU_A = 24, 28  # RFC 6184 §5.2
AP, FU = 48, 49  # RFC 7798 §4.4
_PARAMETER_SETS = {"h264": frozenset({7, 8}), "h265": frozenset({32, 33, 34})}
_DELIMITER = {"h264": 9, "h265": 35}  # not sent: RFC 6184 leaves it to the receiver


@dataclass(frozen=True, slots=True)
class Packets:
    """A picture as it goes over the line: each packet with the header of its frame, nothing stamped."""

    is_key: bool
    at_s: float
    ticks: int
    wire: bytes
    starts: tuple[int, ...]  # where each packet's frame begins
    nals: tuple[bytes, ...] = ()  # of key pictures only

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class Clip:
    codec: Codec
    parameter_sets: tuple[bytes, ...]
    gops: tuple[tuple[Packets, ...], ...]
    size: int  # bytes


def clip(codec: Codec, gops: Sequence[Gop], *, aggregates: bool) -> Clip:
    """`aggregates`: small NAL units share a packet, STAP-A or AP."""
    ready = tuple(tuple(packets(codec, unit, aggregates=aggregates) for unit in gop) for gop in gops)
    size = sum(len(each.wire) * (1 + each.is_key) for gop in ready for each in gop)
    return Clip(codec, tuple(n for n in ready[0][0].nals if is_parameter_set(codec, n)), ready, size)


def packets(codec: Codec, unit: Unit, *, aggregates: bool) -> Packets:
    nals = tuple(nal for nal in split(unit.data) if kind(codec, nal) != _DELIMITER[codec])
    return pack(codec, unit.is_key, unit.at_s, unit.ticks, nals, aggregates=aggregates)


def pack(
    codec: Codec, is_key: bool, at_s: float, ticks: int, nals: Sequence[bytes], *, aggregates: bool
) -> Packets:
    payloads = list(_payloads(codec, nals, aggregates))
    wire, starts = bytearray(), []
    for number, payload in enumerate(payloads, 1):
        starts.append(len(wire))
        wire += frame(payload, is_last=number == len(payloads))
    return Packets(is_key, at_s, ticks, bytes(wire), tuple(starts), tuple(nals) if is_key else ())


def frame(payload: bytes, *, is_last: bool) -> bytes:
    kind_ = PAYLOAD_TYPE | (MARKER if is_last else 0)
    return struct.pack(">BBHBBHII", 0x24, 0, HEADER + len(payload), 0x80, kind_, 0, 0, 0) + payload


def stamp(
    wire: bytearray, starts: Sequence[int], channel: int, sequence: int, ticks: int, *, ssrc: int
) -> None:
    """One watcher's channel, sequence numbers, time and source, into a copy of a picture's packets."""
    ticks &= 0xFFFFFFFF
    for start in starts:
        wire[start + 1] = channel
        struct.pack_into(">HII", wire, start + 6, sequence & 0xFFFF, ticks, ssrc)
        sequence += 1


# --- NAL units ---
def split(data: bytes) -> Iterator[bytes]:
    """Annex B to NAL units: ITU-T H.264, annex B."""
    for piece in data.split(_START_CODE):
        nal = piece.rstrip(b"\0")  # a NAL unit never ends with a zero; these belong to the next start code
        if nal:
            yield nal


def kind(codec: Codec, nal: bytes) -> int:
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F


def is_parameter_set(codec: Codec, nal: bytes) -> bool:
    return kind(codec, nal) in _PARAMETER_SETS[codec]


def is_slice(codec: Codec, nal: bytes) -> bool:
    """A part of the picture itself."""
    return kind(codec, nal) in range(1, 6) if codec == "h264" else kind(codec, nal) < 32


# --- payloads ---
def _payloads(codec: Codec, nals: Sequence[bytes], aggregates: bool) -> Iterator[bytes]:
    waiting: list[bytes] = []
    for nal in nals:
        if aggregates and sum(len(each) + 2 for each in [*waiting, nal]) + 2 <= MTU:
            waiting.append(nal)
            continue
        yield from _together(codec, waiting)
        waiting = []
        if len(nal) <= MTU:
            yield nal
        else:
            yield from fragments(codec, nal)
    yield from _together(codec, waiting)


def _together(codec: Codec, nals: Sequence[bytes]) -> Iterator[bytes]:
    if len(nals) < 2:
        yield from nals
        return
    sized = b"".join(struct.pack(">H", len(nal)) + nal for nal in nals)
    if codec == "h264":  # the highest importance of those in it
        yield bytes((max(nal[0] & 0x60 for nal in nals) | STAP_A,)) + sized
    else:  # layer 0, and the lowest temporal id
        yield bytes((AP << 1, min(nal[1] & 7 for nal in nals))) + sized


def fragments(codec: Codec, nal: bytes) -> Iterator[bytes]:
    """FU-A or FU: the NAL unit's header goes into that of each fragment."""
    if codec == "h264":
        head, kind_, body = bytes((nal[0] & 0xE0 | FU_A,)), nal[0] & 0x1F, nal[1:]
    else:
        head, kind_, body = bytes((nal[0] & 0x81 | FU << 1, nal[1])), nal[0] >> 1 & 0x3F, nal[2:]
    room = MTU - len(head) - 1
    for at in range(0, len(body), room):
        begins = 0x80 if at == 0 else 0
        ends = 0x40 if at + room >= len(body) else 0
        yield head + bytes((begins | ends | kind_,)) + body[at : at + room]


# --- RTCP ---
def sender_report(ssrc: int, wall_s: float, ticks: int, count: int, octets: int) -> bytes:
    """RFC 3550 §6.4.1 and §6.5, which go together: who sends, at what time, how much so far."""
    ntp = int((wall_s + 2_208_988_800) * 2**32) & 0xFFFFFFFFFFFFFFFF  # seconds from 1900
    counts = (ticks & 0xFFFFFFFF, count & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    report = struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc, ntp, *counts)
    name = b"camera"
    chunk = struct.pack(">IBB", ssrc, 1, len(name)) + name + b"\0"
    chunk += bytes(-len(chunk) % 4)
    return report + struct.pack(">BBH", 0x81, 202, len(chunk) // 4) + chunk


def bye(ssrc: int) -> bytes:
    """RFC 3550 §6.6."""
    return struct.pack(">BBHI", 0x81, 203, 1, ssrc)
